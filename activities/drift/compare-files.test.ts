import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { driftReport } from '@watchtower/contracts';
import { withDuckDb } from '../data/duckdb.ts';
import { literal } from '../data/sql.ts';
import { type CompareFilesInput, compareFiles, profileFiles } from './compare-files.ts';
import { readProfile, readProfiles, writeProfile } from './profile-file.ts';

// DuckDB starts anew for every comparison.
jest.setTimeout(120_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'watchtower-drift-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = (name: string) => path.join(folder, name);
const written = async (name: string, content: string | Buffer): Promise<string> => {
  await mkdir(path.dirname(at(name)), { recursive: true });
  await writeFile(at(name), content);
  return at(name);
};
const csv = (header: string, rows: number, row: (i: number) => string) =>
  `${header}\n${Array.from({ length: rows }, (_, i) => row(i)).join('\n')}\n`;

async function compare(reference: string, current: string, more: Partial<CompareFilesInput> = {}) {
  const { report } = await compareFiles({ reference, current, ...more });
  expect(driftReport.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  return report;
}
const statuses = (report: Awaited<ReturnType<typeof compare>>) =>
  Object.fromEntries(report.columns.map(({ name, status }) => [name, status]));

/** Sums in another order differ in their last digits. */
const rounded = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, each) =>
    typeof each === 'number' ? Number(each.toPrecision(12)) : each,
  );

