import { appendFileSync, closeSync, fstatSync, ftruncateSync, openSync, readSync, statSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { attemptFiles } from './attempt-files.ts';

const keptTailBytes = 64 * 1024;

/**
 * Cuts a log that outgrew its limit: the first half of the limit and the last lines stay. Called by the runner a few
 * times a second, so a flood takes disk for a moment at most. Nothing else of the runner happens between reading the
 * end and cutting it off, so that what is lost unseen is what was written in those microseconds.
 */
export function cutLog(file: string, limitBytes: number): boolean {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= limitBytes) return false;
  const head = Math.floor(limitBytes / 2);
  const tail = Math.min(keptTailBytes, Math.floor(limitBytes / 4));
  const log = openSync(file, 'r+');
  try {
    const start = fstatSync(log).size - tail;
    // With room for what is being written meanwhile.
    const last = Buffer.alloc(tail + keptTailBytes);
    const read = readSync(log, last, 0, last.length, start);
    ftruncateSync(log, head);
    const note = `\n[watchtower: ${start - head} bytes of the log were dropped here]\n`;
    // With O_APPEND, as the trainer's own: wherever the end is by now, nobody writes over anybody.
    appendFileSync(file, Buffer.concat([Buffer.from(note), last.subarray(0, read)]));
    return true;
  } finally {
    closeSync(log);
  }
}

/** The last bytes of a log, from the start of a line where there is one. */
export async function logTail(file: string, bytes = 4096): Promise<string> {
  const size = await sizeOf(file);
  if (size === 0) return '';
  const log = await open(file, 'r');
  try {
    const start = Math.max(0, size - bytes);
    const { buffer, bytesRead } = await log.read(Buffer.alloc(size - start), 0, size - start, start);
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    const line = text.indexOf('\n');
    return start > 0 && line >= 0 && line < text.length - 1 ? text.slice(line + 1) : text;
  } finally {
    await log.close();
  }
}

export interface LogReader {
  /** Reads what was added since the last call. */
  read(): Promise<{ readonly lines: number; readonly last_line: string; readonly changed_at: number }>;
}

/** Counts a log's lines as they come, without reading any of it twice. */
export function followLog(folder: string): LogReader {
  const file = path.join(folder, attemptFiles.log);
  let offset = 0;
  let lines = 0;
  let last = '';
  let partial = '';
  return {
    read: async () => {
      const found = await stat(file).catch(() => null);
      if (!found) return { lines, last_line: last, changed_at: 0 };
      // Cut meanwhile: go on at its new end.
      if (found.size < offset) offset = found.size;
      const log = await open(file, 'r');
      try {
        const chunk = Buffer.alloc(256 * 1024);
        for (;;) {
          const { bytesRead } = await log.read(chunk, 0, chunk.length, offset);
          if (bytesRead === 0) break;
          offset += bytesRead;
          const [first = '', ...rest] = chunk.subarray(0, bytesRead).toString('utf8').split('\n');
          const whole = [partial + first, ...rest];
          partial = (whole.pop() ?? '').slice(-2_000);
          lines += whole.length;
          last = whole.findLast((line) => line.trim() !== '') ?? last;
        }
      } finally {
        await log.close();
      }
      return { lines, last_line: last.trim().slice(0, 500), changed_at: found.mtimeMs };
    },
  };
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
