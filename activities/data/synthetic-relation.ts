import type { DataSource, TimeWindow } from '@watchtower/contracts';
import { timestamp } from './sql.ts';

type SyntheticSource = Extract<DataSource, { readonly type: 'synthetic' }>;

const microsecondsOfDay = 86_400_000_000;

/**
 * Rows made by a formula of their number alone, so that every window sees the same rows: features `x1`–`x4`
 * (standard normal) and `colour`, the target `y` (0 or 1, about half each), and `time`, evenly spaced.
 *
 * From `shift_at` on x1 and x2 lie `shift` higher and what they say about y is reversed: a model of the old
 * rows is then worse than guessing, one trained on the new rows as good as the old one was.
 */
export function syntheticRelation(source: SyntheticSource, window: TimeWindow): string {
  const step = Math.round(microsecondsOfDay / source.rows_per_day);
  const first = Math.ceil((Date.parse(window.from) * 1000) / step);
  const end = Math.ceil((Date.parse(window.to) * 1000) / step);
  const moved = source.shift_at === undefined ? 'false' : `time >= ${timestamp(source.shift_at)}`;
  const { shift } = source;
  return `(
    WITH
      numbered AS (SELECT i, make_timestamp(i * ${step}) AS time FROM range(${first}, ${end}) AS made(i)),
      drawn AS (
        SELECT i, time, ${moved} AS moved, ${normal(source.seed, 1)} AS z1, ${normal(source.seed, 2)} AS z2,
          ${normal(source.seed, 3)} AS x3, ${normal(source.seed, 4)} AS x4, ${uniform(source.seed, 10)} AS hue,
          ${uniform(source.seed, 11)} AS chance
        FROM numbered
      ),
      ruled AS (
        SELECT *, CASE WHEN moved THEN -1 ELSE 1 END * (1.6 * z1 - 1.2 * z2) + 0.6 * x3 AS score FROM drawn
      )
    SELECT time,
      z1 + CASE WHEN moved THEN ${shift} ELSE 0 END AS x1,
      z2 + CASE WHEN moved THEN ${shift} ELSE 0 END AS x2,
      x3, x4,
      CASE WHEN hue < 0.5 THEN 'red' WHEN hue < 0.8 THEN 'green' ELSE 'blue' END AS colour,
      CAST(chance < 1 / (1 + exp(-score)) AS INTEGER) AS y
    FROM ruled
  )`;
}

/** Uniform on (0, 1): the upper 53 bits of a hash of row, stream and seed. */
const uniform = (seed: number, stream: number): string =>
  `((hash(i, ${stream}, ${seed}) >> 11)::DOUBLE + 0.5) / 9007199254740992`;

/** Standard normal, by Box and Muller. */
const normal = (seed: number, stream: number): string =>
  `sqrt(-2 * ln(${uniform(seed, 2 * stream + 100)})) * cos(2 * pi() * ${uniform(seed, 2 * stream + 101)})`;
