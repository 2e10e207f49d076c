import { z } from 'zod';
import { columnRoles, columnTypes } from './column-kinds.ts';
import { duration } from './duration.ts';
import { instant } from './identifiers.ts';

/** The part of a definition that says where rows are, what their columns mean, and which stretches are compared. */

/** `discrete`: whole numbers of which there are few, compared in their order and value by value. */
export const columnType = z.enum(columnTypes);
export const columnRole = z.enum(columnRoles);
export type ColumnType = z.infer<typeof columnType>;
export type ColumnRole = z.infer<typeof columnRole>;

/** `2013-04-01` or a full instant; dates are midnight UTC. Normalised to an instant. */
export const timePoint = z
  .union([z.iso.date(), z.iso.datetime({ offset: true }), z.date()])
  .transform((value) => new Date(value).toISOString())
  .pipe(instant);

const filesSource = z
  .strictObject({
    type: z.literal('files').describe('Rows of Parquet, CSV or JSON Lines files'),
    path: z
      .string()
      .min(1)
      .describe('A file, or a glob such as `data/flights-*.parquet`; relative to `base_dir`'),
    format: z
      .enum(['parquet', 'csv', 'jsonl'])
      .optional()
      .describe('Told from the ending where it is left out'),
  })
  .describe('`files`: what lies on disk');

const syntheticSource = z
  .strictObject({
    type: z.literal('synthetic').describe('Rows made by a formula, for first tries and tests'),
    seed: z.int().min(0).max(2_147_483_647).default(7).describe('Another seed, other rows'),
    rows_per_day: z.int().min(1).max(100_000).default(200).describe('Rows for each day'),
    shift_at: timePoint
      .optional()
      .describe(
        'From this instant on, x1 and x2 are moved by `shift` standard deviations and the target follows another rule',
      ),
    shift: z
      .number()
      .min(-100)
      .max(100)
      .default(1)
      .describe('How far x1 and x2 move, in standard deviations'),
  })
  .describe('`synthetic`: features x1–x4 and `colour`, target `y`, time `time`');

export const dataSource = z.discriminatedUnion('type', [filesSource, syntheticSource]);
export type DataSource = z.infer<typeof dataSource>;

const highFrom = (statistic: string) =>
  z
    .strictObject({
      high: z.number().min(0).describe(`From this ${statistic} on, a drifted column is of severity \`high\``),
    })
    .optional()
    .describe(`Severity by ${statistic}`);

export const columnSettings = z.strictObject({
  role: columnRole.optional().describe('What the column is for; told from the data where it is left out'),
  type: columnType
    .optional()
    .describe('How its values are compared; told from the data where it is left out'),
  psi: highFrom('corrected PSI'),
  ks: highFrom('KS effect'),
  js: highFrom('JS divergence'),
});
export type ColumnSettings = z.infer<typeof columnSettings>;

export const dataSettings = z
  .strictObject({
    source: dataSource.describe('Where the rows are'),
    time_column: z.string().min(1).describe('Column that says when a row was; without a zone it is UTC'),
    target: z.string().min(1).describe('Column the model predicts'),
    prediction: z.string().min(1).optional().describe("Column that holds the model's prediction"),
    columns: z
      .record(z.string(), columnSettings)
      .default({})
      .describe('What is known about columns, by name; the others are told from the data'),
  })
  .describe('Rows and their columns');

const fixedWindow = z
  .strictObject({
    from: timePoint.describe('Its first instant; a date is midnight UTC'),
    to: timePoint.describe('The instant it ends before'),
  })
  .refine((w) => w.from < w.to, { message: '"from" must lie before "to"', path: ['to'] });
const slidingWindow = z.strictObject({
  last: duration.describe('Length of a stretch that ends when the run was triggered'),
});
export const windowDefinition = z.union([fixedWindow, slidingWindow]);
export type WindowDefinition = z.infer<typeof windowDefinition>;

/** A window with its ends known: rows with `from <= time < to`. */
export const timeWindow = z.object({ from: instant, to: instant });
export type TimeWindow = z.infer<typeof timeWindow>;
