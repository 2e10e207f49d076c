import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Bytes of a log that an answer carries. */
const tailBytes = 4096;

/**
 * What a trainer gathered of a log, as a file in the attempt's folder; nothing stays of one that can't be written whole.
 *
 * @returns the file, and the last lines
 */
export async function writeLog(
  folder: string,
  log: Buffer,
): Promise<{ readonly log_file: string; readonly log_tail: string }> {
  // A name of this observer's own: another, who was taken for dead, may be writing as well.
  const log_file = path.join(folder, `log.${randomUUID()}.txt`);
  await writeFile(log_file, log, { mode: 0o600 }).catch(async (error: unknown) => {
    await rm(log_file, { force: true });
    throw error;
  });
  return { log_file, log_tail: tailOf(log) };
}

/** The last lines of a log, at most 4 KiB; a longer last line is cut. */
function tailOf(log: Buffer): string {
  if (log.length <= tailBytes) return log.toString('utf8');
  const text = log.subarray(log.length - tailBytes).toString('utf8');
  const line = text.indexOf('\n');
  return line >= 0 && line < text.length - 1 ? text.slice(line + 1) : text;
}
