import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { flatFile } from '@watchtower/parquet';
import { doubles, longs } from '@watchtower/parquet/testing/encode';
import {
  dataPage,
  type HandMadeColumn,
  handMadeFile,
  physical,
} from '@watchtower/parquet/testing/hand-made-file';
import { i8, struct, type Thrift } from '@watchtower/parquet/testing/thrift';
import fc from 'fast-check';
import { type DuckDbConnection, withDuckDb } from './duckdb.ts';
import { readers } from './file-format.ts';
import { flatFiles } from './flat-files.ts';
import { columnsOf } from './relation-columns.ts';
import { literal } from './sql.ts';
import { bothWays } from './testing/both-ways.ts';

// DuckDB starts anew for every question here.
jest.setTimeout(60_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'watchtower-flat-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const withOne = <T>(work: (connection: DuckDbConnection) => Promise<T>) => withDuckDb(work, 1);

let files = 0;
/** Each under a name of its own: DuckDB remembers files. */
const newPath = (): string => {
  files += 1;
  return path.join(folder, `${files}.parquet`);
};
async function written(content: Uint8Array): Promise<string> {
  const file = newPath();
  await writeFile(file, content);
  return file;
}

async function copied(connection: DuckDbConnection, select: string, options: string): Promise<string> {
  const file = newPath();
  await connection.run(`COPY (${select}) TO ${literal(file)} (FORMAT parquet${options})`);
  return file;
}

/**
 * That both ways find the same in every column that is read here.
 *
 * @returns the names of these columns; null where the files are left to DuckDB
 */
async function sameBothWays(
  connection: DuckDbConnection,
  paths: readonly string[],
  typeOf?: Parameters<typeof bothWays>[2],
): Promise<readonly string[] | null> {
  const { columns, own, byName } = await bothWays(connection, paths, typeOf);
  if (own === null) return null;
  expect(own).toEqual(columns);
  const read = [...byName].filter(([, found]) => found.own !== null);
  for (const [name, { own: numbers, duckDb }] of read) {
    // Jest takes long over many numbers; as it compares them too, 0 and -0 are different, and NaN is NaN.
    const isSame =
      Array.isArray(numbers) &&
      Array.isArray(duckDb) &&
      numbers.length === duckDb.length &&
      numbers.every((value, row) => Object.is(value, duckDb[row]));
    if (!isSame) expect([name, numbers]).toEqual([name, duckDb]);
  }
  return read.map(([name]) => name);
}

/** Expressions by row number i, of which each is a column's name and what it holds. */
const numbersAndTimes: Readonly<Record<string, string>> = {
  tiny: '(i % 256 - 128)::TINYINT',
  utiny: '(i % 256)::UTINYINT',
  small: '(i * 7919 % 65536 - 32768)::SMALLINT',
  usmall: '(i * 7919 % 65536)::USMALLINT',
  int: 'if(i % 9 = 0, -2147483648, if(i % 9 = 1, 2147483647, i * 7))::INTEGER',
  uint: 'if(i % 9 = 0, 4294967295, i)::UINTEGER',
  big: 'if(i % 9 = 0, -9223372036854775808, if(i % 9 = 1, 9223372036854775807, 9007199254740993 + i))::BIGINT',
  ubig: 'if(i % 9 = 0, 18446744073709551615, 9223372036854775809 + i)::UBIGINT',
  few: '(i % 5)::BIGINT',
  double:
    "if(i % 9 = 0, 'nan', if(i % 9 = 1, 'inf', if(i % 9 = 2, '-inf', if(i % 9 = 3, '-0', (i / 7)::VARCHAR))))::DOUBLE",
  float: "if(i % 9 = 0, 'nan', if(i % 9 = 1, '-inf', if(i % 9 = 3, '-0', (i / 7)::VARCHAR)))::FLOAT",
  some: 'i % 11 / 3',
  none: 'NULL::DOUBLE',
  day: "DATE '1970-01-01' + (i * 37 - 40000)::INTEGER",
  time: 'make_timestamp(i::BIGINT * 123456789012 - 98765432109876)',
  seconds: '(make_timestamp(i::BIGINT * 123456789012 - 98765432109876))::TIMESTAMP_S',
  millis: '(make_timestamp(i::BIGINT * 123456789012 - 98765432109876))::TIMESTAMP_MS',
  nanos: 'make_timestamp_ns(i::BIGINT * 123456789012345 - 98765432109876543)',
  zoned: 'make_timestamp(i::BIGINT * 123456789012 - 98765432109876)::TIMESTAMPTZ',
  far: "if(i % 4 = 0, 'infinity', '290000-12-31')::TIMESTAMP",
  farDay: "if(i % 4 = 0, '-infinity', '5877642-06-25 (BC)')::DATE",
};
const categories: Readonly<Record<string, string>> = {
  flag: 'i % 3 = 0',
  text: "['', 'a', 'süß', '😀', 'NULL', chr(65279) || 'mark', 'b'][i % 7 + 1]",
  one: "'always'",
  long: "repeat('x', 5000) || (i % 3)",
  empty: 'NULL::VARCHAR',
};

describe('what DuckDB writes is read as DuckDB reads it', () => {
  const expressions = { ...numbersAndTimes, ...categories };
  const select = (rows: number, missing: (name: string) => string) =>
    `SELECT ${Object.entries(expressions)
      .map(([name, value]) => `if(${missing(name)}, NULL, ${value}) AS "${name}"`)
      .join(', ')} FROM range(${rows}) numbers(i)`;
  const everyFifth = () => 'i % 5 = 2';

  const options = fc.record({
    codec: fc.constantFrom('snappy', 'uncompressed'),
    version: fc.constantFrom('V1', 'V2'),
    groups: fc.constantFrom('', ', ROW_GROUP_SIZE 2048', ', ROW_GROUP_SIZE 5000'),
    dictionary: fc.constantFrom('', ', DICTIONARY_SIZE_LIMIT 1', ', DICTIONARY_SIZE_LIMIT 100'),
    rows: fc.constantFrom(1, 7, 2000, 9000),
    missing: fc.constantFrom('false', 'true', 'i % 5 = 2', 'i % 1000 = 0', 'hash(i) % 2 = 0', 'i > 4000'),
  });

  test('whatever the options are', async () => {
    const read = new Set<string>();
    await withOne((connection) =>
      fc.assert(
        fc.asyncProperty(options, async ({ codec, version, groups, dictionary, rows, missing }) => {
          const asked = `, COMPRESSION ${codec}, PARQUET_VERSION ${version}${groups}${dictionary}`;
          const file = await copied(
            connection,
            select(rows, () => missing),
            asked,
          );
          for (const name of (await sameBothWays(connection, [file])) ?? []) read.add(name);
        }),
        { numRuns: 12, seed: 7 },
      ),
    );
    // No column was always left to DuckDB, but for what may only be there for infinity.
    expect(Object.keys(expressions).filter((name) => !read.has(name))).toEqual([]);
  });

  test('usual options leave no column to DuckDB but those with times far away', async () => {
    await withOne(async (connection) => {
      const file = await copied(connection, select(3000, everyFifth), '');
      const left = Object.keys(expressions).filter((name) => name !== 'far' && name !== 'farDay');
      expect(await sameBothWays(connection, [file])).toEqual(left);
    });
  });

  test.each(['gzip', 'zstd', 'lz4', 'brotli'])('files packed by %s are left to it', async (codec) => {
    await withOne(async (connection) => {
      const file = await copied(connection, select(10, everyFifth), `, COMPRESSION ${codec}`);
      expect(await sameBothWays(connection, [file])).toBeNull();
    });
  });

  test('files without a row, and several files, one of them without a row', async () => {
    await withOne(async (connection) => {
      const none = await copied(connection, select(0, everyFifth), '');
      const some = await copied(connection, select(100, everyFifth), '');
      const more = await copied(
        connection,
        select(50, () => 'false'),
        ', PARQUET_VERSION V2, COMPRESSION uncompressed',
      );
      expect((await sameBothWays(connection, [none]))?.length).toBe(Object.keys(expressions).length);
      expect((await sameBothWays(connection, [some, none, some]))?.length).toBe(
        Object.keys(expressions).length - 2,
      );
      await sameBothWays(connection, [more, some]);
    });
  });

  test('files whose columns are others, in another order or of another type are left to it', async () => {
    await withOne(async (connection) => {
      const file = await copied(connection, 'SELECT 1 AS a, 2 AS b', '');
      for (const other of ['2 AS b, 1 AS a', '1 AS a', '1 AS a, 2 AS B', '1 AS a, 2.5::DOUBLE AS b']) {
        expect(await flatFiles([file, await copied(connection, `SELECT ${other}`, '')])).toBeNull();
      }
      expect(await flatFiles([])).toBeNull();
    });
  });

  test('texts of more levels than are told apart, and of nearly as many', async () => {
    await withOne(async (connection) => {
      const many = (levels: number) => `SELECT 'level ' || (i % ${levels}) AS x FROM range(50000) numbers(i)`;
      const wide = ', ROW_GROUP_SIZE 100000, DICTIONARY_SIZE_LIMIT 100000';
      expect(await sameBothWays(connection, [await copied(connection, many(19_900), wide)])).toEqual(['x']);
      expect(await sameBothWays(connection, [await copied(connection, many(20_500), wide)])).toEqual([]);
    });
  });

  test('numbers are no datetimes, and datetimes no numbers', async () => {
    await withOne(async (connection) => {
      const file = await copied(connection, select(100, everyFifth), '');
      const names = Object.keys(numbersAndTimes);
      expect(
        await sameBothWays(connection, [file], ({ name, type }) =>
          !names.includes(name) ? null : type === 'datetime' ? 'numeric' : 'datetime',
        ),
      ).toEqual([]);
    });
  });

  test('any doubles at all', async () => {
    await withOne((connection) =>
      fc.assert(
        fc.asyncProperty(fc.array(fc.double(), { minLength: 1, maxLength: 300 }), async (values) => {
          const file = await written(
            handMadeFile([
              {
                name: 'x',
                type: 'DOUBLE',
                required: true,
                chunks: [{ pages: [dataPage(doubles(values), values.length)], rows: values.length }],
              },
            ]),
          );
          expect(await sameBothWays(connection, [file])).toEqual(['x']);
        }),
        { numRuns: 20 },
      ),
    );
  });

  test('any whole numbers and times of 64 bits', async () => {
    const kinds: readonly Pick<HandMadeColumn, 'converted' | 'logical'>[] = [
      {},
      { converted: 14 },
      { converted: 9 },
      { converted: 10 },
      { logical: timestamp(false, 3) },
      { logical: timestamp(true, 3) },
    ];
    const value = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
      fc.bigInt({ min: -3000n, max: 3000n }),
    );
    await withOne((connection) =>
      fc.assert(
        fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 50 }), async (values) => {
          const chunks = [{ pages: [dataPage(longs(values), values.length)], rows: values.length }];
          const columns = kinds.map(
            (kind, i): HandMadeColumn => ({ name: `x${i}`, type: 'INT64', required: true, ...kind, chunks }),
          );
          expect(await sameBothWays(connection, [await written(handMadeFile(columns))])).toEqual(
            expect.arrayContaining(['x0', 'x1']),
          );
        }),
        { numRuns: 40 },
      ),
    );
  });
});

