import { describe, expect, test } from '@jest/globals';
import { driftReport } from '@watchtower/contracts';
import { compareTables } from './compare-tables.ts';
import type { CategoricalColumn, Column, NumericColumn } from './table.ts';
import { defaultDriftSettings as settings } from './thresholds.ts';
import { normal, uniformNumbers } from './uniform-numbers.ts';

const uniform = uniformNumbers(11);
const numbers = (values: readonly number[], name = 'x'): NumericColumn => ({
  kind: 'numeric',
  name,
  type: 'numeric',
  role: 'feature',
  values: Float64Array.from(values),
});
const categories = (
  counts: Readonly<Record<string, number>>,
  missing = 0,
  name = 'x',
): CategoricalColumn => ({
  kind: 'categorical',
  name,
  type: 'categorical',
  role: 'feature',
  levels: Object.keys(counts),
  counts: Object.values(counts),
  missing,
});
const drawn = (rows: number, shift = 0) => Array.from({ length: rows }, () => normal(uniform) + shift);
const rowsOf = (column: Column) =>
  column.kind === 'numeric'
    ? column.values.length
    : column.missing + column.counts.reduce((sum, count) => sum + count, 0);

function compare(reference: Column, current: Column, more: { readonly target?: string } = {}) {
  const report = compareTables({
    reference: { rows: rowsOf(reference), columns: [reference] },
    current: { rows: rowsOf(current), columns: [current] },
    settings,
    ...more,
  });
  expect(driftReport.parse(report)).toEqual(report);
  const [column] = report.columns;
  if (column === undefined) throw new Error('no column was compared');
  return { report, column };
}

describe('a column of numbers', () => {
  test('drifts when it moves by half a standard deviation, and says where', () => {
    const { column, report } = compare(numbers(drawn(1000)), numbers(drawn(1000, 0.5)));
    expect(column).toMatchObject({ status: 'drifted', severity: 'medium' });
    expect(column.statistics.ks?.p_adjusted).toBeLessThan(1e-6);
    expect(column.bins).toHaveLength(10);
    const sum = column.bins.reduce((all, bin) => all + bin.psi, 0);
    expect(sum).toBeCloseTo(column.statistics.psi?.value ?? Number.NaN, 12);
    expect(report.dataset).toMatchObject({ features_drifted: 1, drifted_share: 1, drift_detected: true });
  });

  test('does not drift by what is significant but tiny', () => {
    const { column } = compare(numbers(drawn(20_000)), numbers(drawn(20_000, 0.08)));
    expect(column).toMatchObject({ status: 'ok', severity: 'stable' });
    expect(column.reason).toMatch(/^Significant but too small to matter/);
  });

  test('drifts when values go missing, even all of them', () => {
    const some = drawn(1000).map((value, row) => (row % 10 === 0 ? Number.NaN : value));
    expect(compare(numbers(drawn(1000)), numbers(some)).column.status).toBe('drifted');
    const all = numbers(Array.from({ length: 1000 }, () => Number.NaN));
    const { column } = compare(numbers(drawn(1000)), all);
    expect(column).toMatchObject({ status: 'drifted', severity: 'high', statistics: {} });
    expect(column.missing).toMatchObject({ reference: 0, current: 1 });
  });

  test('that is missing in both windows cannot be judged', () => {
    const all = numbers(Array.from({ length: 50 }, () => Number.NaN));
    const { column, report } = compare(all, all);
    expect(column.status).toBe('insufficient_data');
    expect(column.reason).toBe('Needs 30 values in each window: the reference holds 0, the current one 0.');
    expect(report.dataset).toMatchObject({ columns: 1, drifted_share: 0, health: 'healthy' });
  });

  test('of one row has its statistics and no verdict', () => {
    const { column } = compare(numbers([1]), numbers([2]));
    expect(column.status).toBe('insufficient_data');
    expect(column.statistics.ks).toEqual({ statistic: 1, p_value: 1, critical: 1 });
  });

  test('that is constant is stable, and drifts when the constant changes', () => {
    const five = numbers(Array.from({ length: 100 }, () => 5));
    expect(compare(five, five).column).toMatchObject({ status: 'ok' });
    const three = numbers(Array.from({ length: 100 }, () => 3));
    expect(compare(five, three).column).toMatchObject({ status: 'drifted', severity: 'high' });
  });

  test('may hold infinities', () => {
    const before = drawn(400).map((value, row) =>
      row % 5 === 0 ? Infinity : row % 7 === 0 ? -Infinity : value,
    );
    const { column } = compare(numbers(before), numbers(drawn(400)));
    expect(column.status).toBe('drifted');
    expect(column.statistics.ks?.statistic).toBeCloseTo(0.2, 1);
  });

  test('that became a column of categories is an error of its own and costs no other its result', () => {
    const report = compareTables({
      reference: { rows: 100, columns: [numbers(drawn(100)), numbers(drawn(100), 'z')] },
      current: { rows: 100, columns: [categories({ a: 100 }), numbers(drawn(100), 'z')] },
      settings,
    });
    expect(report.columns.map((column) => column.status)).toEqual(['error', 'ok']);
    expect(report.columns[0]?.reason).toMatch(/type changed from numeric to categorical/);
    expect(report.dataset).toMatchObject({ columns: 2, features_drifted: 0, drifted_share: 0 });
  });
});

