import { appendFile, mkdtemp, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { mostLevels } from '@watchtower/drift';
import { deskBytes, type PageDesk, pageDesk } from '@watchtower/parquet';
import { doubles } from '@watchtower/parquet/testing/encode';
import { guardedMemory } from '@watchtower/parquet/testing/guarded-memory';
import { dataPage, handMadeFile } from '@watchtower/parquet/testing/hand-made-file';
import fc from 'fast-check';
import { withDuckDb } from './duckdb.ts';
import { type FlatFiles, flatFiles } from './flat-files.ts';
import { flatReader } from './flat-reader.ts';
import { columnTypeOf } from './relation-columns.ts';
import { literal } from './sql.ts';

jest.setTimeout(60_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'watchtower-flat-files-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const at = (name: string): string => path.join(folder, name);

/** Reads every column as far as it goes. @returns how many could be read */
function readAll(files: FlatFiles): number {
  const columns = files.files.flatMap((file) => file.columns);
  const wanted = deskBytes(columns);
  const { memory, bytes, numbers, isIntactBeside } = guardedMemory(wanted + 8 * files.rows + 2 ** 16);
  const desk: PageDesk = pageDesk(memory, bytes(wanted), columns);
  const into = numbers(files.rows);
  const reader = flatReader(files, desk, () => {});
  let read = 0;
  for (const { name, sqlType } of files.files[0]?.columns ?? []) {
    const type = columnTypeOf(sqlType) === 'datetime' ? 'datetime' : 'numeric';
    if (reader.readNumbers({ name, type }, into)) read += 1;
    if (reader.countTexts(name, mostLevels) !== null) read += 1;
  }
  reader.close();
  expect(isIntactBeside(desk.input, desk.page, desk.present, desk.dictionary, into)).toBe(true);
  return read;
}

describe('a file of which bytes are others', () => {
  const select = `SELECT if(i % 5 = 2, NULL, i % 7) AS int, i / 3 AS double, i % 11 / 3 AS few,
    (i % 100)::UTINYINT AS tiny, DATE '2024-01-01' + i::INTEGER AS day, make_timestamp(i * 1000001) AS time,
    if(i % 3 = 1, NULL, 'text ' || (i % 13)) AS text, i % 2 = 0 AS flag FROM range(700) numbers(i)`;
  const sorts = ['snappy', 'uncompressed'].flatMap((codec) =>
    ['V1', 'V2'].map((version) => ({ codec, version })),
  );

  test.each(sorts)(
    'is read or refused, and nothing is written elsewhere: $codec, $version',
    async ({ codec, version }) => {
      const file = at(`${codec}-${version}.parquet`);
      await withDuckDb((connection) =>
        connection.run(
          `COPY (${select}) TO ${literal(file)} (FORMAT parquet, COMPRESSION ${codec}, PARQUET_VERSION ${version})`,
        ),
      );
      const whole = await flatFiles([file]);
      if (whole === null) throw new Error('the file is not flat');
      // The second version has flags and numbers without a dictionary that are stored otherwise.
      const readable = readAll(whole);
      expect(readable).toBe(version === 'V1' ? 8 : 5);
      const content = await readFile(file);
      const pages = Math.max(
        ...whole.files.flatMap(({ columns }) =>
          columns.flatMap(({ chunks }) => chunks.map((chunk) => chunk.at + chunk.bytes)),
        ),
      );
      const change = fc.tuple(fc.nat(), fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 1, 127, 128, 255)));
      const broken = at(`${codec}-${version}-broken.parquet`);
      let refused = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(change, { minLength: 1, maxLength: 6 }),
          fc.constantFrom('pages', 'headers', 'anywhere', 'end'),
          async (changes, where) => {
            const bytes = Buffer.from(content);
            // Headers of pages stand where columns begin.
            const starts = whole.files.flatMap(({ columns }) =>
              columns.flatMap(({ chunks }) => chunks.map((chunk) => chunk.at)),
            );
            for (const [drawn, value] of changes) {
              const start = starts[drawn % starts.length] ?? 4;
              const place =
                where === 'headers'
                  ? start + ((drawn >> 8) % 40)
                  : drawn % (where === 'pages' ? pages : bytes.length);
              bytes[place] = value;
            }
            const cut = where === 'end' ? (changes[0]?.[0] ?? 0) % bytes.length : bytes.length;
            await writeFile(broken, bytes.subarray(0, cut));
            const found = await flatFiles([broken]);
            if (found === null || found.rows > 10_000_000) refused += 1;
            else if (readAll(found) < readable) refused += 1;
          },
        ),
        { numRuns: 150, seed: 20_130_401 },
      );
      expect(refused).toBeGreaterThan(30);
    },
  );
});

describe('a file that is another one by now', () => {
  const double = (...values: readonly number[]): Buffer =>
    handMadeFile([
      {
        name: 'x',
        type: 'DOUBLE',
        required: true,
        chunks: [{ pages: [dataPage(doubles(values), values.length)], rows: values.length }],
      },
    ]);

  const opened = async (name: string) => {
    await writeFile(at(name), double(1, 2, 3));
    await utimes(at(name), 1000, 1000);
    const found = await flatFiles([at(name)]);
    if (found === null) throw new Error('the file is not flat');
    return found;
  };

  test.each<[string, (file: string) => Promise<void>]>([
    ['in its place', (file) => writeFile(file, double(4, 5, 6))],
    [
      'moved there',
      async (file) => {
        await writeFile(`${file}.new`, double(4, 5, 6));
        await utimes(`${file}.new`, 1000, 1000);
        await rename(`${file}.new`, file);
      },
    ],
    ['that is longer', (file) => appendFile(file, 'more')],
    ['that is shorter', (file) => truncate(file, 10)],
    ['that is gone', (file) => rm(file)],
  ])('is left to DuckDB: %s', async (name, change) => {
    const files = await opened(`${name}.parquet`);
    expect(readAll(files)).toBe(1);
    await change(at(`${name}.parquet`));
    expect(readAll(files)).toBe(0);
  });
});

test('a file whose columns end behind it, and one that is none, are left to DuckDB', async () => {
  const chunk = { pages: [dataPage(doubles([1]), 1)], rows: 1 };
  const long = { ...chunk, metadata: { 7: { i64: 2n ** 31n } } };
  await writeFile(
    at('long.parquet'),
    handMadeFile([{ name: 'x', type: 'DOUBLE', required: true, chunks: [long] }]),
  );
  await writeFile(at('none.parquet'), Buffer.from([255, 255, 255, 0, 80, 65, 82, 49]));
  await writeFile(at('empty.parquet'), '');
  for (const name of ['long', 'none', 'empty', 'absent'])
    expect(await flatFiles([at(`${name}.parquet`)])).toBeNull();
});

test('reading ends once it is cancelled', async () => {
  const content = handMadeFile([
    { name: 'x', type: 'DOUBLE', required: true, chunks: [{ pages: [dataPage(doubles([1]), 1)], rows: 1 }] },
  ]);
  await writeFile(at('cancelled.parquet'), content);
  const files = await flatFiles([at('cancelled.parquet')]);
  if (files === null) throw new Error('the file is not flat');
  const columns = files.files.flatMap((file) => file.columns);
  const { memory, bytes, numbers } = guardedMemory(2 ** 16);
  const reader = flatReader(files, pageDesk(memory, bytes(deskBytes(columns)), columns), () => {
    throw new DOMException('cancelled', 'AbortError');
  });
  expect(() => reader.readNumbers({ name: 'x', type: 'numeric' }, numbers(1))).toThrow('cancelled');
  reader.close();
});
