import { z } from 'zod';

const unitMilliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof unitMilliseconds;

/** A hundred years: a moment so far from now is still one that a date can tell. */
const longest = 36_500 * unitMilliseconds.d;

/** A length of time as people write it: `500ms`, `30s`, `10m`, `72h`, `30d`. */
export const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'a whole number with ms, s, m, h or d, such as 30s or 72h')
  .refine((value) => !(toMilliseconds(value) > longest), 'at most a hundred years, 36500d')
  .brand<'Duration'>();
export type Duration = z.infer<typeof duration>;

/** @returns milliseconds, a non-negative integer */
export function milliseconds(value: Duration): number {
  const length = toMilliseconds(value);
  if (Number.isNaN(length)) throw new RangeError(`"${value}" is not a duration such as 30s or 72h`);
  return length;
}

/** NaN where the text is no duration. */
function toMilliseconds(text: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  return match ? Number(match[1]) * unitMilliseconds[match[2] as Unit] : Number.NaN;
}
