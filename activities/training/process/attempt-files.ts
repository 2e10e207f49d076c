import { link, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { stopReason } from '../stop-reason.ts';

/**
 * An attempt's folder is its whole memory: whoever looks into it, in whichever process, comes to the same conclusion.
 *
 * request.json  what the trainer reads
 * order.json    what the runner does
 * claim.json    who runs it, or a tombstone: linked into place once, never replaced
 * stop.json     why it was stopped, written before it is killed
 * exit.json     how it ended
 * log.txt       what it wrote
 */
export const attemptFiles = {
  request: 'request.json',
  order: 'order.json',
  claim: 'claim.json',
  stop: 'stop.json',
  exit: 'exit.json',
  log: 'log.txt',
} as const;

export const order = z.object({
  command: z.array(z.string()).min(1),
  working_directory: z.string(),
  timeout_ms: z.number().min(0),
  /** Of all its processes together; null where there is no limit. */
  memory_limit_bytes: z.int().min(1).nullable().default(null),
  /** The log is cut when it grows past this. */
  log_limit_bytes: z.int().min(1),
});
export type Order = z.infer<typeof order>;

export const claim = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('runner'),
    host: z.string(),
    /** Changes with each start of the machine; empty where it can't be told. */
    boot_id: z.string(),
    /** The runner's, and so the id of its process group. */
    pid: z.int(),
    /** The process's own start time as the system tells it: with the pid it names a process for good. */
    process_started: z.string(),
    at: z.string(),
  }),
  z.object({ kind: z.literal('tombstone'), at: z.string() }),
]);
export type Claim = z.infer<typeof claim>;
export type RunnerClaim = Extract<Claim, { kind: 'runner' }>;

export const stop = z.object({ reason: stopReason, at: z.string() });

export const exit = z.object({
  code: z.int().nullable(),
  signal: z.string().nullable(),
  /** Why the program could not be started. */
  error: z.string().nullable(),
  seconds: z.number(),
  at: z.string(),
});
export type Exit = z.infer<typeof exit>;

/** The file's content, or null where it is not there. Files appear whole, so what is there can be read. */
export async function readRecord<T>(folder: string, name: string, shape: z.ZodType<T>): Promise<T | null> {
  const text = await readFile(path.join(folder, name), 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  });
  return text === null ? null : shape.parse(JSON.parse(text));
}

/** Writes the file whole, over one that is there. */
export async function writeRecord(folder: string, name: string, content: unknown): Promise<void> {
  const aside = await writeAside(folder, name, content);
  await rename(aside, path.join(folder, name));
}

/** Puts a whole file into place where there is none: of several at once exactly one gets `true`. */
export async function linkRecord(folder: string, name: string, content: unknown): Promise<boolean> {
  const aside = await writeAside(folder, name, content);
  try {
    await link(aside, path.join(folder, name));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

let written = 0;
async function writeAside(folder: string, name: string, content: unknown): Promise<string> {
  written += 1;
  const aside = path.join(folder, `.${name}.${process.pid}.${written}`);
  await writeFile(aside, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  const file = await open(aside, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  return aside;
}
