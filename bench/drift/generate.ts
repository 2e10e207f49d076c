import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { withDuckDb } from '@watchtower/activities/data/duckdb';
import { literal } from '@watchtower/activities/data/sql';

/**
 * Two Parquet files for the speed benchmark: 30 columns of numbers of many shapes and 5 of categories (3 to 2,000
 * levels), of which a few move between them. Made by formulas of the row's number, so that everyone has the same rows.
 *
 *     node --conditions=source --import tsx bench/drift/generate.ts <folder> [rows] [numeric columns]
 */
export interface Generated {
  readonly reference: string;
  readonly current: string;
}

const levels = [3, 12, 60, 400, 2000];

/** Uniform on (0, 1), by row, column and side. */
const uniform = (column: number, stream: number, seed: number) =>
  `((hash(i, ${column * 16 + stream}, ${seed}) >> 11)::DOUBLE + 0.5) / 9007199254740992`;

const normal = (column: number, seed: number) =>
  `sqrt(-2 * ln(${uniform(column, 0, seed)})) * cos(2 * pi() * ${uniform(column, 1, seed)})`;

/** By column: ten shapes in turn; every tenth column moves, by half a standard deviation or its like. */
function numeric(column: number, seed: number, moved: boolean): string {
  const z = normal(column, seed);
  const u = uniform(column, 2, seed);
  const shift = moved && column % 10 === 3 ? 0.5 : 0;
  switch (column % 10) {
    case 0:
      return z;
    case 1:
      return `exp(1 + 0.8 * ${z})`;
    case 2:
      return `1000 * ${u}`;
    case 3:
      return `20 + 5 * (${z} + ${shift})`;
    case 4:
      return `-ln(${u}) * 30`;
    case 5:
      return `CASE WHEN ${u} < 0.5 THEN -3 ELSE 3 END + ${z}`;
    case 6:
      return `tan(pi() * (${u} - 0.5))`;
    case 7:
      return `round(100 * ${z}) / 100`;
    case 8:
      return `1.7e9 + 86400 * 30 * ${u}`;
    default:
      return `exp(2 * ${z})`;
  }
}

/** A level with probability ∝ 1 / (1 + rank)-like weights; the third column of categories moves. */
function categorical(index: number, seed: number, moved: boolean): string {
  const u = uniform(200 + index, 0, seed);
  const skew = moved && index === 2 ? 1.6 : 2;
  return `'level ' || floor(${levels[index] ?? 3} * pow(${u}, ${skew}))::INTEGER`;
}

/** Writes what is not there yet. */
export async function generate(folder: string, rows = 1_000_000, numbers = 30): Promise<Generated> {
  mkdirSync(folder, { recursive: true });
  const file = (side: string) => path.join(folder, `${side}-${rows}x${numbers}.parquet`);
  const files = { reference: file('reference'), current: file('current') };
  await withDuckDb(async (connection) => {
    for (const [seed, target] of [files.reference, files.current].entries()) {
      if (existsSync(target)) continue;
      const moved = seed === 1;
      const columns = [
        ...Array.from({ length: numbers }, (_, c) => `${numeric(c, seed, moved)} AS n${c}`),
        ...levels.map((_, c) => `${categorical(c, seed, moved)} AS c${c}`),
      ];
      await connection.run(
        `COPY (SELECT ${columns.join(', ')} FROM range(${rows}) AS made(i)) TO ${literal(target)} (FORMAT parquet)`,
      );
    }
  });
  return files;
}

const [, script, folder, rows, numbers] = process.argv;
if (script === import.meta.filename && folder !== undefined) {
  const made = await generate(folder, Number(rows ?? 1_000_000), Number(numbers ?? 30));
  process.stdout.write(`${made.reference}\n${made.current}\n`);
}
