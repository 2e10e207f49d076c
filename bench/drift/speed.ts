import { existsSync } from 'node:fs';
import path from 'node:path';
import { generate } from './generate.ts';
import { type MeasuredProcess, measureProcess } from './measured-process.ts';

/**
 * The command beside what a user would pick instead, on the same two files, as a Markdown table:
 *
 *     npx tsc -b && node --conditions=source --import tsx bench/drift/speed.ts [folder] [python of a venv]
 *
 * The venv has bench/drift/competitors.txt (`python -m venv V && V/bin/pip install -r bench/drift/competitors.txt`); without
 * one only DuckDB and the command are measured. Evidently alone takes four minutes: it is left out unless BENCH_EVIDENTLY=1.
 */
const [folder = '.watchtower/bench', python] = process.argv.slice(2);
const here = import.meta.dirname;
const cli = path.join(here, '../../services/cli/bin/watchtower.mjs');
const source = (script: string, ...args: readonly string[]) => [
  process.execPath,
  '--conditions=source',
  '--import=tsx',
  path.join(here, script),
  ...args,
];
const drift = (...args: readonly string[]) => [process.execPath, cli, 'drift', ...args];

async function best(command: readonly string[], rounds = 3): Promise<MeasuredProcess> {
  let fastest = await measureProcess(command);
  for (let round = 1; round < rounds; round += 1) {
    const next = await measureProcess(command);
    if (next.seconds < fastest.seconds) fastest = next;
  }
  return fastest;
}

const { reference, current } = await generate(folder);
const say = (line: string) => process.stdout.write(`${line}\n`);
const floor = Number((await measureProcess(source('duckdb-floor.ts', reference, current))).stdout);
const currentFloor = Number((await measureProcess(source('duckdb-floor.ts', current))).stdout);
const row = (name: string, run: MeasuredProcess, unit: number) =>
  say(
    `| ${name} | ${run.seconds.toFixed(2)} s | ${(run.seconds / unit).toFixed(1)}× | ${run.cpuSeconds?.toFixed(1) ?? ''} s | ${run.peakMebibytes?.toFixed(0) ?? ''} MiB |`,
  );
say('| what | whole process | of the scan | processor | peak memory |');
say('| --- | --- | --- | --- | --- |');
say(`| DuckDB: scan and sum both files, two threads (the query alone) | ${floor.toFixed(2)} s | 1× | | |`);
row(
  'watchtower drift --json',
  await best(drift('--reference', reference, '--current', current, '--json')),
  floor,
);
const profile = path.join(folder, 'profile.json');
if (!existsSync(profile)) await measureProcess(drift('--reference', reference, '--profile', profile));
say(`| DuckDB: scan and sum the current file | ${currentFloor.toFixed(2)} s | 1× | | |`);
row(
  'watchtower drift against a saved profile',
  await best(drift('--profile', profile, '--current', current, '--json')),
  currentFloor,
);
const small = await generate(folder, 100, 2);
row(
  'watchtower drift, 100 rows (start-up)',
  await best(drift('--reference', small.reference, '--current', small.current, '--json')),
  floor,
);
row('watchtower drift --help', await best(drift('--help')), floor);
if (python !== undefined) {
  const others = ['scipy', 'nannyml', ...(process.env.BENCH_EVIDENTLY === '1' ? ['evidently'] : [])];
  for (const what of others) {
    const run = await measureProcess([python, path.join(here, 'competitors.py'), what, reference, current]);
    row(`${what} (${run.stdout.trim()})`, run, floor);
  }
}
