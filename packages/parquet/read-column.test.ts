import { describe, expect, test } from '@jest/globals';
import {
  countTexts,
  deskBytes,
  type FlatColumn,
  flatFile,
  PageUnreadable,
  pageDesk,
  readNumbers,
} from './index.ts';
import { doubles, hybridOf, ints, longs, stored, texts } from './testing/encode.ts';
import { guardedMemory } from './testing/guarded-memory.ts';
import {
  dataPage,
  dataPageV2,
  dictionaryPage,
  type HandMadeColumn,
  handMadeFile,
  page,
  withLength,
} from './testing/hand-made-file.ts';
import { i32, struct } from './testing/thrift.ts';

type Chunk = HandMadeColumn['chunks'][number];

/** A file of one column, read into memory that shows each writing beside its places. */
function opened(file: Buffer) {
  const column = flatFile(file)?.columns[0];
  if (column === undefined) throw new Error('the file is not flat');
  const rows = column.chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  const { memory, bytes, numbers, isIntactBeside } = guardedMemory(deskBytes([column]) + 8 * rows + 2 ** 16);
  const region = bytes(deskBytes([column]));
  const desk = pageDesk(memory, region, [column]);
  const readAt = (into: Uint8Array, position: number): void => {
    if (position + into.length > file.length) throw new Error('beyond the end of the file');
    into.set(file.subarray(position, position + into.length));
  };
  const own = [desk.input, desk.page, desk.present, desk.dictionary];
  const within = <T>(into: Float64Array, read: () => T): T => {
    try {
      return read();
    } finally {
      expect(isIntactBeside(...own, into)).toBe(true);
    }
  };
  return {
    column,
    numbers: (room = rows): number[] => {
      const into = numbers(room);
      return within(into, () => {
        readNumbers(column, readAt, desk, into);
        return [...into];
      });
    },
    counted: (most = 1000) =>
      within(numbers(0), () => {
        const { counts, missing } = countTexts(column, readAt, desk, most);
        return { ...Object.fromEntries(counts), missing };
      }),
  };
}

const fileOf = (column: Omit<HandMadeColumn, 'name' | 'chunks'>, ...chunks: readonly Chunk[]): Buffer =>
  handMadeFile([{ name: 'x', ...column, chunks }]);

const plainDoubles = { type: 'DOUBLE', required: true } as const;
const plainInts = { type: 'INT32', required: true } as const;
const utf8 = { type: 'BYTE_ARRAY', required: true, converted: 0 } as const;

const indices = (width: number, ...packed: readonly number[]): Buffer =>
  Buffer.concat([Buffer.of(width), hybridOf([{ packed }], width)]);
const levels = (...each: readonly number[]): Buffer => hybridOf([{ packed: each }], 1);

