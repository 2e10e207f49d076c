import { z } from 'zod';
import { columnRole, columnType } from './data-definition.ts';

/**
 * The file of a reference profile. Another version is another format: a reader refuses what it does not know. Arrays of
 * numbers are base64 of little-endian 64-bit floats. docs/reference/drift.md says what the parts mean.
 */
export const profileFormat = 'watchtower-drift-profile';
export const profileVersion = 1;

const rows = z.int().min(0);
const base = { name: z.string(), role: columnRole, missing: rows };

const numericColumnProfile = z.strictObject({
  ...base,
  type: columnType.extract(['numeric', 'discrete', 'datetime']),
  negative_infinities: rows,
  positive_infinities: rows,
  finite: rows,
  mean: z.number(),
  squares: z.number().min(0),
  low: z.number(),
  error: z.number().min(0).max(1),
  uppers: z.base64(),
  counts: z.base64(),
  sums: z.base64(),
});

const categoryColumnProfile = z.strictObject({
  ...base,
  type: columnType.extract(['categorical', 'boolean']),
  levels: z.array(z.string()),
  counts: z.array(rows),
  rest: z.strictObject({ levels: rows, rows }).optional(),
});

export const driftProfileFile = z.strictObject({
  format: z.literal(profileFormat),
  version: z.literal(profileVersion),
  rows,
  target: z.string().nullable(),
  columns: z.array(z.union([numericColumnProfile, categoryColumnProfile])),
});
export type DriftProfileFile = z.infer<typeof driftProfileFile>;
