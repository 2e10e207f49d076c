import { open } from 'node:fs/promises';
import { unreadable } from './data-failures.ts';
import type { FileFormat } from './file-format.ts';

/** Bytes of a file that are looked at: more than any mark of a format takes. */
const bytes = 4096;

/**
 * Refuses what DuckDB would take for something else: files without a byte, text that is not UTF-8 (it would read UTF-16 as
 * columns with zeros in their names), bytes that are no text, and JSON that is not one object a line.
 *
 * @throws WatchtowerError `DataFileUnreadable`
 */
export async function lookAtStart(files: readonly string[], format: FileFormat): Promise<void> {
  for (const file of files) {
    const start = await startOf(file);
    if (start === null) continue;
    const why = start.length === 0 ? 'it is empty (0 bytes)' : complaint(start, file, format);
    if (why !== null) throw unreadable(file, why);
  }
}

/** Null where it cannot be opened: DuckDB says why. */
async function startOf(file: string): Promise<Buffer | null> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return null;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function complaint(start: Buffer, file: string, format: FileFormat): string | null {
  if (format === 'parquet' || /\.gz$/i.test(file)) return null;
  if (isUtf16(start)) {
    return 'it is UTF-16 text, and only UTF-8 is read; convert it, for instance by "iconv -f UTF-16 -t UTF-8"';
  }
  if (start.includes(0)) return 'it holds bytes of 0 and is no text';
  const first = start
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()[0];
  if (format !== 'jsonl' || first === undefined || first === '{') return null;
  return first === '['
    ? 'it is a JSON array, and JSON Lines are read: one object a line, without brackets and commas around them'
    : 'its first line is no JSON object';
}

/** By its mark, or by the zeros that every other byte of Latin letters and digits is. */
function isUtf16(start: Buffer): boolean {
  const mark = start.subarray(0, 2).toString('hex');
  if (mark === 'fffe' || mark === 'feff') return true;
  const zeros = [0, 0];
  for (const [i, byte] of start.entries()) if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  return Math.max(even, odd) > start.length / 4 && Math.min(even, odd) === 0;
}