describe('a column of categories', () => {
  test('drifts when 3 % of its rows lie in a category never seen', () => {
    const { column } = compare(categories({ a: 500, b: 500 }), categories({ a: 485, b: 480, c: 35 }));
    expect(column).toMatchObject({ status: 'drifted', new_categories: ['c'] });
    expect(column.bins.map((bin) => bin.label)).toContain('new');
  });

  test('with a long tail sees new categories without drifting', () => {
    const tail = (from: number) =>
      Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`rare ${from + i}`, 1]));
    const { column } = compare(categories({ a: 700, ...tail(0) }), categories({ a: 700, ...tail(150) }));
    expect(column.new_categories).toHaveLength(50);
    expect(column.status).toBe('ok');
  });

  test('with levels that vanished drifts', () => {
    const { column } = compare(categories({ a: 500, b: 300, c: 200 }), categories({ a: 600, b: 400 }));
    expect(column.status).toBe('drifted');
  });
});

describe('a target', () => {
  test('of classes has the KL divergence of the current from the reference', () => {
    const target = (counts: Readonly<Record<string, number>>, missing = 0) =>
      ({ ...categories(counts, missing, 'y'), role: 'target' }) as const;
    const { report } = compare(target({ 0: 700, 1: 300 }), target({ 0: 500, 1: 500 }), { target: 'y' });
    const kl = 0.5 * Math.log(0.5 / 0.7) + 0.5 * Math.log(0.5 / 0.3);
    expect(report.target).toMatchObject({ name: 'y', drifted: true, mean_shift: null });
    expect(report.target?.kl).toBeCloseTo(kl, 12);
    expect(report.dataset).toMatchObject({ features_drifted: 0, drift_detected: false, health: 'at_risk' });
  });

  test('whose labels have not arrived yet does not drift', () => {
    const target = (missing: number) =>
      ({ ...categories({ 0: 100, 1: 50 }, missing, 'y'), role: 'target' }) as const;
    const { report } = compare(target(0), target(5000), { target: 'y' });
    expect(report.target?.drifted).toBe(false);
  });

  test('of numbers has the shift of its mean in standard deviations', () => {
    const target = (values: readonly number[]) => ({ ...numbers(values, 'y'), role: 'target' }) as const;
    const { report } = compare(target(drawn(500)), target(drawn(500, 2)), { target: 'y' });
    expect(report.target).toMatchObject({ drifted: true, kl: null });
    expect(report.target?.mean_shift).toBeCloseTo(2, 0);
  });

  test('that is not there is named', () => {
    expect(() => compare(numbers(drawn(50)), numbers(drawn(50)), { target: 'late' })).toThrow(
      /no target "late"/,
    );
  });
});

test('tables without a common column are refused', () => {
  expect(() =>
    compareTables({
      reference: { rows: 1, columns: [numbers([1], 'a')] },
      current: { rows: 1, columns: [numbers([1], 'b')] },
      settings,
    }),
  ).toThrow(expect.objectContaining({ code: 'NoCommonColumns' }));
});

test("a column's own threshold moves its severity, not its status", () => {
  const reference = { rows: 1000, columns: [numbers(drawn(1000))] };
  const current = { rows: 1000, columns: [numbers(drawn(1000, 0.5))] };
  const severityWith = (high: number) => {
    const own = { high };
    return compareTables({ reference, current, settings, columns: { x: { ks: own, psi: own, js: own } } })
      .columns[0]?.severity;
  };
  expect([severityWith(0.05), severityWith(5)]).toEqual(['high', 'medium']);
});
