import type { Client } from '@temporalio/client';
import {
  type Digest,
  digest,
  isTerminal,
  type RunId,
  runStatus,
  type Step,
  WatchtowerError,
} from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import type { ArtifactStore } from './artifact-store.ts';
import { chainProblems } from './chain.ts';
import { fetchHistories, type RunHistory, readExportedHistories } from './histories.ts';
import { type HistoricStep, recordedInHistory } from './recorded-in-history.ts';
import { rowProblems } from './row-problems.ts';
import { sameStep } from './same-step.ts';
import { stepFromRow } from './step-row.ts';

export interface AuditCheck {
  readonly ok: boolean;
  /** What was compared. */
  readonly compared: number;
  readonly problems: readonly string[];
}

export interface AuditReport {
  readonly run_id: RunId;
  readonly ok: boolean;
  readonly steps: number;
  readonly head_hash: Digest | null;
  /** The hash chain in Postgres, recomputed. */
  readonly chain: AuditCheck;
  /** Steps in Postgres against those in Temporal's history, both ways. */
  readonly history: AuditCheck & { readonly source: 'temporal' | 'export' };
  /** Rows of the read model against what the steps say. */
  readonly rows: AuditCheck;
}

const check = (compared: number, problems: readonly string[]): AuditCheck => ({
  ok: problems.length === 0,
  compared,
  problems,
});

/**
 * Proves a run's audit log, or says where it is broken.
 *
 * @throws WatchtowerError `RunNotFound`; `ArtifactMissing` where neither Temporal nor the artifact store has the history
 */
export async function verifyRun(
  parts: { readonly database: Database; readonly temporal: Client; readonly artifacts: ArtifactStore },
  runId: RunId,
): Promise<AuditReport> {
  const { database } = parts;
  const run = await database.run.findUnique({
    where: { id: runId },
    include: { approval: true, promotion: true, training: true, evaluation: true, drift_report: true },
  });
  if (!run)
    throw new WatchtowerError(
      'RunNotFound',
      `There is no run ${runId}. GET /pipeline/history lists the runs.`,
    );
  const rows = await database.step.findMany({ where: { run_id: runId }, orderBy: { number: 'asc' } });
  const steps = rows.map(stepFromRow);

  const { source, histories } = await historiesOf(parts, runId, run.history_artifact);
  const ended = isTerminal(runStatus.parse(run.status));
  const chain = check(steps.length, [...chainProblems(steps), ...headProblems(run, steps)]);
  const history = { source, ...compareWithHistory(runId, steps, histories) };
  const { compared, problems } = ended ? rowProblems(run, steps) : { compared: 0, problems: [] };
  const readModel = check(compared, problems);
  return {
    run_id: runId,
    ok: chain.ok && history.ok && readModel.ok,
    steps: steps.length,
    head_hash: steps.at(-1)?.hash ?? null,
    chain,
    history,
    rows: readModel,
  };
}

function headProblems(
  run: { head_number: number; head_hash: string | null },
  steps: readonly Step[],
): string[] {
  const last = steps.at(-1);
  if (run.head_number === steps.length && run.head_hash === (last?.hash ?? null)) return [];
  return [
    `the run's row names step ${run.head_number} as its last, the log ends with step ${last?.number ?? 0}`,
  ];
}

function compareWithHistory(
  runId: RunId,
  steps: readonly Step[],
  histories: readonly RunHistory[],
): AuditCheck {
  const historic = histories.flatMap((history) => recordedInHistory(runId, history));
  const reported = new Map(historic.filter((step) => step.hash !== null).map((step) => [step.number, step]));
  const numbers = new Set(steps.map((step) => step.number));
  const problems = steps.flatMap((step) => {
    const told = reported.get(step.number) ?? historic.find((each) => asksFor(each, step));
    if (!told) return [`step ${step.number} is not in Temporal's history`];
    if (told.hash !== null && told.hash !== step.hash)
      return [`step ${step.number} differs from Temporal's history`];
    return told.workflow_id === step.temporal.workflow_id && told.activity_id === step.temporal.activity_id
      ? []
      : [`step ${step.number} was written by ${told.workflow_id}, not by ${step.temporal.workflow_id}`];
  });
  const missing = [...reported.keys()].filter((number) => !numbers.has(number));
  return check(steps.length, [
    ...problems,
    ...missing.map((number) => `step ${number} of Temporal's history is missing in Postgres`),
  ]);
}

/** Whether a workflow that was ended while it wrote had asked for exactly this step. */
const asksFor = ({ draft }: HistoricStep, step: Step): boolean => draft !== null && sameStep(draft, step);

async function historiesOf(
  { database, temporal, artifacts }: Parameters<typeof verifyRun>[0],
  runId: RunId,
  artifact: string | null,
): Promise<{ source: 'temporal' | 'export'; histories: readonly RunHistory[] }> {
  const live = await fetchHistories(temporal, database, runId);
  if (live) return { source: 'temporal', histories: live };
  if (artifact)
    return { source: 'export', histories: await readExportedHistories(artifacts, digest.parse(artifact)) };
  throw new WatchtowerError(
    'ArtifactMissing',
    `Temporal no longer has the history of run ${runId}, and it was not exported.`,
  );
}