describe('files that are read as meant', () => {
  test('a byte order mark, CRLF, quoted line breaks, nan and inf', async () => {
    const rows = Array.from(
      { length: 50 },
      (_, i) => `${['nan', 'inf', '-inf', '1.5', '2'][i % 5]},"two\r\nlines"`,
    );
    const file = await written('odd.csv', `\uFEFFx,text\r\n${rows.join('\r\n')}\r\n`);
    const { columns } = await compare(file, file);
    expect(columns[0]).toMatchObject({
      name: 'x',
      type: 'numeric',
      missing: { reference: 0.2 },
      infinite: { reference: 0.4, current: 0.4 },
    });
    expect(columns[1]?.bins.map((bin) => bin.label)).toEqual(['two\r\nlines']);
  });

  test('whole numbers that are few are discrete, those of a target are classes', async () => {
    const file = await written(
      'classes.csv',
      csv('x,y', 200, (i) => `${i % 7},${i % 3}`),
    );
    const report = await compare(file, file, { target: 'y' });
    expect(report.columns.map(({ type }) => type)).toEqual(['discrete', 'categorical']);
    expect(report.columns[0]?.statistics).toMatchObject({ ks: { statistic: 0 }, chi2: { statistic: 0 } });
    expect(report.target).toMatchObject({ name: 'y', kl: 0, drifted: false });
    expect(report.timings.total).toBeGreaterThan(0);
  });

  test('texts and counters that name rows are listed and not compared', async () => {
    const file = await written(
      'names.csv',
      csv('id,counter,x', 200, (i) => `row-${i},${i},${(i * 37) % 101}`),
    );
    const report = await compare(file, file);
    expect(report.columns.map(({ role }) => role)).toEqual(['identifier', 'identifier', 'feature']);
    expect(report.columns[0]?.reason).toMatch(/^Not compared: nearly all its values are distinct/);
    expect(report.dataset.columns).toBe(1);
  });

  test('datetimes are compared as numbers, nulls of Parquet are missing', async () => {
    const make = (name: string, start: string, missing: number) =>
      withDuckDb(async (connection) => {
        await connection.run(
          `COPY (SELECT TIMESTAMP ${literal(start)} + INTERVAL (i * 7 % 1000) HOUR AS at,
             CASE WHEN i % 100 < ${missing} THEN NULL ELSE i % 313 / 7.0 END AS x FROM range(2000) AS made(i))
           TO ${literal(at(name))} (FORMAT parquet)`,
        );
        return at(name);
      });
    const before = await make('before.parquet', '2024-01-01', 0);
    const after = await make('after.parquet', '2024-03-01', 20);
    const { columns } = await compare(before, after);
    expect(columns[0]).toMatchObject({ name: 'at', type: 'datetime', status: 'drifted', severity: 'high' });
    expect(columns[0]?.bins[0]?.label).toMatch(/^≤ 2024-01-0\dT\d\d:\d\dZ$/);
    expect(columns[1]).toMatchObject({ status: 'drifted', missing: { reference: 0, current: 0.2 } });
  });

  test('folders, globs, and names that look like SQL', async () => {
    const rows = csv('"a""; DROP TABLE x; --"', 60, (i) => String(i / 7));
    await written("it's; DROP/part 1.csv", rows);
    await written("it's; DROP/part 2.csv", rows);
    await written("it's; DROP/_SUCCESS", '');
    const whole = await compare(at("it's; DROP"), at("it's; DROP/part ?.csv"));
    expect(whole.dataset).toMatchObject({ rows_reference: 120, rows_current: 120 });
    expect(whole.columns[0]?.name).toBe('a"; DROP TABLE x; --');
  });

  test('what pandas and R write for a missing value keeps a column of numbers one', async () => {
    const missing = ['NA', 'N/A', 'None', 'null', 'nan', ''];
    const file = await written(
      'absent-values.csv',
      csv('x,kind', 120, (i) => `${i % 2 ? i / 7 : missing[(i / 2) % 6]},${'ab'[i % 2]}`),
    );
    const { columns } = await compare(file, file);
    expect(columns[0]).toMatchObject({ type: 'numeric', missing: { reference: 0.5, current: 0.5 } });
  });

  test('timestamps with a zone, decimals, dictionaries and whole numbers beyond 2^53', async () => {
    await withDuckDb((connection) =>
      connection.run(
        `COPY (SELECT TIMESTAMPTZ '2024-01-01 00:00:00+02' + INTERVAL (i * 7 % 101) HOUR AS zoned,
           CAST(i % 37 AS DECIMAL(20, 4)) / 100 AS exact, 1152921504606846976 + i * 7919 % 1013 * 100000 AS large,
           CAST('k' || i % 3 AS ENUM('k0', 'k1', 'k2')) AS kind, {'a': i} AS nested, TIME '10:00' AS hour
         FROM range(200) AS made(i)) TO ${literal(at('types.parquet'))} (FORMAT parquet)`,
      ),
    );
    const { report, notes } = await compareFiles({
      reference: at('types.parquet'),
      current: at('types.parquet'),
    });
    expect(report.columns.map(({ name, type, status }) => `${name} ${type} ${status}`)).toEqual([
      'zoned datetime ok',
      'exact numeric ok',
      'large numeric ok',
      'kind categorical ok',
    ]);
    expect(notes).toEqual([
      'Not compared, being of a type that has neither an order nor categories: nested (STRUCT(a BIGINT)), hour (TIME).',
    ]);
  });

  test('columns that only the current data has are told', async () => {
    const reference = await written(
      'few.csv',
      csv('x', 60, (i) => `${i / 7}`),
    );
    const current = await written(
      'more.csv',
      csv('x,late,left', 60, (i) => `${i / 7},${i},${i}`),
    );
    const columns = { x: { role: 'feature' } } as const;
    const { notes } = await compareFiles({ reference, current, columns });
    expect(notes).toEqual(['Not compared, because the reference does not have it: late, left.']);
  });

  test('JSON Lines with an absent key', async () => {
    const lines = Array.from({ length: 100 }, (_, i) =>
      JSON.stringify(i % 4 === 0 ? { x: i / 3 } : { x: i / 3, y: i % 2 === 0 }),
    );
    const file = await written('rows.jsonl', lines.join('\n'));
    const { columns } = await compare(file, file);
    expect(columns).toMatchObject([{ type: 'numeric' }, { type: 'boolean', missing: { reference: 0.25 } }]);
  });
});

