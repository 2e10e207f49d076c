import { reasoningUsage, type Step, type TokenUsage, turnMark } from '@watchtower/contracts';
import type {
  ApprovalModel,
  DriftReportModel,
  EvaluationModel,
  PromotionModel,
  RunModel,
  TrainingModel,
} from '@watchtower/database';

type RunRow = Pick<
  RunModel,
  'status' | 'outcome' | 'drift_detected' | 'retrained' | 'evaluated' | 'promoted' | 'urgency' | 'reasoning'
> & {
  readonly approval: Pick<ApprovalModel, 'status' | 'decided_by' | 'evidence_digest'> | null;
  readonly promotion: Pick<PromotionModel, 'status' | 'version'> | null;
  readonly training: Pick<TrainingModel, 'version'> | null;
  readonly evaluation: Pick<EvaluationModel, 'outcome' | 'evidence_digest' | 'challenger_version'> | null;
  readonly drift_report: Pick<DriftReportModel, 'artifact'> | null;
};

/**
 * Where an ended run's rows say something else than its steps: the steps are proved by their hashes, the rows
 * are not. The last step tells status and outcome, `approval_decided` the decision, `promotion_settled` the
 * promotion, and the record of each act its flag.
 */
export function rowProblems(
  run: RunRow,
  steps: readonly Step[],
): { readonly compared: number; readonly problems: readonly string[] } {
  const end = steps.at(-1);
  // After a reset of the workflow people are asked anew: only what they said since then counts.
  const asked = steps.slice(Math.max(0, lastIndex(steps, 'approval_requested')));
  const claims: readonly Claim[] = [
    ['status', run.status, text(end, 'status')],
    ['outcome', run.outcome ?? undefined, text(end, 'outcome')],
    // Where the run ended while it asked, nobody is asked any more.
    ['approval', run.approval?.status, stateOf(asked, 'approval_decided', 'approval_requested', 'void')],
    [
      'promotion',
      run.promotion?.status,
      stateOf(steps, 'promotion_settled', 'promotion_intended', 'intended'),
    ],
    ['decider', run.approval?.decided_by ?? undefined, text(lastDecision(asked), 'actor')],
    [
      'approved evidence',
      run.approval?.evidence_digest,
      text(last(steps, 'approval_requested'), 'evidence_digest'),
    ],
    ['promoted version', run.promotion?.version, text(last(steps, 'promotion_intended'), 'version')],
    ['trained version', run.training?.version ?? undefined, text(last(steps, 'training_settled'), 'version')],
    // These rows are written by activities of their own; a workflow that was ended before their step leaves them alone.
    ...claimsOf(last(steps, 'drift_measured'), [
      ['drift report', run.drift_report?.artifact, 'report_digest'],
    ]),
    ...claimsOf(last(steps, 'evaluated'), [
      ['evaluation', run.evaluation?.evidence_digest, 'evidence_digest'],
      ['evaluation outcome', run.evaluation?.outcome, 'outcome'],
    ]),
    ['urgency', run.urgency ?? undefined, text(lastUrgency(steps), 'urgency')],
    ['tokens', tokensOfRow(run.reasoning), tokensOfSteps(steps)],
    flag('drift_detected', run.drift_detected, steps.some(tellsDrift)),
    flag('retrained', run.retrained, steps.some(settledAs('training_settled', 'succeeded'))),
    flag('evaluated', run.evaluated, last(steps, 'evaluated') !== undefined),
    flag('promoted', run.promoted, steps.some(settledAs('promotion_settled', 'promoted'))),
  ];
  const problems = claims
    .filter(([, row, told]) => row !== told)
    .map(
      ([what, row, told]) =>
        `the row says ${what} is ${row ?? 'nothing'}, the steps say ${told ?? 'nothing'}`,
    );
  return { compared: claims.length, problems };
}

/** The verdict's, until a decision raised it. */
const lastUrgency = (steps: readonly Step[]) => last(steps, 'retraining_decided') ?? last(steps, 'verdict');

const total = ({ input, output, cache_read, cache_write }: TokenUsage): number =>
  input + output + cache_read + cache_write;

function tokensOfRow(row: RunModel['reasoning']): string {
  const usage = reasoningUsage.safeParse(row);
  return String(usage.success ? total(usage.data.tokens) : 0);
}

/** Each step of a turn tells the tokens of the whole turn. */
function tokensOfSteps(steps: readonly Step[]): string {
  const turns = new Map<number, number>();
  for (const { payload } of steps) {
    const mark = turnMark.safeParse(payload.turn);
    if (mark.success) turns.set(mark.data.number, total(mark.data.tokens));
  }
  return String([...turns.values()].reduce((sum, tokens) => sum + tokens, 0));
}

const last = (steps: readonly Step[], name: string) => steps.findLast((step) => step.name === name);
const lastIndex = (steps: readonly Step[], name: string) => steps.findLastIndex((step) => step.name === name);

/** What is claimed, what the row says, what the steps say. */
type Claim = readonly [string, string | undefined, string | undefined];

const claimsOf = (
  step: Step | undefined,
  claims: readonly (readonly [string, string | undefined, string])[],
): readonly Claim[] =>
  step === undefined ? [] : claims.map(([what, row, key]) => [what, row, text(step, key)]);

/** The decision itself; a later step may only have made it void. */
const lastDecision = (steps: readonly Step[]) =>
  steps.findLast((step) => step.name === 'approval_decided' && text(step, 'status') !== 'void');

const text = (step: Step | undefined, key: string): string | undefined => {
  const value = step?.payload[key];
  return typeof value === 'string' ? value : undefined;
};

/** What the newest settling step says; without one, what became of a thing that was only begun, if it was. */
function stateOf(
  steps: readonly Step[],
  settled: string,
  begun: string,
  unsettled: string,
): string | undefined {
  const told = last(steps, settled);
  if (told) return text(told, 'status');
  return last(steps, begun) ? unsettled : undefined;
}

const settledAs = (name: string, status: string) => (step: Step) =>
  step.name === name && text(step, 'status') === status;

function tellsDrift({ name, payload }: Step): boolean {
  const { dataset } = payload;
  return (
    name === 'drift_measured' &&
    typeof dataset === 'object' &&
    dataset !== null &&
    'drift_detected' in dataset &&
    dataset.drift_detected === true
  );
}

const flag = (name: string, row: boolean, told: boolean) =>
  [`flag "${name}"`, String(row), String(told)] as const;
