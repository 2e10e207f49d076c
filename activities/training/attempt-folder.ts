import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { AttemptKey } from './trainer.ts';

const pattern = /^attempt-(\d+)$/;

export interface AttemptFolder {
  readonly folder: string;
  readonly attempt: number;
}

export function attemptFolder(workspace: string, { training_id, attempt }: AttemptKey): string {
  return path.resolve(workspace, 'trainings', training_id, `attempt-${attempt}`);
}

/** The folders of a training's attempts, in their order. */
export async function listAttempts(workspace: string, trainingId: string): Promise<readonly AttemptFolder[]> {
  const training = path.resolve(workspace, 'trainings', trainingId);
  const found = (await namesIn(training)).flatMap((name) => {
    const number = pattern.exec(name)?.[1];
    return number === undefined ? [] : [{ folder: path.join(training, name), attempt: Number(number) }];
  });
  return found.toSorted((a, b) => a.attempt - b.attempt);
}

/** The folders of all attempts in a workspace. */
export async function listAllAttempts(workspace: string): Promise<readonly AttemptFolder[]> {
  const trainings = await namesIn(path.resolve(workspace, 'trainings'));
  return (await Promise.all(trainings.map((id) => listAttempts(workspace, id)))).flat();
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code)))
      return [];
    throw error;
  });
}
