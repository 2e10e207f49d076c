import type { Client } from '@temporalio/client';
import { runId, trainerName, trainingId, workflowIds } from '@watchtower/contracts';
import type { Database, RunModel, TrainingModel } from '@watchtower/database';
import pLimit from 'p-limit';
import type { StrayRun } from '../../interfaces/runs.ts';
import { workflowState } from '../workflow-state.ts';
import { endingOf } from './ending.ts';

const concurrent = 10;

type Candidate = RunModel & {
  readonly training: TrainingModel | null;
  readonly promotion: { status: string } | null;
};

/**
 * Runs that their rows call open although no workflow of theirs is: terminated, timed out or failed workflows run no
 * code of ours that could have closed them.
 */
export async function findStrays(
  client: Client,
  database: Database,
  now: number,
): Promise<{ strays: StrayRun[]; errors: string[] }> {
  const rows = await database.run.findMany({
    where: {
      status: { in: ['accepted', 'running', 'waiting_for_approval'] },
      triggered_at: { lt: new Date(now - 5_000) },
    },
    include: { training: true, promotion: { select: { status: true } } },
    orderBy: { triggered_at: 'asc' },
    take: 1_000,
  });
  const limit = pLimit(concurrent);
  const errors: string[] = [];
  const found = await Promise.all(
    rows.map((row) =>
      limit(() =>
        strayOf(client, row).catch((error: unknown) => {
          errors.push(`run ${row.id}: ${error instanceof Error ? error.message : String(error)}`);
          return null;
        }),
      ),
    ),
  );
  return { strays: found.filter((stray) => stray !== null), errors };
}

async function strayOf(client: Client, row: Candidate): Promise<StrayRun | null> {
  const id = runId.parse(row.id);
  const pipeline = await workflowState(client, workflowIds.pipeline(id));
  // An accepted run that Temporal does not know is to be started, not closed.
  if (pipeline === 'open' || (pipeline === 'absent' && row.status === 'accepted')) return null;
  const children = await Promise.all([
    workflowState(client, workflowIds.retrain(id)),
    workflowState(client, workflowIds.promotion(id)),
  ]);
  // A child holds the pen: it is asked to stop (retrain) or must finish (promotion) first.
  if (children.includes('open')) return null;
  return {
    run_id: id,
    ...endingOf(id, pipeline),
    open_training: openTraining(row.training),
    open_promotion: row.promotion?.status === 'intended',
  };
}

function openTraining(training: TrainingModel | null): StrayRun['open_training'] {
  if (training?.status !== 'opened' && training?.status !== 'running') return null;
  return {
    training_id: trainingId.parse(training.id),
    mlflow_run_id: training.mlflow_run_id,
    trainer: trainerName.parse(training.trainer),
  };
}
