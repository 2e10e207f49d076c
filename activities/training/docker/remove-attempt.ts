import type { AttemptLedger } from '../attempt-ledger.ts';
import type { AttemptKey } from '../trainer.ts';
import { attemptLabel, phaseLabel, trainingLabel } from './container-spec.ts';
import type { Engine } from './engine.ts';

/** Below the heartbeat timeout of the activity that waits for it. */
const graceSeconds = 5;

/** Removes an attempt's containers and volumes, whatever state they are in. */
export function removeAttempt(engine: Engine, { training_id, attempt }: AttemptKey): Promise<number> {
  return removeLabelled(engine, [`${trainingLabel}=${training_id}`, `${attemptLabel}=${attempt}`]);
}

/** Stops and removes all of a training. @returns how many phases were running */
export function removeTraining(engine: Engine, trainingId: string): Promise<number> {
  return removeLabelled(engine, [`${trainingLabel}=${trainingId}`]);
}

/** The janitor: what belongs to trainings that our database holds as over. What it does not know may be another's. */
export async function removeSettled(engine: Engine, ledger: AttemptLedger): Promise<void> {
  const found = [...(await engine.list([trainingLabel])), ...(await engine.listVolumes([trainingLabel]))];
  const ids = new Set(found.flatMap(({ labels }) => labels[trainingLabel] ?? []));
  if (ids.size === 0) return;
  for (const id of await ledger.settled([...ids])) {
    // One container that the engine can't get rid of must not hold up all trainings there will ever be.
    await removeTraining(engine, id).catch(() => undefined);
  }
}

async function removeLabelled(engine: Engine, labels: readonly string[]): Promise<number> {
  const containers = await engine.list(labels);
  const phases = containers.filter((container) => container.labels[phaseLabel] !== 'workspace');
  const stopped = await Promise.all(
    phases.map(async ({ name, running }) => {
      const alive = running && (await engine.stop(name, graceSeconds));
      await engine.remove(name);
      return alive;
    }),
  );
  const workspaces = containers.filter((container) => container.labels[phaseLabel] === 'workspace');
  await Promise.all(workspaces.map(({ name }) => engine.remove(name)));
  await Promise.all((await engine.listVolumes(labels)).map(({ name }) => engine.removeVolume(name)));
  return stopped.filter(Boolean).length;
}
