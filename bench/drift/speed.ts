import { existsSync } from 'node:fs';
import path from 'node:path';
import { generate } from './generate.ts';
import { measureProcess } from './measured-process.ts';

/**
 * The command beside what a user would pick instead, on the same two files, as a Markdown table:
 *
 *     npx tsc -b && node services/cli/bundle.mjs && node --conditions=source --import tsx bench/drift/speed.ts [folder] [python of a venv]
 *
 * The scan and the command are run in turn, five times, since a shared machine is never twice the same; of each the least
 * time and the least processor time stand in the table. The venv has bench/drift/competitors.txt (`python -m venv V &&
 * V/bin/pip install -r bench/drift/competitors.txt`); without one only DuckDB and the command are measured. Evidently alone
 * takes four minutes: it is left out unless BENCH_EVIDENTLY=1.
 */
const [folder = '.watchtower/bench', python] = process.argv.slice(2);
const rounds = 5;
const here = import.meta.dirname;
const cli = path.join(here, '../../services/cli/bin/watchtower.mjs');
const drift = (...args: readonly string[]) => [process.execPath, cli, 'drift', ...args];

interface Times {
  readonly seconds: number;
  readonly processor: number;
  readonly mebibytes: number;
}

const none: Times = { seconds: Number.POSITIVE_INFINITY, processor: Number.POSITIVE_INFINITY, mebibytes: 0 };
const bestOf = (a: Times, b: Times): Times => ({
  seconds: Math.min(a.seconds, b.seconds),
  processor: Math.min(a.processor, b.processor),
  mebibytes: Math.max(a.mebibytes, b.mebibytes),
});

async function timed(command: readonly string[]): Promise<Times & { readonly stdout: string }> {
  const { seconds, cpuSeconds, peakMebibytes, stdout } = await measureProcess(command);
  return { seconds, processor: cpuSeconds ?? Number.NaN, mebibytes: peakMebibytes ?? 0, stdout };
}

/** Of the query alone, without the process around it. */
async function scan(...files: readonly string[]): Promise<Times> {
  const script = path.join(here, 'duckdb-floor.ts');
  const { stdout } = await timed([process.execPath, '--conditions=source', '--import=tsx', script, ...files]);
  const [seconds = Number.NaN, processor = Number.NaN] = stdout.split(' ').map(Number);
  return { seconds, processor, mebibytes: 0 };
}

const { reference, current } = await generate(folder);
const small = await generate(folder, 100, 2);
const profile = path.join(folder, 'profile.json');
if (!existsSync(profile)) await measureProcess(drift('--reference', reference, '--profile', profile));

const duckdb = (...files: readonly string[]) =>
  timed([process.execPath, path.join(here, 'duckdb-process.mjs'), ...files]);

const measured = [
  ['DuckDB: scan and sum both files, two threads (the query alone)', () => scan(reference, current)],
  ['the same as a process of its own', () => duckdb(reference, current)],
  ['`watchtower drift --json`', () => timed(drift('--reference', reference, '--current', current, '--json'))],
  ['DuckDB: scan and sum the current file (the query alone)', () => scan(current)],
  ['the same as a process of its own', () => duckdb(current)],
  [
    '`watchtower drift` against a saved profile',
    () => timed(drift('--profile', profile, '--current', current, '--json')),
  ],
  [
    '`watchtower drift`, 100 rows (start-up)',
    () => timed(drift('--reference', small.reference, '--current', small.current, '--json')),
  ],
  ['`watchtower drift --help`', () => timed(drift('--help'))],
  ['Node.js alone', () => timed([process.execPath, '-e', '0'])],
] as const;

/** Rows that are measured against the scan of one file. */
const ofOneFile = new Set([3, 4, 5]);

const say = (line: string) => process.stdout.write(`${line}\n`);
const best = measured.map(() => none);
for (let round = 0; round < rounds; round += 1) {
  for (const [place, [, measure]] of measured.entries()) {
    best[place] = bestOf(best[place] ?? none, await measure());
  }
}

const [both = none, , , one = none] = best;
say('| what | whole process | of the scan | processor | of the scan’s | peak memory |');
say('| --- | --- | --- | --- | --- | --- |');
for (const [place, [name]] of measured.entries()) {
  row(name, best[place] ?? none, ofOneFile.has(place) ? one : both);
}
if (python !== undefined) {
  const others = ['scipy', 'nannyml', ...(process.env.BENCH_EVIDENTLY === '1' ? ['evidently'] : [])];
  for (const what of others) {
    const run = await timed([python, path.join(here, 'competitors.py'), what, reference, current]);
    row(`${what} (${run.stdout.trim()})`, run, both);
  }
}

function row(name: string, { seconds, processor, mebibytes }: Times, unit: Times): void {
  const cells = [
    name,
    `${seconds.toFixed(2)} s`,
    `${(seconds / unit.seconds).toFixed(1)}×`,
    `${processor.toFixed(2)} s`,
    `${(processor / unit.processor).toFixed(1)}×`,
    mebibytes === 0 ? '' : `${mebibytes.toFixed(0)} MiB`,
  ];
  say(`| ${cells.join(' | ')} |`);
}
