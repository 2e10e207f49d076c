import { compareTables } from '../compare-tables.ts';
import type { Table } from '../table.ts';
import { defaultDriftSettings } from '../thresholds.ts';
import { normal, uniformNumbers } from './random.ts';
import { makeTable, type Shape, shapes } from './shapes.ts';

/**
 * How often the verdict is wrong, as the Markdown tables of docs/reference/drift.md:
 *
 *     node --conditions=source --import tsx packages/drift/calibration/simulate.ts
 */
const uniform = uniformNumbers(20130401);

const compare = (reference: Table, current: Table) =>
  compareTables({ reference, current, settings: defaultDriftSettings });

/** Without drift: [reference rows, current rows, trials]. */
const sizes = [
  [100, 100, 400],
  [1000, 100, 400],
  [100, 1000, 400],
  [1000, 1000, 200],
  [10_000, 100, 200],
  [10_000, 1000, 100],
  [10_000, 10_000, 30],
  [100_000, 1000, 10],
  [100_000, 100_000, 4],
] as const;

process.stdout.write('| reference | current | trials | any column flagged | dataset flagged |\n');
process.stdout.write('| --- | --- | --- | --- | --- |\n');
for (const [n, m, trials] of sizes) {
  let columns = 0;
  let datasets = 0;
  const flagged = new Map<string, number>();
  for (let trial = 0; trial < trials; trial += 1) {
    const report = compare(makeTable(n, shapes, uniform), makeTable(m, shapes, uniform));
    columns += Number(report.dataset.features_drifted > 0);
    datasets += Number(report.dataset.drift_detected);
    for (const { name, status } of report.columns) {
      if (status === 'drifted') flagged.set(name, (flagged.get(name) ?? 0) + 1);
    }
  }
  const share = (count: number) => `${((100 * count) / trials).toFixed(1)} %`;
  process.stdout.write(`| ${n} | ${m} | ${trials} | ${share(columns)} | ${share(datasets)} |\n`);
  const worst = [...flagged].sort((a, b) => b[1] - a[1]).slice(0, 4);
  if (worst.length > 0)
    process.stderr.write(`  ${worst.map(([name, count]) => `${name}: ${count}`).join(', ')}\n`);
}

/** With drift in one of thirty columns: name, rows a side, trials, the column before and after. */
const powers: readonly (readonly [string, number, number, Shape[1], Shape[1]])[] = [
  ['0.5 σ shift', 1000, 150, normal, (u) => normal(u) + 0.5],
  [
    '×2 scale of a lognormal (σ = 2)',
    1000,
    300,
    (u) => Math.exp(2 * normal(u)),
    (u) => 2 * Math.exp(2 * normal(u)),
  ],
  ['10 % new missing values', 1000, 150, normal, (u) => (u() < 0.1 ? Number.NaN : normal(u))],
  [
    '3 % in a new category',
    1000,
    300,
    (u) => (u() < 0.5 ? 'a' : 'b'),
    (u) => (u() < 0.03 ? 'c' : u() < 0.5 ? 'a' : 'b'),
  ],
  ['0.005 σ shift', 1_000_000, 3, normal, (u) => normal(u) + 0.005],
];

process.stdout.write('\n| change | rows a side | trials | flagged |\n| --- | --- | --- | --- |\n');
for (const [name, rows, trials, before, after] of powers) {
  const others = rows > 10_000 ? [] : shapes.slice(1);
  let found = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const reference = makeTable(rows, [['moved', before], ...others], uniform);
    const current = makeTable(rows, [['moved', after], ...others], uniform);
    found += Number(compare(reference, current).columns[0]?.status === 'drifted');
  }
  process.stdout.write(`| ${name} | ${rows} | ${trials} | ${((100 * found) / trials).toFixed(1)} % |\n`);
}
