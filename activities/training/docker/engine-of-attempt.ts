import { type AttemptHandle, WatchtowerError } from '@watchtower/contracts';
import type { AttemptKey } from '../trainer.ts';

/** Containers of another engine can't be seen from here: what is not found is not gone. */
export function assertOwnEngine(
  { training_id, attempt }: AttemptKey,
  handle: AttemptHandle,
  own: { readonly id: string; readonly host: string },
): void {
  if (handle.trainer === 'docker' && handle.engine === own.id) return;
  const where =
    handle.trainer === 'docker' ? `the Docker engine of ${handle.host}` : `the trainer ${handle.trainer}`;
  throw new WatchtowerError(
    'TrainerUnavailable',
    `Attempt ${attempt} of ${training_id} belongs to ${where}, and this worker's engine is that of ${own.host}. It is tried again; run a worker with DOCKER_HOST set to the other one.`,
  );
}