const nothing = struct({});
function timestamp(utc: boolean, unit: 1 | 2 | 3): Thrift {
  return struct({ 8: struct({ 1: { flag: utc }, 2: struct({ [unit]: nothing }) }) });
}
const integer = (bits: number, signed: boolean): Thrift =>
  struct({ 10: struct({ 1: i8(bits), 2: { flag: signed } }) });

test('a column has the type that DuckDB gives it, whatever its file says of it', async () => {
  const logicalTypes = [
    undefined,
    ...[1, 4, 6, 11, 12].map((id) => struct({ [id]: nothing })),
    ...[true, false].flatMap((utc) => ([1, 2, 3] as const).map((unit) => timestamp(utc, unit))),
    ...[8, 16, 32, 64].flatMap((bits) => [integer(bits, true), integer(bits, false)]),
  ];
  const convertedTypes = [undefined, ...Array.from({ length: 22 }, (_, i) => i)];
  const types = Object.keys(physical) as (keyof typeof physical)[];
  let flat = 0;
  await withOne(async (connection) => {
    for (const type of types) {
      for (const converted of convertedTypes) {
        for (const logical of logicalTypes) {
          const content = handMadeFile([{ name: 'x', type, converted, logical, chunks: [] }]);
          const found = flatFile(content)?.columns.map(({ name, sqlType }) => ({ name, sqlType }));
          if (found === undefined) continue;
          flat += 1;
          const own = await written(content);
          expect(await columnsOf(connection, readers.parquet([own]))).toMatchObject(found);
        }
      }
    }
  });
  // A timestamp of any unit and zone goes with any converted type.
  expect(flat).toBeGreaterThan(100);
});

