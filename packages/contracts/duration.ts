import { z } from 'zod';

const unitMilliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof unitMilliseconds;

/** A length of time as people write it: `500ms`, `30s`, `10m`, `72h`, `30d`. */
export const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, 'a whole number with ms, s, m, h or d, such as 30s or 72h')
  .brand<'Duration'>();
export type Duration = z.infer<typeof duration>;

/** @returns milliseconds, a non-negative integer */
export function milliseconds(value: Duration): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(value);
  if (!match) throw new RangeError(`"${value}" is not a duration such as 30s or 72h`);
  return Number(match[1]) * unitMilliseconds[match[2] as Unit];
}
