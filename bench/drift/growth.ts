import { existsSync } from 'node:fs';
import path from 'node:path';
import { withDuckDb } from '@watchtower/activities/data/duckdb';
import { literal } from '@watchtower/activities/data/sql';
import { generate } from './generate.ts';
import { measureProcess } from './measured-process.ts';

/**
 * How the command's time grows: many columns, many rows, both, and a column of millions of categories, as a Markdown table.
 *
 *     npx tsc -b && node --conditions=source --import tsx bench/drift/growth.ts [folder]
 */
const [folder = '.watchtower/bench'] = process.argv.slice(2);
const cli = path.join(import.meta.dirname, '../../services/cli/bin/watchtower.mjs');
const say = (line: string) => process.stdout.write(`${line}\n`);

/** Rows a side and columns of numbers; five columns of categories stand beside them. */
const shapes = [
  { rows: 1_000_000, numbers: 30 },
  { rows: 100_000, numbers: 345 },
  { rows: 5_000_000, numbers: 2 },
  { rows: 10_000, numbers: 995 },
  { rows: 100, numbers: 9_995 },
];

say(
  '| rows a side | columns | million values | whole process | by million values | processor | peak memory |',
);
say('| --- | --- | --- | --- | --- | --- | --- |');
for (const { rows, numbers } of shapes) {
  const files = await generate(folder, rows, numbers);
  await row(rows, numbers + 5, files.reference, files.current);
}
const categories = await manyCategories(5_000_000);
await row(10_000_000, 1, ...categories);

async function row(rows: number, columns: number, reference: string, current: string): Promise<void> {
  const run = await measureProcess([
    process.execPath,
    cli,
    'drift',
    '--reference',
    reference,
    '--current',
    current,
    '--json',
  ]);
  const values = (2 * rows * columns) / 1e6;
  const cells = [
    rows.toLocaleString('en-US'),
    columns.toLocaleString('en-US'),
    values.toFixed(0),
    `${run.seconds.toFixed(2)} s`,
    `${((1000 * run.seconds) / values).toFixed(0)} ms`,
    `${run.cpuSeconds?.toFixed(1) ?? ''} s`,
    `${run.peakMebibytes?.toFixed(0) ?? ''} MiB`,
  ];
  say(`| ${cells.join(' | ')} |`);
}

/** One column of so many distinct values, each twice, a quarter of them new in the current file. */
async function manyCategories(values: number): Promise<readonly [string, string]> {
  const files = ['reference', 'current'].map((side) =>
    path.join(folder, `${side}-${values}-categories.parquet`),
  );
  const [reference = '', current = ''] = files;
  await withDuckDb(async (connection) => {
    for (const [side, file] of files.entries()) {
      if (existsSync(file)) continue;
      const select = `SELECT 'value ' || (i // 2 + ${(side * values) / 4}) AS c FROM range(${2 * values}) AS made(i)`;
      await connection.run(`COPY (${select}) TO ${literal(file)} (FORMAT parquet)`);
    }
  });
  return [reference, current];
}
