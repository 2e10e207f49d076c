import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { flatFile, footerBytes } from './index.ts';
import { doubles } from './testing/encode.ts';
import { dataPage, type HandMadeColumn, handMadeFile } from './testing/hand-made-file.ts';
import { i8, i32, i64, list, type Struct, struct, text, writeStruct } from './testing/thrift.ts';

const chunk = { pages: [dataPage(doubles([1, 2]), 2)], rows: 2 };
const column: HandMadeColumn = { name: 'x', type: 'DOUBLE', chunks: [chunk] };
const withMetadata = (metadata: Struct): Buffer =>
  handMadeFile([{ ...column, chunks: [{ ...chunk, metadata }] }]);

/** A file of this metadata alone. */
function footerOf(metadata: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(metadata.length);
  return Buffer.concat([metadata, length, Buffer.from('PAR1')]);
}

test('a flat file is its columns, each with where its rows lie', () => {
  const { columns, rows } = flatFile(handMadeFile([column, { ...column, name: 'süß', required: true }])) ?? {
    columns: [],
    rows: -1,
  };
  expect(rows).toBe(2);
  expect(columns).toMatchObject([
    { name: 'x', sqlType: 'DOUBLE', storage: 'float64', optional: true },
    { name: 'süß', sqlType: 'DOUBLE', storage: 'float64', optional: false },
  ]);
  const { bytes = 0 } = columns[0]?.chunks[0] ?? {};
  expect(columns.map(({ chunks }) => chunks)).toEqual([
    [{ at: 4, bytes, unpackedBytes: bytes, rows: 2, codec: 'none' }],
    [{ at: 4 + bytes, bytes, unpackedBytes: bytes, rows: 2, codec: 'none' }],
  ]);
});

describe('left to DuckDB is a file', () => {
  const named = (...names: readonly string[]) => handMadeFile(names.map((name) => ({ ...column, name })));
  const logicalInteger = (bits: number, signed: boolean) =>
    struct({ 10: struct({ 1: i8(bits), 2: { flag: signed } }) });

  test.each<[string, Buffer]>([
    ['without columns', handMadeFile([])],
    ['of names that differ by case alone', named('Amount', 'amount')],
    ['of a name without a letter', named('')],
    ['of a name that is no UTF-8', named('\uFFFD')],
    ['packed otherwise', withMetadata({ 4: i32(6) })],
    ['whose column is another one', withMetadata({ 3: list([text('y')]) })],
    ['whose column is nested', withMetadata({ 3: list([text('x'), text('y')]) })],
    ['whose column is of another type', withMetadata({ 1: i32(4) })],
    ['whose column holds another number of values', withMetadata({ 5: i64(3) })],
    ['whose column begins before the file', withMetadata({ 9: i64(-4) })],
    ['whose column is larger than a number can tell', withMetadata({ 7: i64(2n ** 60n) })],
    ['whose dictionary stands behind its pages', withMetadata({ 11: i64(1000) })],
    ['whose rows are not those of its groups', handMadeFile([column], { 3: i64(3) })],
    [
      'whose group has another column',
      handMadeFile([column], { 2: list([struct({ 4: text('schema'), 5: i32(0) })]) }),
    ],
    ['of 96 bits', handMadeFile([{ ...column, type: 'INT96' }])],
    ['of bytes', handMadeFile([{ ...column, type: 'BYTE_ARRAY' }])],
    [
      'whose types contradict each other',
      handMadeFile([{ ...column, type: 'INT32', converted: 15, logical: logicalInteger(16, true) }]),
    ],
    [
      'whose type only newer readers know',
      handMadeFile([{ ...column, type: 'INT32', logical: logicalInteger(8, false) }]),
    ],
  ])('%s', (_, file) => {
    expect(flatFile(file)).toBeNull();
  });

  test('of more metadata than is worth its memory', () => {
    expect(footerBytes(Buffer.concat([Buffer.from([255, 255, 255, 255]), Buffer.from('PAR1')]))).toBeNull();
    expect(footerBytes(Buffer.from('PARE'))).toBeNull();
    expect(footerBytes(Buffer.alloc(0))).toBeNull();
    const encrypted = Buffer.concat([handMadeFile([column]).subarray(0, -1), Buffer.from('E')]);
    expect(footerBytes(encrypted)).toBeNull();
  });
});

test('a byte-order mark belongs to a name', () => {
  expect(flatFile(handMadeFile([{ ...column, name: '\uFEFFx' }]))?.columns.map(({ name }) => name)).toEqual([
    '\uFEFFx',
  ]);
});

test('a converted type that is not known is none of those that are', () => {
  expect(flatFile(handMadeFile([{ ...column, type: 'INT32', converted: 24 }]))).toBeNull();
});

describe('at once refused is metadata of', () => {
  const list32 = Buffer.of(0x19, 0xfc, 0xff, 0xff, 0xff, 0x0f);
  test.each<[string, Buffer]>([
    ['a number without an end', Buffer.concat([Buffer.of(0x16), Buffer.alloc(2_000_000, 0xff)])],
    [
      'lists of lists that would be gigabytes',
      Buffer.concat(Array.from({ length: 20 }, () => Buffer.of(0x19, 0xf9, 0x80, 0x80, 0x80, 0x0f))),
    ],
    ['a list longer than its bytes', list32],
    [
      'millions of structures of no bytes',
      Buffer.concat([Buffer.of(0x19, 0xfc, 0x80, 0x89, 0x7a), Buffer.alloc(2_000_001)]),
    ],
    ['structures in structures', Buffer.alloc(1_000_000, 0x1c)],
    ['lists in lists', Buffer.alloc(1_000_000, 0x19)],
    [
      'millions of fields',
      Buffer.concat(
        Array.from({ length: 300_000 }, (_, i) =>
          Buffer.of(0x01, 0x80 | ((2 * i) & 127), 0x80 | ((2 * i) >> 7), (2 * i) >> 14),
        ),
      ),
    ],
    ['bytes that end before they should', Buffer.of(0x18, 0xff, 0xff, 0xff, 0x07, 1)],
    ['a type there is none of', Buffer.of(0x1f, 0)],
    ['a field below zero', Buffer.concat([Buffer.of(0x05, 0x03, 0x00), writeStruct({})])],
  ])('%s', (_, metadata) => {
    const begun = performance.now();
    expect(() => flatFile(footerOf(metadata))).toThrow(/broken/);
    expect(performance.now() - begun).toBeLessThan(5000);
  });

  test('any other bytes, or it is a file whose places are numbers', () => {
    const file = handMadeFile([column, { ...column, name: 'süß', type: 'INT64', converted: 10 }]);
    const begin = file.length - (footerBytes(file) ?? 0);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const broken = Buffer.from(file);
          for (const [at, value] of changes) broken[begin + (at % (file.length - begin))] = value;
          let found: ReturnType<typeof flatFile> = null;
          try {
            found = flatFile(broken);
          } catch {
            return;
          }
          for (const { at, bytes, unpackedBytes, rows } of found?.columns.flatMap(({ chunks }) => chunks) ??
            []) {
            expect(
              [at, bytes, unpackedBytes, rows].every((value) => Number.isSafeInteger(value) && value >= 0),
            ).toBe(true);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});
