import { evaluationReport, type PipelineState, retrainingDecision, verdict } from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import { advance, brokenOffSummary, initialState, type PipelineEvent } from '@watchtower/policy';
import { z } from 'zod';
import type { ClosedSummary, RunActivities } from '../interfaces/runs.ts';
import type { RetrainResult } from '../interfaces/training.ts';
import { readDefinition } from './definitions.ts';
import { readTraining } from './read-training.ts';

export interface ToldStep {
  readonly number: number;
  readonly name: string;
  readonly message: string;
  readonly payload: unknown;
}

interface ClosedRun {
  readonly dry_run: boolean;
  readonly approval_required: PipelineState['approval_required'];
  /** What its log says of its training; `unsettled` where it began one and says nothing. */
  readonly training: RetrainResult | 'unsettled' | null;
}

const telling = ['champion_read', 'drift_measured', 'verdict', 'retraining_decided', 'evaluated'];

/**
 * The summary of a run whose workflow runs no code any more, of what its steps say happened; null where it had no verdict
 * yet, so that nobody had begun to reason. Read only.
 */
export async function summaryOfClosed(
  database: Database,
  { run_id, ending }: Parameters<RunActivities['summariseClosed']>[0],
): Promise<ClosedSummary | null> {
  const run = await database.run.findUniqueOrThrow({ where: { id: run_id }, include: { training: true } });
  const steps = await database.step.findMany({
    where: { run_id, name: { in: [...telling, 'promotion_settled'] } },
    orderBy: { number: 'asc' },
    select: { number: true, name: true, message: true, payload: true },
  });
  if (!steps.some(({ name }) => name === 'verdict')) return null;
  const { definition } = await readDefinition(database, run.model, run.definition_version);
  const told = whatHappened(steps, {
    dry_run: run.dry_run,
    approval_required: definition.approval.required,
    training: (await readTraining(database, run_id)) ?? (run.training && 'unsettled'),
  });
  return told && brokenOffSummary(ending, told.state, told.cites);
}

/** A run's state and the steps of its evidence, by what it wrote. Exported for tests. */
export function whatHappened(
  steps: readonly ToldStep[],
  { dry_run, approval_required, training }: ClosedRun,
): { readonly state: PipelineState; readonly cites: readonly number[] } | null {
  const last = (name: string) => steps.findLast((step) => step.name === name);
  const judged = last('verdict');
  const read = verdict.safeParse(judged?.payload);
  if (judged === undefined || !read.success) return null;
  const events = [trainingEvent(training), promotionEvent(last('promotion_settled'))];
  // Before the last verdict stands what an execution decided and compared that was reset since.
  for (const step of steps.filter(({ number }) => number > judged.number)) events.push(eventOf(step));
  const begun = initialState({ dry_run, approval_required, verdict: read.data });
  return {
    state: events.reduce((state, event) => (event === null ? state : advance(state, event)), begun),
    cites: ['champion_read', 'drift_measured', 'verdict'].flatMap((name) => last(name)?.number ?? []),
  };
}

function trainingEvent(training: ClosedRun['training']): PipelineEvent | null {
  if (training === null) return null;
  if (training === 'unsettled') {
    return { type: 'training_failed', code: 'TrainingCancelled', detail: 'It was stopped with its run.' };
  }
  switch (training.status) {
    case 'succeeded':
      return { type: 'training_succeeded', version: training.version };
    case 'refused':
      return { type: 'training_refused', reason: training.reason, detail: training.detail };
    case 'failed':
    case 'cancelled':
      return { type: 'training_failed', code: training.failure.code, detail: training.failure.message };
  }
}

const settled = z.object({
  status: z.enum(['promoted', 'superseded', 'failed']),
  version: z.string(),
  code: z.string().default('Internal'),
});

function promotionEvent(step: ToldStep | undefined): PipelineEvent | null {
  const read = settled.safeParse(step?.payload);
  if (step === undefined || !read.success) return null;
  const { status, version, code } = read.data;
  const detail = step.message;
  return status === 'failed'
    ? { type: 'promotion_failed', version, code, detail }
    : { type: 'promotion_ended', status, version, detail };
}

function eventOf({ name, payload }: ToldStep): PipelineEvent | null {
  if (name === 'retraining_decided') {
    const read = retrainingDecision.safeParse(payload);
    return read.success ? { type: 'decided', decision: read.data } : null;
  }
  if (name !== 'evaluated') return null;
  const read = evaluationReport.safeParse(payload);
  if (!read.success) return null;
  const { challenger, outcome, gates, improvement } = read.data;
  return { type: 'evaluated', version: challenger.version, outcome, gates, improvement };
}
