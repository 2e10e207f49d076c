import * as z from 'zod/mini';
import { columnRoles } from './column-kinds.ts';

/**
 * The file of a reference profile. Another version is another format: a reader refuses what it does not know. Arrays of
 * numbers are base64 of little-endian 64-bit floats. docs/reference/drift.md says what the parts mean.
 *
 * By Zod's small interface: the command that reads a profile would wait longer for all of Zod than for its rows.
 */
export const profileFormat = 'watchtower-drift-profile';
export const profileVersion = 1;

const rows = z.int().check(z.minimum(0));
const base = { name: z.string(), role: z.enum(columnRoles), missing: rows };

const numericColumnProfile = z.strictObject({
  ...base,
  type: z.enum(['numeric', 'discrete', 'datetime']),
  negative_infinities: rows,
  positive_infinities: rows,
  finite: rows,
  mean: z.number(),
  squares: z.number().check(z.minimum(0)),
  low: z.number(),
  error: z.number().check(z.minimum(0), z.maximum(1)),
  // Whoever decodes them sees whether they are base64.
  uppers: z.string(),
  counts: z.string(),
  sums: z.string(),
});

const categoryColumnProfile = z.strictObject({
  ...base,
  type: z.enum(['categorical', 'boolean']),
  levels: z.array(z.string()),
  counts: z.array(rows),
  rest: z.optional(z.strictObject({ levels: rows, rows })),
});

export const driftProfileFile = z.strictObject({
  format: z.literal(profileFormat),
  version: z.literal(profileVersion),
  rows,
  target: z.nullable(z.string()),
  columns: z.array(z.union([numericColumnProfile, categoryColumnProfile])),
});
export type DriftProfileFile = z.infer<typeof driftProfileFile>;
