import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PageUnreadable, pageDecoder } from './page-decoder.ts';
import type { NumberKind } from './storage.ts';
import {
  doubles,
  hybridOf,
  ints,
  longs,
  type Run,
  type SnappyPart,
  snappyOf,
  stored,
} from './testing/encode.ts';
import { guardedMemory } from './testing/guarded-memory.ts';

const newBench = (bytes = 2 ** 16) => {
  const guarded = guardedMemory(bytes);
  return { ...guarded, decoder: pageDecoder(guarded.memory) };
};

describe('Snappy', () => {
  const unpack = (packed: Uint8Array, capacity: number): Buffer | null => {
    const { decoder, filled, bytes, isIntactBeside } = newBench();
    const [input, into] = [filled(packed), bytes(capacity)];
    try {
      return Buffer.from(decoder.unpack(input, into));
    } catch (error) {
      expect(error).toBeInstanceOf(PageUnreadable);
      return null;
    } finally {
      expect(isIntactBeside(input, into)).toBe(true);
    }
  };

  const literal = fc.record({
    literal: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    lengthBytes: fc.constantFrom(0, 1, 2, 3, 4),
  });
  const copy = fc.record({
    back: fc.nat(),
    length: fc.integer({ min: 1, max: 64 }),
    kind: fc.constantFrom(1, 2, 3),
  });

  /** Parts that fit together, and what they stand for. */
  const packing = fc.array(fc.oneof(literal, copy), { maxLength: 30 }).map((drawn) => {
    const parts: SnappyPart[] = [];
    let whole = Buffer.alloc(0);
    for (const part of drawn) {
      if ('literal' in part) {
        const lengthBytes = part.literal.length > 60 && part.lengthBytes === 0 ? 2 : part.lengthBytes;
        const bytes = lengthBytes === 1 ? part.literal.subarray(0, 256) : part.literal;
        parts.push({ literal: bytes, lengthBytes } as SnappyPart);
        whole = Buffer.concat([whole, bytes]);
      } else if (whole.length > 0) {
        const kind = part.kind as 1 | 2 | 3;
        const offset = 1 + (part.back % Math.min(whole.length, kind === 1 ? 2047 : 65_535));
        const length = kind === 1 ? 4 + (part.length % 8) : part.length;
        parts.push({ offset, length, kind });
        const added = Buffer.alloc(length);
        for (let i = 0; i < length; i += 1) {
          const at = whole.length - offset + i;
          added[i] = (at < whole.length ? whole[at] : added[at - whole.length]) ?? 0;
        }
        whole = Buffer.concat([whole, added]);
      }
    }
    return { packed: snappyOf(parts, whole.length), whole };
  });

  test('gives back what any parts stand for, copies of what they are just writing among them', () => {
    fc.assert(
      fc.property(packing, ({ packed, whole }) => {
        expect(unpack(packed, whole.length)).toEqual(whole);
        expect(unpack(packed, whole.length + 100)).toEqual(whole);
        if (whole.length > 0) expect(unpack(packed, whole.length - 1)).toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  test('is refused, and nothing written elsewhere, once a byte is another or the end is missing', () => {
    fc.assert(
      fc.property(packing, fc.nat(), fc.nat({ max: 255 }), ({ packed, whole }, at, value) => {
        const broken = Buffer.from(packed);
        broken[at % broken.length] = value;
        unpack(broken, whole.length);
        if (packed.length > 1)
          expect(unpack(packed.subarray(0, at % packed.length), whole.length)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['no bytes', []],
    ['a length without an end', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['a length of 4 GiB', [0xff, 0xff, 0xff, 0xff, 0x0f, 0]],
    ['a literal of 4 GiB', [8, 63 << 2, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8]],
    ['a copy of what is not there yet', [4, (0 << 2) | 1, 1]],
    ['a copy from no distance', [8, 3 << 2, 1, 2, 3, 4, (0 << 2) | 1, 0]],
    ['a copy from 4 GiB before', [8, 3 << 2, 1, 2, 3, 4, (3 << 2) | 3, 0xff, 0xff, 0xff, 0xff]],
    ['a copy beyond the length', [6, 3 << 2, 1, 2, 3, 4, (0 << 2) | 1, 4]],
    ['fewer bytes than the length', [5, 3 << 2, 1, 2, 3, 4]],
    ['a tag without its offset', [8, 3 << 2, 1, 2, 3, 4, (3 << 2) | 2, 1]],
  ])('is refused: %s', (_, bytes) => {
    expect(unpack(Buffer.from(bytes), 64)).toBeNull();
  });

  test('of nothing is nothing', () => {
    expect(unpack(stored(Buffer.alloc(0)), 0)).toEqual(Buffer.alloc(0));
  });
});

/** Runs of values below a limit, and the values. */
const runsBelow = (limit: number) => {
  const value = fc.nat({ max: limit - 1 });
  return fc
    .array(
      fc.oneof(
        fc.record({ value, times: fc.nat({ max: 300 }) }),
        fc.record({ packed: fc.array(value, { minLength: 8, maxLength: 80 }) }),
      ),
      { maxLength: 12 },
    )
    .map((drawn) => {
      const runs: readonly Run[] = drawn.map((run) =>
        'packed' in run ? { packed: run.packed.slice(0, 8 * Math.floor(run.packed.length / 8)) } : run,
      );
      const values = runs.flatMap((run) =>
        'packed' in run ? run.packed : Array.from({ length: run.times }, () => run.value),
      );
      return { runs, values };
    });
};

describe('indices of a dictionary', () => {
  const entries = 700;
  const drawn = fc
    .nat({ max: 32 })
    .chain((width) => fc.tuple(fc.constant(width), runsBelow(Math.min(entries, 2 ** width))));

  test('are read in runs of every width, equal and packed, and name their numbers', () => {
    fc.assert(
      fc.property(drawn, fc.nat(), ([width, { runs, values }], cut) => {
        const { decoder, filled, numbers, counts, isIntactBeside } = newBench();
        const input = filled(Buffer.concat([Buffer.of(width), hybridOf(runs, width)]));
        const dictionary = numbers(entries);
        dictionary.set(Array.from(dictionary, (_, i) => i / 7));
        const wanted = cut % 2 === 0 ? values : values.slice(0, cut % (values.length + 1));
        const [into, met] = [numbers(wanted.length), counts(entries)];
        decoder.indexedNumbers(input, wanted.length, dictionary, into);
        decoder.indexedCounts(input, wanted.length, met);
        expect([...into]).toEqual(wanted.map((index) => index / 7));
        const expected = new Uint32Array(entries);
        for (const index of wanted) expected[index] = (expected[index] ?? 0) + 1;
        expect(met).toEqual(expected);
        expect(isIntactBeside(input, dictionary, into, met)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  const refused = (bytes: readonly number[], count: number, size = 3): void => {
    const { decoder, filled, numbers, counts, isIntactBeside } = newBench();
    const input = filled(Buffer.from(bytes));
    const [dictionary, into, met] = [numbers(size), numbers(count), counts(size)];
    expect(() => decoder.indexedNumbers(input, count, dictionary, into)).toThrow(PageUnreadable);
    expect(() => decoder.indexedCounts(input, count, met)).toThrow(PageUnreadable);
    expect(isIntactBeside(input, dictionary, into, met)).toBe(true);
  };

  test.each([
    ['without a width', []],
    ['33 bits wide', [33, 16, 0, 0, 0, 0, 0]],
    ['behind the dictionary, equal', [8, 16, 3]],
    ['behind the dictionary, packed', [2, 3, 0xff, 0xff]],
    ['of 32 bits set', [32, 16, 0xff, 0xff, 0xff, 0xff]],
    ['of 32 bits set, packed', [32, 3, ...Array.from({ length: 32 }, () => 0xff)]],
    ['too few', [2, 14, 1]],
    ['without a header', [2]],
    ['whose header has no end', [2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]],
    ['whose header has more than 32 bits', [2, 0x90, 0x80, 0x80, 0x80, 0x10, 1]],
    ['cut in the middle of a value', [16, 16, 1]],
    ['cut in the middle of packed values', [2, 3, 0x55]],
    ['runs of no value only', [2, 0, 1, 0, 1, 0, 1]],
  ])('are refused: %s', (_, bytes) => {
    refused(bytes, 8);
  });

  test('of a dictionary without an entry are refused', () => {
    refused([0, 16], 8, 0);
  });

  test('may be one run for a whole page of many rows, and packed values may end with the last one', () => {
    const { decoder, filled, counts } = newBench();
    const met = counts(2);
    decoder.indexedCounts(
      filled(Buffer.concat([Buffer.of(1), hybridOf([{ value: 1, times: 2 ** 31 - 1 }], 1)])),
      2 ** 31 - 1,
      met,
    );
    decoder.indexedCounts(filled(Buffer.of(1, 3, 0b101)), 3, met);
    expect([...met]).toEqual([1, 2 ** 31 + 1]);
  });
});

describe('definition levels', () => {
  test('tell for each row whether it has a value', () => {
    fc.assert(
      fc.property(runsBelow(2), ({ runs, values }) => {
        const { decoder, filled, bytes, isIntactBeside } = newBench();
        const [input, present] = [filled(hybridOf(runs, 1)), bytes(values.length)];
        expect(decoder.levels(input, values.length, present)).toBe(
          values.filter((level) => level === 1).length,
        );
        expect([...present]).toEqual(values);
        expect(isIntactBeside(input, present)).toBe(true);
        expect(() => decoder.levels(input, values.length + 1, present)).toThrow(PageUnreadable);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ['a level of 2', [16, 2]],
    ['too few of them', [14, 1]],
    ['none', []],
  ])('are refused: %s', (_, bytes) => {
    const { decoder, filled, bytes: room } = newBench();
    expect(() => decoder.levels(filled(Buffer.from(bytes)), 8, room(8))).toThrow(PageUnreadable);
  });
});

describe('numbers one after the other', () => {
  const read = (kind: NumberKind, bytes: Uint8Array, count: number, room = count): number[] => {
    const { decoder, filled, numbers, isIntactBeside } = newBench();
    const [input, into] = [filled(bytes), numbers(room)];
    try {
      decoder.plainNumbers(input, count, kind, into);
      return [...into];
    } finally {
      expect(isIntactBeside(input, into)).toBe(true);
    }
  };
  const floats = Buffer.from(Float32Array.of(0.1, -0, Number.NaN, Number.POSITIVE_INFINITY).buffer);
  const short = ints([0, -1, 127, 128, 300, 32_768, 70_000, 2 ** 31 - 1, -(2 ** 31)]);
  const long = longs([0n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]);
  const times = longs([0n, 1n, -1n, 999n, -999n, 1000n, -1001n, 1_999_999n, -1_999_999n, 9n * 10n ** 18n]);

  test.each<[NumberKind, Buffer, readonly number[]]>([
    ['float64', doubles([1.5, -0, Number.NaN, 5e-324]), [1.5, -0, Number.NaN, 5e-324]],
    ['float32', floats, [Math.fround(0.1), -0, Number.NaN, Number.POSITIVE_INFINITY]],
    ['int8', short, [0, -1, 127, -128, 44, 0, 112, -1, 0]],
    ['uint8', short, [0, 255, 127, 128, 44, 0, 112, 255, 0]],
    ['int16', short, [0, -1, 127, 128, 300, -32_768, 4464, -1, 0]],
    ['uint16', short, [0, 65_535, 127, 128, 300, 32_768, 4464, 65_535, 0]],
    ['int32', short, [0, -1, 127, 128, 300, 32_768, 70_000, 2 ** 31 - 1, -(2 ** 31)]],
    ['uint32', short, [0, 2 ** 32 - 1, 127, 128, 300, 32_768, 70_000, 2 ** 31 - 1, 2 ** 31]],
    ['int64', long, [0, -1, 2 ** 53, 2 ** 63, -(2 ** 63)]],
    ['uint64', long, [0, 2 ** 64, 2 ** 53, 2 ** 63, 2 ** 63]],
    ['days', ints([0, 1, -1, 100_000_000]), [0, 86_400_000, -86_400_000, 8.64e15]],
    ['milliseconds', longs([0n, -1n, 9n * 10n ** 15n]), [0, -1, 9e15]],
    ['microseconds', times, [0, 0, 0, 0, 0, 1, -1, 1999, -1999, 9e15]],
    ['nanoseconds', times, [0, 0, 0, 0, 0, 0, 0, 1, -1, 9e12]],
  ])('%s', (kind, bytes, expected) => {
    expect(read(kind, bytes, expected.length)).toEqual(expected);
    expect(() => read(kind, bytes, expected.length + 1)).toThrow(PageUnreadable);
    expect(() => read(kind, bytes, expected.length, expected.length - 1)).toThrow(PageUnreadable);
    expect(() => read(kind, bytes, -1, 8)).toThrow(PageUnreadable);
  });

  test.each<[NumberKind, Buffer]>([
    ['days', ints([2 ** 31 - 1])],
    ['days', ints([-(2 ** 31)])],
    ['milliseconds', longs([2n ** 63n - 1n])],
    ['milliseconds', longs([-9_223_372_036_854_776n])],
    ['microseconds', longs([2n ** 63n - 1n])],
    ['microseconds', longs([1n - 2n ** 63n])],
    ['nanoseconds', longs([-(2n ** 63n)])],
  ])('%s that may stand for infinity are left to others', (kind, bytes) => {
    expect(() => read(kind, bytes, 1)).toThrow(PageUnreadable);
  });
});

test('flags are counted', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 100 }), (flags) => {
      const { decoder, filled } = newBench();
      const bytes = new Uint8Array(Math.ceil(flags.length / 8));
      for (const [i, flag] of flags.entries())
        if (flag) bytes[i >> 3] = (bytes[i >> 3] ?? 0) | (1 << (i & 7));
      const input = filled(bytes);
      expect(decoder.plainFlags(input, flags.length)).toBe(flags.filter(Boolean).length);
      expect(() => decoder.plainFlags(input, 8 * bytes.length + 1)).toThrow(PageUnreadable);
    }),
  );
});

test('values go to the rows that have one', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.double({ noNaN: true })), { maxLength: 200 }), (rows) => {
      const { decoder, filled, numbers, isIntactBeside } = newBench();
      const present = filled(Uint8Array.from(rows, (value) => (value === null ? 0 : 1)));
      const values = rows.filter((value) => value !== null);
      const into = numbers(rows.length);
      into.set(values);
      decoder.spread(present, values.length, into);
      expect([...into]).toEqual(rows.map((value) => value ?? Number.NaN));
      expect(isIntactBeside(present, into)).toBe(true);
    }),
  );
});

test('the committed module is what its source makes', () => {
  const root = path.join(import.meta.dirname, '../..');
  const [source, target] = ['packages/parquet/assembly/pages.ts', 'packages/parquet/wasm-binary.ts'];
  const build = [path.join(root, 'scripts/assembly.mjs'), source, target, '--print'];
  const made = execFileSync(process.execPath, build, { encoding: 'utf8' });
  expect(readFileSync(path.join(root, target), 'utf8')).toBe(made);
}, 60_000);