describe('a column of numbers', () => {
  test('is one page, several pages, several groups of rows, or none', () => {
    const pages = [dataPage(doubles([1, 2]), 2), dataPage(doubles([3]), 1), dataPage(doubles([]), 0)];
    expect(opened(fileOf(plainDoubles, { pages: [dataPage(doubles([1.5]), 1)], rows: 1 })).numbers()).toEqual(
      [1.5],
    );
    expect(
      opened(
        fileOf(
          plainDoubles,
          { pages, rows: 3 },
          { pages: [], rows: 0 },
          { pages: pages.slice(0, 1), rows: 2 },
        ),
      ).numbers(),
    ).toEqual([1, 2, 3, 1, 2]);
    expect(opened(fileOf(plainDoubles)).numbers()).toEqual([]);
  });

  test('has NaN where a row has no value, in pages of both versions', () => {
    const [some, none] = [levels(0, 1, 1, 0), levels(0, 0)];
    const first = dataPage(Buffer.concat([withLength(some), doubles([7, 8])]), 4);
    const second = dataPageV2(Buffer.concat([some, doubles([5, 6])]), 4, { levels: some.length });
    const empty = dataPageV2(none, 2, { levels: none.length });
    const file = fileOf({ type: 'DOUBLE' }, { pages: [first, second, empty], rows: 10 });
    const missing = Number.NaN;
    expect(opened(file).numbers()).toEqual([
      missing,
      7,
      8,
      missing,
      missing,
      5,
      6,
      missing,
      missing,
      missing,
    ]);
  });

  test('may begin with a dictionary, of which the last pages know nothing', () => {
    const pages = [
      dictionaryPage(ints([10, -20, 30]), 3),
      dataPage(indices(2, 2, 1, 0, 0), 4, 'RLE_DICTIONARY'),
      dataPage(indices(2, 1), 1, 'PLAIN_DICTIONARY'),
      dataPage(ints([99]), 1),
    ];
    expect(opened(fileOf(plainInts, { pages, rows: 6 })).numbers()).toEqual([30, -20, 10, 10, -20, 99]);
  });

  test('is unpacked where it is packed, but for the levels of the second version', () => {
    const level = levels(1, 0, 1);
    const plain = doubles([4, 5]);
    const size = level.length + plain.length;
    const packed = Buffer.concat([level, stored(plain)]);
    const pages = [
      dataPage(stored(Buffer.concat([withLength(level), plain])), 3, 'PLAIN', { unpacked: 4 + size }),
      dataPageV2(packed, 3, { levels: level.length }, { unpacked: size }),
      dataPageV2(Buffer.concat([level, plain]), 3, { levels: level.length, packed: false }),
    ];
    const file = fileOf({ type: 'DOUBLE', snappy: true }, { pages, rows: 9, unpackedBytes: 1000 });
    expect(opened(file).numbers()).toEqual([4, Number.NaN, 5, 4, Number.NaN, 5, 4, Number.NaN, 5]);
  });

  test('may be longer than what is read at a time, and a page as well', () => {
    const values = Array.from({ length: 400_000 }, (_, i) => i / 3);
    const parts = [values.slice(0, 1000), values.slice(1000, 251_000), values.slice(251_000)];
    const pages = parts.map((part) => dataPage(doubles(part), part.length));
    expect(opened(fileOf(plainDoubles, { pages, rows: values.length })).numbers()).toEqual(values);
  });

  test('may be many rows in a few bytes', () => {
    const rows = 2_000_000;
    const one = Buffer.concat([Buffer.of(0), hybridOf([{ value: 0, times: rows }], 0)]);
    const pages = [dictionaryPage(ints([7]), 1), dataPage(one, rows, 'RLE_DICTIONARY')];
    const found = opened(fileOf(plainInts, { pages, rows })).numbers();
    expect(found.length).toBe(rows);
    expect(found.every((value) => value === 7)).toBe(true);
  });
});

const ten = Array.from({ length: 10 }, (_, i) => i);

