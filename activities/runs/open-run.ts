import {
  type Environment,
  isTerminal,
  modelName,
  type RunId,
  runStatus,
  triggerSource,
  WatchtowerError,
} from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import { policyVersion } from '@watchtower/policy';
import type { RunContext } from '../interfaces/run-context.ts';
import { reasonerSettings } from '../reasoning/settings.ts';
import { readDefinition } from './definitions.ts';
import { resolveWindows } from './resolve-windows.ts';

/**
 * Everything of a run that must not change while it goes on: the definition and the windows as they were accepted,
 * the policy as it is when the run begins.
 *
 * @throws WatchtowerError `RunNotFound`, `RunFinished`
 */
export async function openRun(
  database: Database,
  environment: Environment,
  runId: RunId,
): Promise<RunContext> {
  await database.run.updateMany({
    where: { id: runId, policy_version: null, status: 'accepted' },
    data: { policy_version: policyVersion },
  });
  const run = await database.run.findUnique({ where: { id: runId } });
  if (!run) {
    throw new WatchtowerError(
      'RunNotFound',
      `There is no run ${runId}. Start runs through the gateway or the CLI.`,
    );
  }
  if (isTerminal(runStatus.parse(run.status))) {
    throw new WatchtowerError('RunFinished', `Run ${runId} has already ended as ${run.status}.`);
  }
  const { definition, version, digest } = await readDefinition(database, run.model, run.definition_version);
  const triggered_at = run.triggered_at.toISOString();
  return {
    run_id: runId,
    model: modelName.parse(run.model),
    definition,
    definition_version: version,
    definition_digest: digest,
    policy_version: run.policy_version ?? policyVersion,
    dry_run: run.dry_run,
    trigger_source: triggerSource.parse(run.trigger_source),
    triggered_at,
    ...resolveWindows(definition, run.data_window_id, triggered_at),
    reasoner: reasonerSettings(environment, definition.reasoner),
  };
}
