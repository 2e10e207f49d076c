/** Bytes of a log that an answer carries. */
export const tailBytes = 4096;

/** The last lines of a log, at most 4 KiB; a longer last line is cut. */
export function tailOf(log: Buffer): string {
  if (log.length <= tailBytes) return log.toString('utf8');
  const text = log.subarray(log.length - tailBytes).toString('utf8');
  const line = text.indexOf('\n');
  return line >= 0 && line < text.length - 1 ? text.slice(line + 1) : text;
}
