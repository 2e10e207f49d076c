import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';

const keptBytes = 10 * 1024 * 1024;

/** Opens a service's log for appending; one that has grown past 10 MiB becomes `<name>.1` first. */
export function openLog(file: string): { readonly descriptor: number; readonly offset: number } {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > keptBytes) renameSync(file, `${file}.1`);
  const descriptor = openSync(file, 'a');
  return { descriptor, offset: fstatSync(descriptor).size };
}

/** What was written from `offset` on, of which the last `limit` bytes. */
export function readLog(file: string, offset: number, limit = 64 * 1024): string {
  const descriptor = openSync(file, 'r');
  try {
    const { size } = fstatSync(descriptor);
    const from = Math.max(offset, size - limit);
    const bytes = Buffer.alloc(Math.max(0, size - from));
    return bytes.toString('utf8', 0, readSync(descriptor, bytes, 0, bytes.length, from));
  } finally {
    closeSync(descriptor);
  }
}

/** The last lines, for a report of a crash. */
export const lastLines = (text: string, count = 15): readonly string[] =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(-count);
