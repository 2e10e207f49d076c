import { describe, expect, test } from '@jest/globals';
import { compareTables } from './compare-tables.ts';
import { homogeneity } from './homogeneity.ts';
import { populationStability } from './population-stability-index.ts';
import type { CategoricalColumn, NumericColumn } from './table.ts';
import { defaultDriftSettings as settings } from './thresholds.ts';
import { normal, uniformNumbers } from './uniform-numbers.ts';

describe('the dataset', () => {
  const feature = (name: string, counts: readonly number[]): CategoricalColumn => ({
    kind: 'categorical',
    name,
    type: 'categorical',
    role: 'feature',
    levels: counts.map((_, i) => `level ${i}`),
    counts,
    missing: 0,
  });
  const names = ['a', 'b', 'c', 'd', 'e'];
  const resultOf = (moved: number, share_threshold = 0.2) => {
    const table = (drifted: number) => ({
      rows: 1000,
      columns: names.map((name, i) => feature(name, i < drifted ? [100, 900] : [500, 500])),
    });
    return compareTables({
      reference: table(0),
      current: table(moved),
      settings: { ...settings, share_threshold },
    }).dataset;
  };

  test('drifts when strictly more than the share of its features did', () => {
    expect(resultOf(1)).toMatchObject({ drifted_share: 0.2, drift_detected: false });
    expect(resultOf(2)).toMatchObject({ drifted_share: 0.4, drift_detected: true });
    expect(resultOf(1, 0.19)).toMatchObject({ drift_detected: true });
  });

  test('has the score of the table of rules: half the share, 0.3 of the mean movement, 0.2 of the largest', () => {
    // Columns that moved this far count as 1, all others as 0.
    expect([0, 1, 2, 5].map((moved) => resultOf(moved).score)).toEqual([
      0,
      expect.closeTo(0.5 * 0.2 + 0.3 * 0.2 + 0.2, 12),
      expect.closeTo(0.5 * 0.4 + 0.3 * 0.4 + 0.2, 12),
      1,
    ]);
  });

  test('is critical from a score of 0.5 on where it drifted, at risk where a feature moved far', () => {
    expect([0, 1, 2].map((moved) => resultOf(moved).health)).toEqual(['healthy', 'at_risk', 'critical']);
    expect(resultOf(2, 0.9).health).toBe('at_risk');
  });
});

test('PSI by hand, with its correction for chance', () => {
  const cells = [50, 30, 20, 0].map((reference, i) => ({
    label: String(i),
    reference,
    current: [40, 30, 25, 5][i] ?? 0,
  }));
  const psi = populationStability(cells, 0.05);
  expect(psi.value).toBeCloseTo(0.14987703740960934, 12);
  expect(psi.corrected).toBeCloseTo(psi.value - 3 * 0.02, 12);
  expect(psi.critical).toBeCloseTo(7.814727903251178 * 0.02, 9);
});

test.each([
  // Exact: all tables of these margins, each with its probability.
  [[3, 0, 2, 1], [0, 3, 1, 2], 0.24025974025974028],
  [[9, 1, 0, 2], [3, 3, 4, 1], 0.04015892574244977],
  [[30, 1, 0, 0, 2], [20, 0, 3, 2, 0], 0.01318491128663734],
])('a sparse table %j against %j has nearly its exact p-value', (reference, current, exact) => {
  const { pValue } = homogeneity(reference, current);
  // Stopped after 20 tables as extreme: a relative standard error of about 1/√20.
  expect(Math.abs(Math.log(pValue / exact))).toBeLessThan(0.6);
  expect(homogeneity(reference, current).pValue).toBe(pValue);
});

// The whole simulation is bench/drift/calibration; this one notices when a rule is loosened.
test('without drift, 300 against 100 rows flag one of seven columns in at most 5 % of comparisons', () => {
  const uniform = uniformNumbers(400);
  const shapes: readonly ((u: number, z: number) => number)[] = [
    (_, z) => z,
    (_, z) => Math.exp(2 * z),
    (u) => Math.floor(5 * u),
    (u, z) => (u < 0.7 ? 0 : z),
    (u, z) => (u < 0.1 ? Number.NaN : z),
    (u) => Math.tan(Math.PI * (u - 0.5)),
  ];
  const column = (rows: number, name: string, shape: (u: number, z: number) => number): NumericColumn => ({
    kind: 'numeric',
    name,
    type: 'numeric',
    role: 'feature',
    values: Float64Array.from({ length: rows }, () => shape(uniform(), normal(uniform))),
  });
  const tail = (rows: number): CategoricalColumn => {
    const counts = new Map<string, number>();
    for (let i = 0; i < rows; i += 1) {
      const level = String(Math.floor(1 / uniform()));
      counts.set(level, (counts.get(level) ?? 0) + 1);
    }
    return {
      kind: 'categorical',
      name: 'tail',
      type: 'categorical',
      role: 'feature',
      levels: [...counts.keys()],
      counts: [...counts.values()],
      missing: 0,
    };
  };
  const table = (rows: number) => ({
    rows,
    columns: [...shapes.map((shape, i) => column(rows, `x${i}`, shape)), tail(rows)],
  });
  const trials = 40;
  let flagged = 0;
  for (let trial = 0; trial < trials; trial += 1) {
    const { dataset } = compareTables({ reference: table(300), current: table(100), settings });
    if (dataset.features_drifted > 0) flagged += 1;
  }
  expect(flagged / trials).toBeLessThanOrEqual(0.05);
});
