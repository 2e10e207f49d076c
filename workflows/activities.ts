import { type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import type {
  AuditActivities,
  DriftActivities,
  EvaluationActivities,
  LeaseActivities,
  MlflowActivities,
  ReasoningActivities,
  RunActivities,
  TrainingActivities,
  WaitingActivities,
} from '@watchtower/activities';
import { taskQueues } from '@watchtower/contracts';

/** An outage is waited out for a day; what cannot be mended by waiting is non-retryable and fails at once. */
const patient = {
  scheduleToCloseTimeout: '24h',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: '15s' },
} as const satisfies ActivityOptions;

const short = { ...patient, taskQueue: taskQueues.main, startToCloseTimeout: '30s' } as const;

export const audit = proxyActivities<AuditActivities>(short);
export const runs = proxyActivities<RunActivities>(short);
export const leases = proxyActivities<LeaseActivities>({ ...short, startToCloseTimeout: '60s' });
export const reasoning = proxyActivities<ReasoningActivities>({ ...short, startToCloseTimeout: '3m' });

/** MLflow may have to show many files; it heartbeats while it reads them. */
export const mlflow = proxyActivities<Omit<MlflowActivities, 'openTraining'>>({
  ...patient,
  taskQueue: taskQueues.main,
  startToCloseTimeout: '15m',
  heartbeatTimeout: '60s',
});

/** Reading, writing and scoring rows. */
const rows = {
  ...patient,
  taskQueue: taskQueues.data,
  startToCloseTimeout: '2h',
  heartbeatTimeout: '60s',
} as const;
export const drift = proxyActivities<DriftActivities>(rows);
export const evaluation = proxyActivities<EvaluationActivities>(rows);
export const opening = proxyActivities<Pick<MlflowActivities, 'openTraining'>>(rows);

/** How long a training may take is the definition's, and the trainer's runner enforces it; these outlive it. */
const long = {
  ...patient,
  scheduleToCloseTimeout: '30d',
  taskQueue: taskQueues.training,
  startToCloseTimeout: '30d',
  heartbeatTimeout: '20s',
} as const;
export const training = proxyActivities<TrainingActivities>(long);
export const waiting = proxyActivities<WaitingActivities>(long);