/** Two doubles of two rows, as a broken file has them: nothing but an error may come of it. */
describe('a broken column of numbers is refused', () => {
  const indexed = dataPage(indices(2, 0, 1), 2, 'RLE_DICTIONARY');
  const level = levels(1, 1);
  const oddLevels = dataPage(Buffer.concat([Buffer.from([255, 255, 255, 255]), doubles([1, 2])]), 2);

  test.each<[string, Omit<HandMadeColumn, 'name' | 'chunks'>, Chunk]>([
    ['no page', plainDoubles, { pages: [], rows: 2 }],
    ['a page of fewer rows', plainDoubles, { pages: [dataPage(doubles([1]), 1)], rows: 2 }],
    ['a page of more rows', plainDoubles, { pages: [dataPage(doubles(ten), 10)], rows: 2 }],
    ['pages of more rows', plainDoubles, { pages: ten.map(() => dataPage(doubles([1, 2]), 2)), rows: 3 }],
    ['rows below zero', plainDoubles, { pages: [dataPage(doubles([1, 2]), -2)], rows: 2 }],
    ['rows of 31 bits', plainDoubles, { pages: [dataPage(doubles([1, 2]), 2 ** 31 - 1)], rows: 2 }],
    ['fewer values than rows', plainDoubles, { pages: [dataPage(doubles([1]), 2)], rows: 2 }],
    [
      'pages without rows to the end',
      plainDoubles,
      { pages: ten.map(() => dataPage(doubles([]), 0)), rows: 2 },
    ],
    [
      'a page that ends behind its column',
      plainDoubles,
      { pages: [dataPage(doubles([1, 2]), 2, 'PLAIN', { packed: 2 ** 31 - 1, unpacked: 16 })], rows: 2 },
    ],
    [
      'a page of less than no bytes',
      plainDoubles,
      { pages: [dataPage(doubles([1, 2]), 2, 'PLAIN', { packed: -1, unpacked: 16 })], rows: 2 },
    ],
    [
      'a page larger than its column',
      plainDoubles,
      { pages: [dataPage(doubles([1, 2]), 2, 'PLAIN', { unpacked: 2 ** 31 - 1 })], rows: 2 },
    ],
    [
      'a page of another size than it says',
      plainDoubles,
      { pages: [dataPage(doubles([1, 2]), 2, 'PLAIN', { unpacked: 15 })], rows: 2 },
    ],
    [
      'unpacked bytes of another size, second version',
      plainDoubles,
      { pages: [dataPageV2(doubles([1, 2, 3]), 2, { packed: false }, { unpacked: 16 })], rows: 2 },
    ],
    [
      'levels of rows that all have a value',
      plainDoubles,
      { pages: [dataPageV2(Buffer.concat([level, doubles([1, 2])]), 2, { levels: level.length })], rows: 2 },
    ],
    ['levels longer than their page', { type: 'DOUBLE' }, { pages: [oddLevels], rows: 2 }],
    [
      'levels longer than their page, second version',
      { type: 'DOUBLE' },
      { pages: [dataPageV2(doubles([1, 2]), 2, { levels: 17 })], rows: 2 },
    ],
    [
      'levels of less than no bytes',
      { type: 'DOUBLE' },
      { pages: [dataPageV2(doubles([1, 2]), 2, { levels: -1 })], rows: 2 },
    ],
    ['no dictionary', plainDoubles, { pages: [indexed], rows: 2 }],
    [
      'a dictionary of less than no entries',
      plainInts,
      { pages: [dictionaryPage(ints([1, 2]), -1), indexed], rows: 2 },
    ],
    [
      'a dictionary of less than no doubles',
      plainDoubles,
      { pages: [dictionaryPage(doubles([1, 2]), -3), indexed], rows: 2 },
    ],
    [
      'a dictionary of unknown length',
      plainInts,
      { pages: [page(2, ints(ten), { 7: struct({ 2: i32(0) }) }), indexed], rows: 2 },
    ],
    [
      'a dictionary of more entries than bytes',
      plainInts,
      { pages: [dictionaryPage(ints([1]), 2), indexed], rows: 2 },
    ],
    [
      'a dictionary of 31 bits of entries',
      plainInts,
      { pages: [dictionaryPage(ints([1, 2]), 2 ** 31 - 1), indexed], rows: 2 },
    ],
    [
      'an index behind the dictionary',
      plainInts,
      { pages: [dictionaryPage(ints([1]), 1), indexed], rows: 2 },
    ],
    [
      'two dictionaries',
      plainInts,
      { pages: [dictionaryPage(ints([1, 2]), 2), dictionaryPage(ints([3, 4]), 2), indexed], rows: 2 },
    ],
    [
      'a dictionary behind a page',
      plainInts,
      {
        pages: [
          dataPage(ints([1]), 1),
          dictionaryPage(ints([1, 2]), 2),
          dataPage(indices(1, 0), 1, 'RLE_DICTIONARY'),
        ],
        rows: 2,
      },
    ],
    ['another encoding', plainDoubles, { pages: [dataPage(doubles([1, 2]), 2, 'RLE')], rows: 2 }],
    [
      'a page of another kind',
      plainDoubles,
      { pages: [page(1, Buffer.alloc(0), {}), dataPage(doubles([1, 2]), 2)], rows: 2 },
    ],
    ['a page without its second header', plainDoubles, { pages: [page(0, doubles([1, 2]), {})], rows: 2 }],
    [
      'Snappy that is none',
      { ...plainDoubles, snappy: true },
      { pages: [dataPage(doubles([1, 2]), 2)], rows: 2 },
    ],
    [
      'Snappy of another length',
      { ...plainDoubles, snappy: true },
      {
        pages: [dataPage(stored(doubles([1, 2])), 2, 'PLAIN', { unpacked: 17 })],
        rows: 2,
        unpackedBytes: 99,
      },
    ],
    [
      'a header of more than 64 KiB',
      plainDoubles,
      { pages: [page(0, doubles([1, 2]), { 9: { bytes: Buffer.alloc(70_000) } })], rows: 2 },
    ],
  ])('%s', (_, column, chunk) => {
    const { numbers } = opened(fileOf(column, chunk));
    expect(() => numbers()).toThrow(PageUnreadable);
  });

  test.each([
    ['a number without an end', Buffer.concat([Buffer.of(0x16), Buffer.alloc(1_200_000, 0xff)])],
    [
      'lists of lists of 32 million elements',
      Buffer.concat([Buffer.of(0x19), ...ten.concat(ten).map(() => Buffer.of(0xf9, 0xff, 0xff, 0xff, 0x0f))]),
    ],
    ['very deep structures', Buffer.alloc(200_000, 0x1c)],
    [
      'fields without an end',
      Buffer.concat(
        Array.from({ length: 100_000 }, (_, i) =>
          Buffer.of(0x01, 0x80 | ((2 * i) & 127), ((2 * i) >> 7) & 127),
        ),
      ),
    ],
  ])('at once, where its header holds %s', (_, header) => {
    const { numbers } = opened(fileOf(plainDoubles, { pages: [header], rows: 2 }));
    const begun = performance.now();
    expect(() => numbers()).toThrow(PageUnreadable);
    expect(performance.now() - begun).toBeLessThan(2000);
  });

  test('where the rows do not fit in where they are wanted', () => {
    const { numbers } = opened(fileOf(plainDoubles, { pages: [dataPage(doubles(ten), 10)], rows: 10 }));
    expect(() => numbers(9)).toThrow(PageUnreadable);
  });

  test('where it holds texts', () => {
    const pages = [dictionaryPage(texts(['a']), 1), dataPage(indices(0), 0, 'RLE_DICTIONARY')];
    expect(() => opened(fileOf(utf8, { pages, rows: 0 })).numbers()).toThrow(PageUnreadable);
  });
});