describe('what Arrow writes is read as DuckDB reads it', () => {
  const oracle = (name: string) => path.join(import.meta.dirname, 'oracle', `${name}.parquet`);

  test.each<[string, readonly string[] | null]>([
    ['many-pages', ['float', 'int', 'flag', 'word', 'moment']],
    ['many-pages-v2', ['float', 'int', 'word', 'moment']],
    ['overflowing-dictionary', ['float', 'long', 'word']],
    ['no-dictionary', ['float', 'int', 'flag', 'word', 'moment']],
    ['required', ['float', 'short', 'day', 'word']],
    ['required-v2', ['float', 'short', 'day', 'word']],
    ['byte-stream-split', []],
    ['delta', ['float']],
    [
      'timestamps',
      ['s', 'ms', 'us', 'ns'].flatMap((unit) =>
        ['local', 'UTC', 'Asia/Kolkata'].map((zone) => `${unit} ${zone}`),
      ),
    ],
    ['timestamps-of-old', ['ms', 'us']],
    ['whole-numbers', [8, 16, 32, 64].flatMap((bits) => [`int${bits}`, `uint${bits}`])],
    ['texts', ['large', 'categorical', 'view', 'never']],
    ['nothing', ['float', 'word']],
    ['nested', null],
    ['structure', null],
    ['decimal', null],
    ['bytes', null],
    ['times', null],
    ['null', null],
    ['halves', null],
    ['zstd', null],
    ['byte-order-mark', ['\uFEFFx', 'y']],
    ['old-moments', null],
  ])('%s', async (name, own) => {
    await withOne(async (connection) => expect(await sameBothWays(connection, [oracle(name)])).toEqual(own));
  });

  test('a broken file has no other values than DuckDB finds in it', async () => {
    const names = ['many-pages', 'many-pages-v2', 'overflowing-dictionary', 'required', 'timestamps-of-old'];
    const contents = await Promise.all(names.map((name) => readFile(oracle(name))));
    const change = fc.tuple(fc.nat(), fc.nat({ max: 255 }));
    const changes = fc.array(change, { minLength: 1, maxLength: 2 });
    await withOne((connection) =>
      fc.assert(
        fc.asyncProperty(fc.constantFrom(...contents), changes, async (content, drawn) => {
          const broken = Buffer.from(content);
          // The last part is metadata: DuckDB is asked to read what its own metadata tells it.
          for (const [at, value] of drawn) broken[4 + (at % Math.floor(0.6 * broken.length))] = value;
          const { byName } = await bothWays(connection, [await written(broken)]);
          for (const [name, { own, duckDb }] of byName) {
            if (own !== null && duckDb !== null) expect([name, own]).toEqual([name, duckDb]);
          }
        }),
        { numRuns: 50, seed: 11 },
      ),
    );
  });
});
