import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { compareTables, defaultDriftSettings, type Table } from '@watchtower/drift';
import { normal, uniformNumbers } from '@watchtower/drift/uniform-numbers';
import { makeTable, type Shape, shapes } from './shapes.ts';

/**
 * How often the verdict is wrong, as the Markdown tables of docs/reference/drift.md:
 *
 *     node --conditions=source --import tsx bench/drift/calibration/simulate.ts <folder> [seconds]
 *
 * Every trial has a seed of its own and is written down in <folder>/trials.jsonl as it ends: stopped, it goes on where it was.
 */
interface Scenario {
  readonly name: string;
  readonly reference: number;
  readonly current: number;
  readonly trials: number;
  /** The first column before and after; null for no drift at all, in thirty columns. */
  readonly moved: readonly [Shape[1], Shape[1]] | null;
}

const lognormal =
  (scale: number): Shape[1] =>
  (u) =>
    scale * Math.exp(2 * normal(u));
const sides = (reference: number, current: number, trials: number): Scenario => ({
  name: 'no drift',
  reference,
  current,
  trials,
  moved: null,
});
const power = (name: string, rows: number, trials: number, before: Shape[1], after: Shape[1]): Scenario => ({
  name,
  reference: rows,
  current: rows,
  trials,
  moved: [before, after],
});

export const scenarios: readonly Scenario[] = [
  sides(100, 100, 1000),
  sides(1000, 100, 1000),
  sides(100, 1000, 1000),
  sides(1000, 1000, 1000),
  sides(10_000, 100, 400),
  sides(10_000, 1000, 400),
  sides(1000, 10_000, 400),
  sides(10_000, 10_000, 200),
  sides(100_000, 1000, 60),
  sides(100_000, 10_000, 60),
  sides(100_000, 100_000, 60),
  power('0.5 σ shift', 1000, 300, normal, (u) => normal(u) + 0.5),
  power('×2 scale of a lognormal (σ = 2)', 1000, 600, lognormal(1), lognormal(2)),
  power('10 % new missing values', 1000, 300, normal, (u) => (u() < 0.1 ? Number.NaN : normal(u))),
  power(
    '3 % in a new category',
    1000,
    600,
    (u) => (u() < 0.5 ? 'a' : 'b'),
    (u) => (u() < 0.03 ? 'c' : u() < 0.5 ? 'a' : 'b'),
  ),
  power('0.005 σ shift', 1_000_000, 20, normal, (u) => normal(u) + 0.005),
];

interface Trial {
  readonly scenario: string;
  readonly trial: number;
  /** Any column flagged (no drift), or the moved one (with drift). */
  readonly flagged: boolean;
  readonly dataset: boolean;
  readonly columns: readonly string[];
}

const keyOf = ({ name, reference, current }: Scenario): string => `${name} ${reference} ${current}`;

function run(scenario: Scenario, index: number, trial: number): Trial {
  const uniform = uniformNumbers(20130401 + index * 100_003 + trial * 7919);
  const { reference, current, moved } = scenario;
  const others = moved === null ? shapes : reference > 10_000 ? [] : shapes.slice(1);
  const table = (rows: number, first: Shape[1] | undefined): Table =>
    makeTable(rows, first === undefined ? others : [['moved', first], ...others], uniform);
  const report = compareTables({
    reference: table(reference, moved?.[0]),
    current: table(current, moved?.[1]),
    settings: defaultDriftSettings,
  });
  const columns = report.columns.filter(({ status }) => status === 'drifted').map(({ name }) => name);
  const flagged = moved === null ? columns.length > 0 : columns.includes('moved');
  return { scenario: keyOf(scenario), trial, flagged, dataset: report.dataset.drift_detected, columns };
}

function simulate(folder: string, seconds: number): void {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, 'trials.jsonl');
  const done: Trial[] = existsSync(file)
    ? readFileSync(file, 'utf8')
        .trim()
        .split('\n')
        .map((line): Trial => JSON.parse(line))
    : [];
  const known = new Set(done.map(({ scenario, trial }) => `${scenario} ${trial}`));
  const until = performance.now() + seconds * 1000;
  // A share of each scenario's trials at a time, so that a run that was stopped says something about all of them.
  for (let share = 1; share <= 20; share += 1) {
    for (const [index, scenario] of scenarios.entries()) {
      for (let trial = 0; trial < (scenario.trials * share) / 20; trial += 1) {
        if (known.has(`${keyOf(scenario)} ${trial}`)) continue;
        if (performance.now() > until) {
          write(done);
          return;
        }
        const result = run(scenario, index, trial);
        known.add(`${result.scenario} ${trial}`);
        done.push(result);
        appendFileSync(file, `${JSON.stringify(result)}\n`);
      }
    }
  }
  write(done);
}

function write(done: readonly Trial[]): void {
  const of = (scenario: Scenario) => done.filter((trial) => trial.scenario === keyOf(scenario));
  const share = (some: readonly Trial[], count: (trial: Trial) => boolean) =>
    some.length === 0 ? '' : `${((100 * some.filter(count).length) / some.length).toFixed(1)} %`;
  const rows = (n: number) => n.toLocaleString('en-US');
  const lines = [
    '| reference | current | trials | any column flagged | dataset flagged |',
    '| --- | --- | --- | --- | --- |',
  ];
  for (const scenario of scenarios.filter(({ moved }) => moved === null)) {
    const some = of(scenario);
    lines.push(
      `| ${rows(scenario.reference)} | ${rows(scenario.current)} | ${some.length} | ${share(some, (t) => t.flagged)} | ${share(some, (t) => t.dataset)} |`,
    );
  }
  lines.push('', '| change | rows a side | trials | flagged |', '| --- | --- | --- | --- |');
  for (const scenario of scenarios.filter(({ moved }) => moved !== null)) {
    const some = of(scenario);
    lines.push(
      `| ${scenario.name} | ${rows(scenario.reference)} | ${some.length} | ${share(some, (t) => t.flagged)} |`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  const blamed = new Map<string, number>();
  for (const { columns, scenario } of done) {
    if (!scenario.startsWith('no drift')) continue;
    for (const name of columns) blamed.set(name, (blamed.get(name) ?? 0) + 1);
  }
  const worst = [...blamed].sort((a, b) => b[1] - a[1]).slice(0, 8);
  process.stderr.write(`flagged without drift: ${worst.map(([name, n]) => `${name} ${n}`).join(', ')}\n`);
}

simulate(
  process.argv[2] ?? '.watchtower/bench/calibration',
  Number(process.argv[3] ?? Number.POSITIVE_INFINITY),
);