describe('bad input', () => {
  const good = () =>
    written(
      'good.csv',
      csv('x,kind', 100, (i) => `${(i * 37) % 101},${i % 2 ? 'a' : 'b'}`),
    );

  const made = async (name: string, content: string | Buffer) =>
    content === 'folder'
      ? ((await mkdir(at(name), { recursive: true })) ?? at(name))
      : written(name, content);

  test.each<[string, string, string | Buffer | null, RegExp]>([
    ['DataFileMissing', 'nowhere.csv', null, /No file matches .*nowhere\.csv/],
    ['DataFileUnreadable', 'empty.csv', '', /empty\.csv cannot be read: it is empty \(0 bytes\)/],
    ['DataFileUnreadable', 'cut.parquet', 'PAR1 and then nothing', /cut\.parquet cannot be read/],
    [
      'DataFileUnreadable',
      'cut.csv',
      `${csv('x,kind', 100, (i) => `${i},b`)}7`,
      /cut\.csv cannot be read: CSV Error on Line: 102, Expected Number of Columns: 2 Found: 1\. Check/,
    ],
    [
      'DataFileUnreadable',
      'wide.csv',
      Buffer.from('\uFEFFx,kind\n1,a\n', 'utf16le'),
      /wide\.csv.*UTF-16.*iconv/,
    ],
    ['DataFileUnreadable', 'unmarked.csv', Buffer.from('x,kind\n1,a\n', 'utf16le'), /unmarked\.csv.*UTF-16/],
    [
      'DataFileUnreadable',
      'latin.csv',
      Buffer.from('x,kind\n1,\xe9\n', 'latin1'),
      /latin\.csv.*Line: 2, .*not utf-8/,
    ],
    ['DataFileUnreadable', 'bytes.csv', Buffer.from([80, 75, 3, 4, 0, 0, 1, 0]), /bytes\.csv.*no text/],
    [
      'DataFileUnreadable',
      'list.json',
      '[{"x": 1}, {"x": 2}]',
      /list\.json.*is a JSON array.*one object a line/,
    ],
    [
      'DataFileMissing',
      'nothing-in-it',
      'folder',
      /folder .*nothing-in-it holds no file of Parquet, CSV or JSON/,
    ],
    ['NoCommonColumns', 'headless.csv', '1.5,a\n2.5,b\n', /Is its first line the names of its columns\?/],
    ['DataFileUnreadable', 'rows.xyz', 'x\n1\n', /format of .*rows\.xyz cannot be told/],
    ['DataFileUnreadable', 'broken.jsonl', '{"x": 1}\n{"x": \n', /broken\.jsonl cannot be read.*/],
    ['DataEmpty', 'header.csv', 'x,kind\n', /header\.csv holds no rows/],
    [
      'NoCommonColumns',
      'other.csv',
      'a,b\n1,2\n2,3\n',
      /no column in common.*the reference has x, kind; the current one has a, b/,
    ],
  ])('is refused with %s: %s', async (code, name, content, message) => {
    const file = content === null ? at(name) : await made(name, content);
    await expect(compareFiles({ reference: await good(), current: file })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test('a truncated Parquet file is named', async () => {
    await withDuckDb((connection) =>
      connection.run(
        `COPY (SELECT random() AS x FROM range(50000)) TO ${literal(at('whole.parquet'))} (FORMAT parquet)`,
      ),
    );
    const bytes = await readFile(at('whole.parquet'));
    const cut = await written('half.parquet', bytes.subarray(0, bytes.length >> 1));
    await expect(compareFiles({ reference: at('whole.parquet'), current: cut })).rejects.toMatchObject({
      code: 'DataFileUnreadable',
      message: expect.stringMatching(/half\.parquet cannot be read/),
    });
    // Its end is whole, its middle is not: found only while rows are read.
    const holed = Buffer.from(bytes);
    holed.fill(0xff, 100, bytes.length >> 1);
    const torn = await written('torn.parquet', holed);
    await expect(compareFiles({ reference: at('whole.parquet'), current: torn })).rejects.toMatchObject({
      code: 'DataFileUnreadable',
      message: expect.stringMatching(/torn\.parquet/),
    });
  });

  test('a column that is absent, changed its type or lost its values has a status; the others have results', async () => {
    const before = await written(
      'kinds.csv',
      csv('same,gone,typed,emptied,code', 100, (i) => `${i % 13}.5,${i}.1,${i}.5,${i}.25,A${i % 3}`),
    );
    const after = await written(
      'changed.csv',
      csv('same,typed,emptied,code', 100, (i) => `${i % 13}.5,${i === 40 ? 'oops' : i},,${i % 3}`),
    );
    const report = await compare(before, after);
    expect(statuses(report)).toEqual({
      same: 'ok',
      gone: 'error',
      typed: 'error',
      emptied: 'drifted',
      code: 'drifted',
    });
    const reasons = Object.fromEntries(report.columns.map(({ name, reason }) => [name, reason]));
    expect(reasons.gone).toBe('The current window has no column of this name.');
    expect(reasons.typed).toMatch(
      /type changed from numeric to VARCHAR: 1 of its 100 values are not numbers, the first of them "oops"/,
    );
    expect(reasons.emptied).toMatch(/share of missing values changed/);
  });

  test('classes are the same ones as whole numbers, floats and flags, which labels become where one is missing', async () => {
    const make = (name: string, columns: string) =>
      withDuckDb(async (connection) => {
        await connection.run(
          `COPY (SELECT ${columns} FROM range(400) AS made(i)) TO ${literal(at(name))} (FORMAT parquet)`,
        );
        return at(name);
      });
    const whole = await make(
      'whole.labels.parquet',
      `i % 2 AS y, i % 2 = 1 AS flag, i % 3 % 2 AS ship, i % 4 AS code, i % 2 = 1 AS said`,
    );
    const floats = await make(
      'float.labels.parquet',
      `CASE WHEN i < 40 THEN NULL ELSE (i % 2)::DOUBLE END AS y, i % 2 AS flag, i % 3 % 2 = 1 AS ship, i % 4 + 0.5 AS code, CASE WHEN i % 2 = 1 THEN 'yes' ELSE 'maybe' END AS said`,
    );
    const columns = { code: { type: 'categorical' } } as const;
    const forth = await compare(whole, floats, { target: 'y', columns });
    expect(statuses(forth)).toEqual({ y: 'ok', flag: 'ok', ship: 'ok', code: 'error', said: 'drifted' });
    expect(forth.target).toMatchObject({ kl: 0, drifted: false });
    const back = await compare(floats, whole, { target: 'y', columns: { flag: { type: 'categorical' } } });
    expect(statuses(back)).toMatchObject({ y: 'ok', flag: 'ok', ship: 'ok' });
    await writeProfile(at('labels.json'), await profileFiles({ reference: floats, target: 'y' }));
    const { report } = await compareFiles({
      reference: await readProfile(at('labels.json')),
      current: whole,
    });
    expect(report.target).toMatchObject({ kl: 0, drifted: false });
  });

  test('a text among the numbers of the reference is told, not taken for a name of rows', async () => {
    const lines = (write: (i: number) => string) =>
      Array.from({ length: 200 }, (_, i) => write(i)).join('\n');
    const value = (i: number) => (i === 150 ? 'oops' : i + 0.5);
    const mixed = await written('mixed.csv', `x,y\n${lines((i) => `${value(i)},${i % 5}`)}\n`);
    const objects = await written(
      'mixed.jsonl',
      lines((i) => JSON.stringify({ x: value(i), y: i % 5 })),
    );
    for (const file of [mixed, objects]) {
      const report = await compare(file, file);
      expect(statuses(report)).toEqual({ x: 'error', y: 'ok' });
      expect(report.columns[0]?.reason).toMatch(
        /1 of its 200 values are not numbers, the first of them "oops"/,
      );
    }
    const profile = await profileFiles({ reference: mixed });
    expect(profile.columns.map(({ name }) => name)).toEqual(['y']);
    const { notes } = await compareFiles({ reference: profile, current: mixed });
    expect(notes).toEqual(['Not compared, because the reference does not have it: x.']);
    const told = await compare(mixed, mixed, { columns: { x: { type: 'numeric' } } });
    expect(statuses(told)).toEqual({ x: 'ok', y: 'ok' });
    expect(told.columns[0]?.missing).toMatchObject({ reference: 0.005, current: 0.005 });
  });

  test('all-null and constant columns, and a single row', async () => {
    const file = await written(
      'flat.csv',
      csv('nothing,five,x', 100, (i) => `,5,${(i * 37) % 101}`),
    );
    const flat = await compare(file, file);
    expect(statuses(flat)).toEqual({ nothing: 'insufficient_data', five: 'ok', x: 'ok' });
    expect(flat.columns[0]).toMatchObject({ rows_needed: 30, severity: 'stable' });
    const one = await compare(file, await written('one.csv', 'nothing,five,x\n,5,1\n'));
    expect(statuses(one)).toEqual({
      nothing: 'insufficient_data',
      five: 'insufficient_data',
      x: 'insufficient_data',
    });
    expect(one.columns[2]?.reason).toBe(
      'Needs 30 values in each window: the reference holds 100, the current one 1.',
    );
  });

  test('a thousand columns are compared', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `c${i}`);
    const rows = Array.from({ length: 31 }, (_, r) =>
      names.map((_, i) => ((r * 31 + i * 17) % 97) / 3).join(','),
    );
    const file = await written('wide.csv', [names.join(','), ...rows].join('\n'));
    const { dataset } = await compare(file, file);
    expect(dataset).toMatchObject({ columns: 1000, features_drifted: 0 });
  });

  test('a column of more levels than are kept is compared by its commonest', async () => {
    const make = (name: string, offset: number) =>
      withDuckDb(async (connection) => {
        await connection.run(
          `COPY (SELECT CASE WHEN i % 2 = 0 THEN 'common ' || (i % 10) ELSE 'rare ' || (i // 2 % 60000 + ${offset}) END AS kind
           FROM range(200000) AS made(i)) TO ${literal(at(name))} (FORMAT parquet)`,
        );
        return at(name);
      });
    const report = await compare(await make('many.parquet', 0), await make('more.parquet', 30_000));
    expect(report.columns[0]).toMatchObject({ name: 'kind', role: 'feature', new_categories: [] });
    expect(report.columns[0]?.bins.map((bin) => bin.label)).toContain('other');
  });

  test('a setting for a column that is not there is told', async () => {
    const file = await good();
    await expect(
      compareFiles({ reference: file, current: file, columns: { nope: { role: 'ignored' } } }),
    ).rejects.toMatchObject({ code: 'ColumnMissing', message: expect.stringMatching(/no column "nope"/) });
    await expect(compareFiles({ reference: file, current: file, target: 'late' })).rejects.toMatchObject({
      code: 'TargetMissing',
    });
  });
});

describe('a saved profile', () => {
  const sample = (name: string, rows: number, shift: number) =>
    written(
      name,
      csv('x,kind,when,y', rows, (i) => {
        const day = String((i % 28) + 1).padStart(2, '0');
        return `${(Math.sin(i * 12.9898) * 43.7 + shift).toFixed(5)},${'abc'[i % 3]},2024-01-${day},${i % 2}`;
      }),
    );

  test('gives the report its rows would, and reads only the current data', async () => {
    const reference = await sample('reference.csv', 800, 0);
    const current = await sample('current.csv', 500, 30);
    const profile = await profileFiles({ reference, target: 'y' });
    await writeProfile(at('profile.json'), profile);
    const read = await readProfile(at('profile.json'));
    expect(read).toEqual(profile);
    const direct = await compare(reference, current, { target: 'y' });
    await rm(reference);
    const { report } = await compareFiles({ reference: read, current });
    expect(rounded({ ...report, timings: {} })).toEqual(rounded({ ...direct, timings: {} }));
    expect(report.target?.name).toBe('y');
  });

  test('is refused where the settings speak of another column, or of another type', async () => {
    const profile = await profileFiles({ reference: await sample('settled.csv', 100, 0) });
    const current = await sample('now.csv', 100, 0);
    const refused = (more: Partial<CompareFilesInput>) =>
      expect(compareFiles({ reference: profile, current, ...more })).rejects;
    await refused({ target: 'late' }).toMatchObject({ code: 'TargetMissing' });
    await refused({ columns: { nope: { type: 'numeric' } } }).toMatchObject({ code: 'ColumnMissing' });
    await refused({ columns: { kind: { type: 'numeric' } } }).toMatchObject({
      code: 'ProfileInvalid',
      message: expect.stringMatching(/holds "kind" as categorical, and the settings say numeric/),
    });
    await refused({ target: 'y', prediction: 'y' }).toMatchObject({ code: 'InvalidRequest' });
    await compareFiles({ reference: profile, current, columns: { gone: { role: 'ignored' } } });
  });

  test('of two parts, merged, is that of the whole', async () => {
    const parts = await Promise.all([sample('part-1.csv', 300, 0), sample('part-2.csv', 400, 5)]);
    const files = await Promise.all(
      parts.map(async (part, i) => {
        await writeProfile(at(`part-${i}.json`), await profileFiles({ reference: part }));
        return at(`part-${i}.json`);
      }),
    );
    const whole = await profileFiles({ reference: at('part-?.csv') });
    expect(await readProfiles(files)).toEqual(whole);
  });

  test('is refused where it is none, of another version, or contradicts itself', async () => {
    const refused = (name: string, content: string) =>
      expect(written(name, content).then(readProfile)).rejects.toMatchObject({ code: 'ProfileInvalid' });
    await refused('text.json', 'x');
    await refused('other.json', '{}');
    const file = at('profile.json');
    const stored = JSON.parse(await readFile(file, 'utf8'));
    await refused('later.json', JSON.stringify({ ...stored, version: 2 }));
    const [first, ...rest] = stored.columns;
    await refused('torn.json', JSON.stringify({ ...stored, columns: [{ ...first, finite: 7 }, ...rest] }));
    const numeric = stored.columns.findIndex((column: object) => 'uppers' in column);
    const broken: readonly (readonly [array: string, place: number, value: number])[] = [
      ['uppers', -1, Number.POSITIVE_INFINITY],
      ['uppers', 0, Number.NaN],
      ['counts', 0, -1],
      ['counts', 0, 0.5],
      ['sums', 0, Number.NaN],
    ];
    for (const [array, place, value] of broken) {
      const column = { ...stored.columns[numeric] };
      const numbers = new Float64Array(Uint8Array.from(Buffer.from(column[array], 'base64')).buffer);
      // What one count loses another gains, so that their sum is right.
      if (array === 'counts') numbers[1] = (numbers[1] ?? 0) + (numbers[0] ?? 0) - value;
      numbers[place < 0 ? numbers.length + place : place] = value;
      column[array] = Buffer.from(numbers.buffer).toString('base64');
      await refused(
        'broken.json',
        JSON.stringify({ ...stored, columns: stored.columns.with(numeric, column) }),
      );
    }
    await refused(
      'letters.json',
      JSON.stringify({
        ...stored,
        columns: stored.columns.with(numeric, { ...stored.columns[numeric], sums: '!' }),
      }),
    );
    await expect(writeProfile(at('no/folder.json'), await readProfile(file))).rejects.toMatchObject({
      code: 'ProfileInvalid',
      message: expect.stringMatching(/folder\.json: there is no such folder\. Name another file\.$/),
    });
    await expect(readProfile(at('absent.json'))).rejects.toMatchObject({
      message: expect.stringMatching(/is not there/),
    });
  });
});

test('drawings are made on request, cancelled work ends as such', async () => {
  const file = await written(
    'draw.csv',
    csv('x,kind', 300, (i) => `${Math.sin(i)},${i % 2}`),
  );
  const { pictures } = await compareFiles({ reference: file, current: file, pictures: true });
  expect(pictures.get('x')?.reference.reduce((sum, count) => sum + count, 0)).toBe(300);
  await expect(
    compareFiles({ reference: file, current: file, signal: AbortSignal.abort() }),
  ).rejects.toMatchObject({ name: 'AbortError' });
});
