import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { withDuckDb } from '../data/duckdb.ts';
import { flatFiles } from '../data/flat-files.ts';
import { literal } from '../data/sql.ts';
import { compareFiles } from './compare-files.ts';

jest.setTimeout(60_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'watchtower-flat-comparison-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const reference = `SELECT i / 7 AS plain, (i % 5)::TINYINT AS few, if(i % 6 = 0, NULL, i * 3) AS gaps,
  DATE '2024-01-01' + (i % 90)::INTEGER AS day, i % 3 = 0 AS flag, 'kind ' || (i % 4) AS kind, i / 2 AS becomes_time,
  make_timestamp(i * 1000000007) AS becomes_number, make_timestamp(i * 1000000007)::TIMESTAMPTZ AS zoned,
  if(i % 50 = 0, 'infinity'::TIMESTAMP, make_timestamp(i)) AS endless, NULL::VARCHAR AS nothing FROM range(6000) numbers(i)`;
const current = `SELECT i / 8 AS plain, (i % 6)::TINYINT AS few, if(i % 9 = 0, NULL, i * 3) AS gaps,
  DATE '2024-02-01' + (i % 80)::INTEGER AS day, i % 4 = 0 AS flag, 'kind ' || (i % 5) AS kind,
  make_timestamp(i * 1000000) AS becomes_time, i / 2 AS becomes_number, make_timestamp(i * 1000000003)::TIMESTAMPTZ AS zoned,
  if(i % 40 = 0, 'infinity'::TIMESTAMP, make_timestamp(i)) AS endless, NULL::VARCHAR AS nothing FROM range(5000) numbers(i)`;

test('files that are read without DuckDB give the report that those give which it reads', async () => {
  const reports = [];
  for (const codec of ['snappy', 'zstd']) {
    const [before, after] = [
      path.join(folder, `before-${codec}.parquet`),
      path.join(folder, `after-${codec}.parquet`),
    ];
    await withDuckDb(async (connection) => {
      await connection.run(
        `COPY (${reference}) TO ${literal(before)} (FORMAT parquet, COMPRESSION ${codec})`,
      );
      await connection.run(`COPY (${current}) TO ${literal(after)} (FORMAT parquet, COMPRESSION ${codec})`);
    });
    expect((await flatFiles([before])) === null).toBe(codec === 'zstd');
    const { report } = await compareFiles({ reference: before, current: after });
    reports.push({ columns: report.columns, dataset: report.dataset });
  }
  expect(reports[0]?.columns.length).toBe(11);
  expect(reports[0]).toEqual(reports[1]);
});

test('an abort on the thread that compares ends it before all columns are read', async () => {
  const [before, after] = [path.join(folder, 'aborted-before.parquet'), path.join(folder, 'aborted.parquet')];
  // Each is a task of its own, in which nothing is asked of DuckDB.
  const flags =
    'SELECT i % 2 = 0 AS a, i % 3 = 0 AS b, i % 5 = 0 AS c, i % 7 = 0 AS d FROM range(6000) numbers(i)';
  await withDuckDb(async (connection) => {
    await connection.run(`COPY (${flags}) TO ${literal(before)} (FORMAT parquet)`);
    await connection.run(`COPY (${flags}) TO ${literal(after)} (FORMAT parquet)`);
  });
  expect(await flatFiles([before, after])).not.toBeNull();
  const abort = new AbortController();
  const onProgress = () => void setImmediate(() => abort.abort());
  const compared = compareFiles({ reference: before, current: after, signal: abort.signal, onProgress });
  await expect(compared).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
});
