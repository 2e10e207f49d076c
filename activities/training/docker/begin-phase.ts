import type { Environment, ModelDefinition } from '@watchtower/contracts';
import type { AttemptLedger } from '../attempt-ledger.ts';
import type { AttemptKey } from '../trainer.ts';
import { limitsOf, mlflowRunLabel, phaseContainer, phaseName, workspaceName } from './container-spec.ts';
import type { Engine } from './engine.ts';
import { type Phase, phaseVariables } from './phases.ts';

export interface DockerContext {
  readonly engine: Engine;
  readonly ledger: AttemptLedger;
  readonly environment: Environment;
}

/**
 * Makes a phase's container and runs it, unless that was done. Whether the training was stopped is asked in between: who
 * stops it says so first and looks for containers then, so one of the two finds the other.
 *
 * @returns `stopped` where nothing may begin any more; `begun` also where the workspace is gone, as the next look tells
 */
export async function beginPhase(
  { engine, ledger, environment }: DockerContext,
  key: AttemptKey,
  definition: ModelDefinition,
  phase: Phase,
): Promise<'begun' | 'stopped'> {
  const name = phaseName(key, phase.name);
  const workspace = await engine.inspect(workspaceName(key));
  const there = await engine.inspect(name);
  if (there && there.status !== 'created') return 'begun';
  if (!there && workspace) {
    const mlflow_run_id = workspace.labels[mlflowRunLabel] ?? '';
    const variables = phaseVariables(environment, definition, { mlflow_run_id }, phase);
    const limits = limitsOf(environment, definition);
    await engine.create(phaseContainer(key, phase, { image: workspace.image, variables, limits }));
  }
  if (await ledger.stopped(key.training_id)) {
    await engine.remove(name);
    return 'stopped';
  }
  // Why it did not start stands in its state, where there is a container at all.
  await engine.start(name);
  return 'begun';
}
