import { modelName, runId, runStatus, WatchtowerError } from '@watchtower/contracts';
import { v5 } from 'uuid';
import type { ActivityContext } from '../context.ts';
import type { RunActivities, WaitingActivities } from '../interfaces/runs.ts';
import { createMlflowClient } from '../mlflow/mlflow-client.ts';
import { readAlias, setAlias } from '../mlflow/registry.ts';
import { activityWatch } from '../progress.ts';
import { acceptRun } from './accept-run.ts';
import type { AliasRegistry } from './alias-registry.ts';
import { awaitWorkflow } from './await-workflow.ts';
import { summaryOfClosed } from './closed-summary.ts';
import { readCurrentDefinition } from './definitions.ts';
import { openRun } from './open-run.ts';
import { readPerformance } from './read-performance.ts';
import { readTraining } from './read-training.ts';
import { settlePromotion } from './settle-promotion.ts';
import { sweep } from './sweep/index.ts';

/** Namespace of the run ids that are derived from a Schedule's trigger. */
const scheduledRuns = '6f3a8a52-4f0e-4c39-9d3c-0f6f2f1c6c51';

export function createRunActivities(context: ActivityContext): RunActivities {
  const { database, environment, temporal: client, artifacts } = context;
  const mlflow = createMlflowClient(environment);
  const registry: AliasRegistry = {
    aliasVersion: async (name, alias) => (await readAlias(mlflow, name, alias))?.version ?? null,
    setAlias: (name, alias, version) => setAlias(mlflow, name, alias, version),
  };
  return {
    openRun: ({ run_id }) => openRun(database, environment, run_id),

    acceptScheduledRun: async ({ model, trigger, triggered_at }) => {
      const { definition } = await readCurrentDefinition(database, model);
      const { schedule } = definition;
      if (!schedule) {
        throw new WatchtowerError('InvalidDefinition', `Model "${model}" has no schedule any more.`);
      }
      const row = await acceptRun(database, {
        run_id: runId.parse(v5(trigger, scheduledRuns)),
        model: modelName.parse(model),
        trigger_source: 'schedule',
        dry_run: schedule.dry_run,
        data_window_id: schedule.window,
        triggered_at,
      });
      return { run_id: runId.parse(row.id), dry_run: row.dry_run };
    },

    readPerformance: ({ context, champion_version }) =>
      readPerformance(database, context.definition, { run_id: context.run_id, champion_version }),

    readRunStatus: async ({ run_id }) => {
      const run = await database.run.findUnique({ where: { id: run_id }, select: { status: true } });
      if (!run) throw new WatchtowerError('RunNotFound', `There is no run ${run_id}.`);
      return { status: runStatus.parse(run.status) };
    },

    sweepRuns: ({ from }) => sweep({ client, database, artifacts, registry }, from),
    readTraining: ({ run_id }) => readTraining(database, run_id),
    settlePromotion: ({ run_id }) => settlePromotion(registry, database, run_id),
    summariseClosed: (input) => summaryOfClosed(database, input),
  };
}

export function createWaitingActivities({ temporal }: ActivityContext): WaitingActivities {
  return {
    awaitWorkflow: async ({ workflow_id }) => ({
      state: await awaitWorkflow(temporal, workflow_id, activityWatch()),
    }),
  };
}
