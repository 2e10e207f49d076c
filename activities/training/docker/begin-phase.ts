import type { Environment, ModelDefinition } from '@watchtower/contracts';
import type { AttemptLedger } from '../attempt-ledger.ts';
import type { AttemptKey } from '../trainer.ts';
import { limitsOf, mlflowRunLabel, phaseContainer, phaseName, workspaceName } from './container-spec.ts';
import { type Engine, unavailable } from './engine.ts';
import { type Phase, phaseVariables } from './phases.ts';

export interface DockerContext {
  readonly engine: Engine;
  readonly ledger: AttemptLedger;
  readonly environment: Environment;
}

/**
 * Makes a phase's container and runs it, unless that was done. Whether it may begin is asked in between: who stops the
 * training, or stores the attempt's end, says so first and removes containers then, so one of the two finds the other.
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
  if (!(await ledger.mayBegin(key))) {
    await engine.remove(name);
    return 'stopped';
  }
  const problem = await engine.start(name);
  // Mostly it stands in the container's state, which is what ends the attempt.
  const state = problem && (await engine.inspect(name));
  if (problem && state?.status === 'created' && state.error === '')
    throw unavailable(engine.address, `start ${name}`, new Error(problem.message));
  return 'begun';
}