describe('a column of texts', () => {
  const entries = ['', 'b', 'süß', '\uFEFFmark', '\uFFFD', '😀', 'never met', 'b'];
  const chunk = (...each: readonly number[]): Chunk => ({
    pages: [
      dictionaryPage(texts(entries), entries.length),
      dataPage(indices(3, ...each), each.length, 'RLE_DICTIONARY'),
    ],
    rows: each.length,
  });

  test('is counted by its dictionaries, equal texts of several together', () => {
    expect(opened(fileOf(utf8, chunk(0, 1, 1, 2, 7, 3), chunk(4, 5, 5, 0))).counted()).toEqual({
      '': 2,
      b: 3,
      süß: 1,
      '\uFEFFmark': 1,
      '\uFFFD': 1,
      '😀': 2,
      missing: 0,
    });
  });

  test('may lack values', () => {
    const [some, none] = [levels(1, 0, 1), levels(0, 0)];
    const pages = [
      dictionaryPage(texts(['a', 'b']), 2),
      dataPage(Buffer.concat([withLength(some), indices(1, 1, 1)]), 3, 'RLE_DICTIONARY'),
      dataPage(withLength(none), 2, 'RLE_DICTIONARY'),
      dataPage(withLength(none), 2),
    ];
    const file = fileOf({ ...utf8, required: false }, { pages, rows: 7 }, { pages: pages.slice(3), rows: 2 });
    expect(opened(file).counted()).toEqual({ b: 2, missing: 7 });
  });

  test('holds no more texts than are told apart', () => {
    const { counted } = opened(fileOf(utf8, chunk(0, 1, 7)));
    expect(counted(2)).toEqual({ '': 1, b: 2, missing: 0 });
    expect(() => counted(1)).toThrow(PageUnreadable);
  });

  test('is counted without a dictionary while there are few', () => {
    const few = opened(
      fileOf(
        utf8,
        { pages: [dictionaryPage(texts(['a']), 1), dataPage(indices(0, 0), 1, 'RLE_DICTIONARY')], rows: 1 },
        { pages: [dataPage(texts(['a', 'süß', 'b', 'süß']), 4)], rows: 4 },
      ),
    );
    expect(few.counted(3)).toEqual({ a: 2, süß: 2, b: 1, missing: 0 });
    const values = Array.from({ length: 40_000 }, (_, i) => String(i % 3));
    const page = () => ({ pages: [dataPage(texts(values), values.length)], rows: values.length });
    expect(opened(fileOf(utf8, page())).counted(3)).toMatchObject({ 0: 13_334, missing: 0 });
    expect(() => opened(fileOf(utf8, page(), page())).counted(3)).toThrow(PageUnreadable);
  });

  test.each<[string, readonly Uint8Array[]]>([
    ['a plain page that ends within a text', [dataPage(texts(['a', 'b']).subarray(0, 9), 2)]],
    ['indices without a dictionary', [dataPage(indices(1, 0, 0), 2, 'RLE_DICTIONARY')]],
    [
      'two dictionaries',
      [
        dictionaryPage(texts(['a']), 1),
        dictionaryPage(texts(['b']), 1),
        dataPage(indices(0, 0, 0), 2, 'RLE_DICTIONARY'),
      ],
    ],
    [
      'a dictionary after the rows it would lose',
      [
        dictionaryPage(texts(['a']), 1),
        dataPage(indices(0, 0), 1, 'RLE_DICTIONARY'),
        dictionaryPage(texts(['b']), 1),
        dataPage(indices(0, 0), 1, 'RLE_DICTIONARY'),
      ],
    ],
    [
      'less than no entries',
      [dictionaryPage(texts(['a']), -1), dataPage(indices(0, 0, 0), 2, 'RLE_DICTIONARY')],
    ],
    [
      'more entries than bytes',
      [dictionaryPage(texts(['a']), 2), dataPage(indices(0, 0, 0), 2, 'RLE_DICTIONARY')],
    ],
    [
      'a text that ends behind its page',
      [dictionaryPage(Buffer.of(255, 255, 255, 255, 97), 1), dataPage(indices(0, 0, 0), 2, 'RLE_DICTIONARY')],
    ],
    [
      'bytes that are no UTF-8',
      [dictionaryPage(texts([Buffer.of(0xc3, 0x28)]), 1), dataPage(indices(0, 0, 0), 2, 'RLE_DICTIONARY')],
    ],
    [
      'halves of characters',
      [
        dictionaryPage(texts([Buffer.of(0xed, 0xa0, 0x80)]), 1),
        dataPage(indices(0, 0, 0), 2, 'RLE_DICTIONARY'),
      ],
    ],
  ])('is refused with %s', (_, pages) => {
    expect(() => opened(fileOf(utf8, { pages, rows: 2 })).counted()).toThrow(PageUnreadable);
  });
});

