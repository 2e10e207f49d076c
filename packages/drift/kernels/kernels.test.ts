import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { narrowestSpread } from '../compare-values.ts';
import { countByEnds } from '../profile/count-by-ends.ts';
import { compareSorted } from './compare-sorted.ts';
import { compareUnsorted } from './compare-unsorted.ts';
import { newWorkspace, type Workspace } from './comparison-scratch.ts';
import type { Kernels } from './kernels.ts';
import { typescriptKernels } from './loops.ts';
import { type ScannedValues, scanValues, squaredDeviations } from './scan-values.ts';

const most = 3000;
const workspace: Workspace = newWorkspace(1, { reference: most, current: most });

/** Values of many shapes: what kernels could stumble over is in each of them sooner or later. */
const shapes = fc.constantFrom<(u: number, v: number) => number>(
  (u) => u,
  (u, v) => Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v),
  (u, v) => Math.exp(3 * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v)),
  (u) => Math.tan(Math.PI * (u - 0.5)),
  (u) => Math.floor(u * 9) - 4,
  (u) => Math.round(u * 200) / 10,
  (u) => 1.7e9 + 1e6 * u,
  (u, v) => (u < 0.5 ? 0 : v < 0.5 ? -0 : v * 1e-310),
  (u, v) => (u < 0.01 ? (v - 0.5) * 1e300 : v),
  () => 3,
);
const gaps = fc.constantFrom(0, 0, 0, 0.02);
const sample = fc
  .tuple(shapes, fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: 2 ** 30 }), gaps)
  .map(([shape, length, seed, gap]) => {
    const next = uniform(seed);
    return Float64Array.from({ length }, () => {
      const missing = next() < gap;
      const value = shape(next(), next());
      if (!missing) return value;
      return next() < 0.5 ? Number.NaN : Math.sign(next() - 0.5) * Number.POSITIVE_INFINITY;
    });
  });

/** A linear congruential generator on (0, 1): the same numbers for the same seed. */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

const bits = ({ buffer, byteOffset, byteLength }: Float64Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');
const spreadOf = ({ low, high }: ScannedValues): number => high - low;
const bitsOfScan = ({ finite, ...rest }: ScannedValues) => ({ ...rest, finite: bits(finite) });

/** The same values in the memory of the kernels. */
function placed(values: Float64Array, side: 'reference' | 'current'): Float64Array {
  const place = workspace[side][0]?.subarray(0, values.length) ?? new Float64Array(0);
  place.set(values);
  return place;
}

test('the kernels in WebAssembly run here', () => {
  expect(workspace.scratch.buffer).not.toBeNull();
});

test('WebAssembly and TypeScript give the same bits', () => {
  fc.assert(
    fc.property(sample, sample, (x, y) => {
      const { scratch } = workspace;
      const plain = [scanValues(x), scanValues(y)] as const;
      const quick = [
        scanValues(placed(x, 'reference'), { scratch, side: 'reference' }),
        scanValues(placed(y, 'current'), { scratch, side: 'current' }),
      ] as const;
      expect(quick.map(bitsOfScan)).toEqual(plain.map(bitsOfScan));
      expect(squaredDeviations(quick[0], scratch)).toBe(squaredDeviations(plain[0]));
      if (quick[0].finite.length === 0 || quick[1].finite.length === 0) return;
      expect(compareUnsorted(...quick, 10, scratch)).toEqual(compareUnsorted(...plain, 10));
      const ends = Float64Array.from(new Set(plain[0].finite.map((value) => value + 0))).sort();
      const origin = plain[0].low;
      const counted = countByEnds(quick[1].finite, ends, origin, scratch);
      const expected = countByEnds(plain[1].finite, ends, origin);
      expect(bits(counted.counts)).toBe(bits(expected.counts));
      expect(bits(counted.sums)).toBe(bits(expected.sums));
      const between = (kernels: Kernels, values: Float64Array, into: Float64Array) =>
        bits(into.subarray(0, kernels.valuesBetween(values, origin, origin + spreadOf(plain[0]) / 3, into)));
      expect(between(scratch.kernels, quick[1].finite, scratch.current.sorted)).toBe(
        between(typescriptKernels, plain[1].finite, new Float64Array(most)),
      );
    }),
    { numRuns: 60 },
  );
});

test('both find what sorting finds', () => {
  fc.assert(
    fc.property(sample, sample, (x, y) => {
      const [a, b] = [scanValues(x), scanValues(y)];
      if (a.finite.length === 0 || b.finite.length === 0) return;
      const { wasserstein, ...exact } = compareSorted(a, b, 10);
      const { wasserstein: found, ...rest } = compareUnsorted(a, b, 10);
      expect(rest).toEqual(exact);
      const spread = Math.max(a.high, b.high) - Math.min(a.low, b.low);
      if (Number.isFinite(wasserstein) && Number.isFinite(spread) && spread >= narrowestSpread) {
        expect(Math.abs(found - wasserstein)).toBeLessThanOrEqual(1e-12 * spread + 1e-9 * wasserstein);
      }
    }),
    { numRuns: 60 },
  );
});

test('readers have their place in the same memory, and none where they want too much of it', () => {
  const { reading, reference } = newWorkspace(1, { reference: 5, current: 0 }, 0, 1000);
  expect(reading?.region.length).toBe(1000);
  expect((reading?.region.byteOffset ?? 1) % 16).toBe(0);
  expect(reading?.region.buffer).toBe(reference[0]?.buffer);
  for (const wanted of [0, 2 ** 32, 2 ** 60]) {
    const without = newWorkspace(1, { reference: 5, current: 0 }, 0, wanted);
    expect(without.reading).toBeNull();
    expect(without.reference[0]?.length).toBe(5);
  }
});

test('the committed module is what its source makes', () => {
  const root = path.join(import.meta.dirname, '../../..');
  const [source, target] = ['packages/drift/assembly/kernels.ts', 'packages/drift/kernels/wasm-binary.ts'];
  const build = [path.join(root, 'scripts/assembly.mjs'), source, target, '--print'];
  const made = execFileSync(process.execPath, build, { encoding: 'utf8' });
  expect(readFileSync(path.join(root, target), 'utf8')).toBe(made);
}, 60_000);
