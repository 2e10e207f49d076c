import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type ModelDefinition, modelDefinition, type TimeWindow } from '@watchtower/contracts';
import { sha256 } from '@watchtower/contracts/digest';
import { withWindowsPlan } from '../drift/plan-windows.ts';
import { withDuckDb } from './duckdb.ts';
import { exportRows, readValues } from './index.ts';
import { readCategories } from './read-categories.ts';
import { literal } from './sql.ts';
import { streamNumbers } from './stream-numbers.ts';

// DuckDB starts anew for every question here.
jest.setTimeout(60_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'watchtower-data-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const january: TimeWindow = { from: '2024-01-01T00:00:00.000Z', to: '2024-02-01T00:00:00.000Z' };
const february: TimeWindow = { from: '2024-02-01T00:00:00.000Z', to: '2024-03-01T00:00:00.000Z' };

const defined = (data: object): ModelDefinition =>
  modelDefinition.parse({
    version: 1,
    model: 'toy',
    task: 'binary_classification',
    registered_model: 'toy',
    base_dir: folder,
    data: { time_column: 'time', target: 'y', ...data },
    windows: {
      reference: { from: '2024-01-01', to: '2024-02-01' },
      current: { from: '2024-02-01', to: '2024-03-01' },
    },
    drift: { share_threshold: 0.2 },
    retrain: { command: ['{python}', 'train.py'] },
    evaluate: { primary_metric: 'roc_auc', direction: 'maximize', min_improvement: 0, output: 'probability' },
  });

const written = async (name: string, content: string): Promise<string> => {
  const file = path.join(folder, name);
  await writeFile(file, content);
  return file;
};

/** A column of numbers of the current window, as a comparison reads it. */
const numbersOf = (definition: ModelDefinition, name: string, current: TimeWindow = february) =>
  withWindowsPlan(definition, { reference: january, current }, ({ current: rows, columns }) =>
    withDuckDb(async (connection) => {
      const sqlType = columns.find((column) => column.name === name)?.currentType ?? '';
      const into = [new Float64Array(rows?.rows ?? 0)];
      await streamNumbers(connection, rows?.relation ?? '', [{ name, type: 'numeric', sqlType }], into);
      return into[0] ?? new Float64Array(0);
    }, 1),
  );

describe('a window of files', () => {
  const rows = Array.from({ length: 120 }, (_, i) => {
    const day = String((i % 28) + 1).padStart(2, '0');
    const month = i < 60 ? '01' : '02';
    return `2024-${month}-${day},${i},${i % 5 === 0 ? '' : i / 7},${i % 2 ? 'a' : 'b'},${i % 3 === 0},row ${i},${i % 2}`;
  });
  const header = 'time,count,"odd "" name",kind,flag,label,y';

  test('has the columns a comparison speaks of, with their types, and no others', async () => {
    await written('rows.csv', [header, ...rows].join('\n'));
    const definition = defined({ source: { type: 'files', path: 'rows.csv' } });
    await withWindowsPlan(definition, { reference: january, current: february }, async (plan) => {
      expect(plan).toMatchObject({ reference: { rows: 60 }, current: { rows: 60 }, referenceRows: 60 });
      expect(plan.columns.map(({ name, type, role }) => `${name}: ${type} ${role}`)).toEqual([
        'count: numeric feature',
        'odd " name: numeric feature',
        'kind: categorical feature',
        'flag: boolean feature',
        'label: categorical feature',
        'y: categorical target',
      ]);
      const kind = await withDuckDb((connection) =>
        readCategories(connection, plan.current?.relation ?? '', {
          name: 'kind',
          type: 'categorical',
          role: 'feature',
        }),
      );
      expect(kind).toMatchObject({ levels: ['a', 'b'], counts: [30, 30], missing: 0 });
    });
    expect((await numbersOf(definition, 'odd " name')).filter(Number.isNaN)).toHaveLength(12);
  });

  test('takes roles and types from the definition', async () => {
    const columns = { label: { role: 'identifier' }, count: { type: 'categorical' } };
    const source = { type: 'files', path: 'rows.csv' };
    const windows = { reference: january, current: february };
    await withWindowsPlan(defined({ source, columns }), windows, async (plan) => {
      expect(plan.columns.map((column) => column.name)).not.toContain('label');
      expect(plan.columns[0]).toMatchObject({ name: 'count', type: 'categorical', typeIsGiven: true });
    });
  });

  test.each([
    ['DataFileMissing', { path: 'absent-*.parquet' }, {}, /No file matches absent-\*\.parquet/],
    ['DataFileUnreadable', { path: 'broken.parquet' }, {}, /broken\.parquet cannot be read/],
    ['ColumnMissing', { path: 'rows.csv' }, { time_column: 'when' }, /no column "when"/],
    ['ColumnMissing', { path: 'rows.csv' }, { time_column: 'count' }, /holds BIGINT, not dates/],
    ['ColumnMissing', { path: 'rows.csv' }, { columns: { nope: {} } }, /no column "nope"/],
    [
      'TargetMissing',
      { path: 'rows.csv' },
      { target: 'late' },
      /no column "late", which is to be the target/,
    ],
  ])('fails with %s for %j %j', async (code, source, more, message) => {
    await written('broken.parquet', 'PAR1 this is not Parquet');
    const definition = defined({ source: { type: 'files', ...source }, ...more });
    const windows = { reference: january, current: february };
    await expect(withWindowsPlan(definition, windows, async () => null)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test('without rows says what the data covers', async () => {
    const definition = defined({ source: { type: 'files', path: 'rows.csv' } });
    const window = { from: '2025-01-01T00:00:00.000Z', to: '2025-02-01T00:00:00.000Z' };
    const failure = {
      code: 'DataEmpty',
      message: expect.stringMatching(/between 2024-01-01.* and 2024-02-28/),
    };
    await expect(
      withWindowsPlan(definition, { reference: january, current: window }, async () => null),
    ).rejects.toMatchObject(failure);
    await expect(
      exportRows(definition, window, path.join(folder, 'none.parquet'), { labelledOnly: true }),
    ).rejects.toMatchObject(failure);
  });
});

describe('the synthetic source', () => {
  const source = { type: 'synthetic', shift_at: '2024-02-01' };

  test('makes the same rows for every window that holds them', async () => {
    const definition = defined({ source });
    const day: TimeWindow = { from: '2024-01-10T00:00:00.000Z', to: '2024-01-11T00:00:00.000Z' };
    const file = (name: string) => path.join(folder, name);
    const exported = await exportRows(definition, january, file('january.parquet'), { labelledOnly: true });
    expect(exported).toEqual({ rows: 6200, unlabelled: 0 });
    await exportRows(definition, day, file('day.parquet'), { labelledOnly: true });
    const times = [
      ...((await readValues(file('january.parquet'), ['time', 'x1'])).get('time')?.values ?? []),
    ].map(String);
    const start = times.indexOf('2024-01-10 00:00:00');
    const all = (await readValues(file('january.parquet'), ['x1'])).get('x1')?.values ?? [];
    const part = (await readValues(file('day.parquet'), ['x1'])).get('x1')?.values ?? [];
    expect([...part]).toEqual([...all].slice(start, start + 200));
  });

  test('moves x1 and x2 at its shift, and nothing before', async () => {
    const definition = defined({ source });
    const mean = async (name: string, window: TimeWindow) => {
      const values = await numbersOf(definition, name, window);
      return values.reduce((a, b) => a + b, 0) / values.length;
    };
    for (const [name, moved] of [
      ['x1', 1],
      ['x2', 1],
      ['x3', 0],
      ['x4', 0],
    ] as const) {
      expect(await mean(name, january)).toBeCloseTo(0, 1);
      expect(await mean(name, february)).toBeCloseTo(moved, 1);
    }
  });
});

test('exported rows do not hang on the order of the data, and leave out what has no label', async () => {
  const header = 'time,x,y\n';
  const rows = ['2024-01-02,1,0', '2024-01-01,5,1', '2024-01-02,0,', '2024-01-03,2,1'];
  await written('forward.csv', header + rows.join('\n'));
  await written('backward.csv', header + [...rows].reverse().join('\n'));
  const digests = await Promise.all(
    ['forward', 'backward'].map(async (name) => {
      const file = path.join(folder, `${name}.parquet`);
      const definition = defined({ source: { type: 'files', path: `${name}.csv` } });
      expect(await exportRows(definition, january, file, { labelledOnly: true })).toEqual({
        rows: 3,
        unlabelled: 1,
      });
      return sha256(await readFile(file));
    }),
  );
  expect(digests[0]).toBe(digests[1]);
  const read = await readValues(path.join(folder, 'forward.parquet'), ['x', 'y']);
  expect(read.get('x')).toEqual({ kind: 'numbers', values: Float64Array.of(5, 1, 2) });
});

test('DuckDB cannot be talked into loading an extension', async () => {
  await withDuckDb(async (connection) => {
    await expect(connection.run('SET autoload_known_extensions = true')).rejects.toThrow(/locked/);
    await expect(
      connection.run(`SELECT * FROM ${literal('https://example.org/x.parquet')}`),
    ).rejects.toThrow();
  });
});