test('a column of flags is counted, and refused where they are stored otherwise', () => {
  const some = levels(1, 0, 1, 1);
  const flags = Buffer.concat([withLength(some), Buffer.of(0b1101)]);
  const column = { type: 'BOOLEAN' } as const;
  const file = fileOf(column, { pages: [dataPage(flags, 4)], rows: 4 });
  expect(opened(file).counted()).toEqual({ false: 1, true: 2, missing: 1 });
  expect(() => opened(fileOf(column, { pages: [dataPage(flags, 4, 'RLE')], rows: 4 })).counted()).toThrow(
    PageUnreadable,
  );
});

test('a desk needs all of its memory', () => {
  const { column } = opened(fileOf(plainDoubles, { pages: [dataPage(doubles([1]), 1)], rows: 1 }));
  const { memory, bytes } = guardedMemory(2 ** 16);
  expect(() => pageDesk(memory, bytes(deskBytes([column]) - 1), [column])).toThrow(PageUnreadable);
  const none: readonly FlatColumn[] = [];
  expect(() => pageDesk(memory, bytes(deskBytes(none)), none)).not.toThrow();
});

test('times are whole milliseconds, of their own dictionaries too', () => {
  const pages = [
    dictionaryPage(longs([-1_500n, 2_999n]), 2),
    dataPage(indices(1, 1, 0), 2, 'RLE_DICTIONARY'),
    dataPage(longs([1_000_000n]), 1),
  ];
  const file = fileOf({ type: 'INT64', required: true, converted: 10 }, { pages, rows: 3 });
  expect(opened(file).numbers()).toEqual([2, -1, 1000]);
});
