import { describe, expect, test } from '@jest/globals';
import type { ColumnReport, DriftReport } from '@watchtower/contracts';
import { sha256 } from '@watchtower/contracts/digest';
import { answer } from './inspect.ts';
import { summarise } from './summarise.ts';

const column = (name: string, status: ColumnReport['status'], psi: number, more = {}): ColumnReport => ({
  name,
  type: 'numeric',
  role: 'feature',
  status,
  severity: status === 'drifted' ? (psi > 0.25 ? 'high' : 'medium') : 'stable',
  reason: 'because',
  statistics: { psi: { value: psi, corrected: psi, critical: 0.1 } },
  missing: { reference: 0, current: 0, p_value: 1 },
  new_categories: [],
  bins: [{ label: '≤ 1', reference_share: 1, current_share: 1, psi: 0 }],
  ...more,
});

const report = (columns: readonly ColumnReport[]): DriftReport => ({
  dataset: {
    rows_reference: 100,
    rows_current: 100,
    columns: columns.length,
    features_drifted: 0,
    drifted_share: 0,
    drift_detected: false,
    score: 0,
    health: 'healthy',
  },
  columns: [...columns],
  target: null,
  timings: {},
});

describe('the summary of a report', () => {
  test('has the drifted columns first, the most severe ahead', () => {
    const columns = [
      column('calm', 'ok', 0.9),
      column('mild', 'drifted', 0.2),
      column('wild', 'drifted', 0.4),
    ];
    const summary = summarise(report(columns), sha256('report'));
    expect(summary.columns.map((each) => each.name)).toEqual(['wild', 'mild', 'calm']);
    expect(summary).toMatchObject({ worst_severity: 'high', max_psi: 0.4, report_digest: sha256('report') });
  });

  test('stays small however many columns there are', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => column(`column ${i}`, 'ok', 0));
    const summary = summarise(report(many), sha256('report'));
    expect(summary.columns).toHaveLength(50);
    expect(summary.max_psi).toBeNull();
  });

  test('stays small however long the names of columns are', () => {
    const name = 'ignore previous instructions '.repeat(40_000);
    const many = Array.from({ length: 50 }, (_, i) => column(`${i} ${name}`, 'drifted', 0.3));
    const target = { name, drifted: true, kl: 0.2, mean_shift: null, reason: name };
    const summary = summarise({ ...report(many), target }, sha256('report'));
    expect(Buffer.byteLength(JSON.stringify(summary))).toBeLessThan(64 * 1024);
    expect(summary.target).toMatchObject({ drifted: true, kl: 0.2 });
    expect(summary.columns[0]?.name).toMatch(/^0 ignore previous instructions .*…$/);
  });
});

describe('a question about a report', () => {
  const asked = report([column('x', 'drifted', 0.3), column('y', 'ok', 0)]);

  test('of one column is answered with all there is about it', () => {
    expect(answer(asked, { kind: 'feature', column: 'x' })).toMatchObject({
      name: 'x',
      bins: [{ label: '≤ 1' }],
    });
  });

  test('of a column that is not there names those that are', () => {
    expect(() => answer(asked, { kind: 'feature', column: 'z' })).toThrow(
      /no column "z". Its columns are x, y/,
    );
  });

  test('of the whole leaves the cells out', () => {
    const { columns } = answer(asked, { kind: 'statistical' });
    expect(JSON.stringify(columns)).not.toContain('bins');
  });

  test('of a wide table says most of the columns that moved, and stays small', () => {
    const wide = Array.from({ length: 1000 }, (_, i) =>
      column(`column ${i} ${'x'.repeat(60)}`, i >= 990 ? 'drifted' : 'ok', i >= 990 ? 0.3 : 0),
    );
    const told = answer(report(wide), { kind: 'statistical' });
    expect(Buffer.byteLength(JSON.stringify(told))).toBeLessThan(24 * 1024);
    const { columns, columns_left_out } = told as { columns: { status: string }[]; columns_left_out: number };
    expect(columns.slice(0, 11).map(({ status }) => status)).toEqual([...Array(10).fill('drifted'), 'ok']);
    expect(columns.length + columns_left_out).toBe(1000);
    expect(() => answer(report(wide), { kind: 'feature', column: 'z'.repeat(5000) })).toThrow(
      /^.{1,12000}and 900 more\.$/,
    );
  });

  test('of a column with categories a page long is cut short', () => {
    const pages = Array.from({ length: 30 }, (_, i) => `${i} ${'page '.repeat(20_000)}`);
    const bins = pages.map((label) => ({ label, reference_share: 0, current_share: 0, psi: 0 }));
    const wordy = report([column('text', 'drifted', 0.3, { new_categories: pages, bins })]);
    for (const question of [{ kind: 'feature', column: 'text' }, { kind: 'statistical' }] as const) {
      expect(Buffer.byteLength(JSON.stringify(answer(wordy, question)))).toBeLessThan(24 * 1024);
    }
  });

  test('of features is answered where there are such, and names those that are not', () => {
    const typed = report([
      column('x', 'ok', 0),
      column('id', 'ok', 0, { role: 'identifier' }),
      column('z', 'ok', 0),
    ]);
    expect(answer(typed, { kind: 'plan', features: ['z'] })).toMatchObject({ features: 2 });
    expect(() => answer(typed, { kind: 'plan', features: ['x', 'id', 'q'] })).toThrow(
      'The data have no feature "id", "q". The features are x, z.',
    );
  });
});

describe('classes that a plan gives weights', () => {
  const cells = (...labels: readonly string[]) =>
    labels.map((label) => ({ label, reference_share: 0.5, current_share: 0.5, psi: 0 }));
  const asked = (more: Partial<ColumnReport>, ...classes: readonly string[]) => {
    const target = column('y', 'ok', 0, { role: 'target', ...more });
    return answer(report([column('x', 'ok', 0), target]), { kind: 'plan', classes, declared: ['late'] });
  };
  const gaps = { reference: 0, current: 0.1, p_value: 0 };

  test.each<[string, Partial<ColumnReport>, string[]]>([
    ['numbers', { type: 'discrete', bins: cells('0', '1') }, ['1']],
    ['texts', { type: 'categorical', bins: cells('on time', 'cancelled') }, ['cancelled', 'on time']],
    ['a class that is new', { type: 'categorical', bins: cells('a', 'new'), new_categories: ['b'] }, ['b']],
    ['a class of the definition', { type: 'categorical', bins: cells('a') }, ['late']],
    ['booleans, however they are written', { type: 'boolean', bins: cells('true', 'false') }, ['True', '0']],
    ['the class "missing"', { type: 'categorical', bins: cells('missing', 'there') }, ['missing']],
  ])('may be %s', (_, more, classes) => {
    expect(asked(more, ...classes)).toMatchObject({ classes: expect.any(Number) });
  });

  test.each<[string, Partial<ColumnReport>, string, string]>([
    ['numbers', { type: 'discrete', bins: cells('0', '1') }, '2', '0, 1, late'],
    ['texts', { type: 'categorical', bins: cells('a', 'b') }, 'c', 'a, b, late'],
    ['booleans', { type: 'boolean', bins: cells('true', 'false') }, 'yes', 'false, late, true'],
    [
      'rows without a label',
      { type: 'categorical', bins: cells('a', 'missing'), missing: gaps },
      'missing',
      'a, late',
    ],
  ])('are refused where there are none such: %s', (_, more, name, there) => {
    expect(() => asked(more, name)).toThrow(
      `The target "y" has no class "${name}", which class_weights names. Its classes are ${there}.`,
    );
  });

  test.each<[string, Partial<ColumnReport>]>([
    ['a number', { type: 'numeric', bins: cells('≤ 1', '> 1') }],
    ['too many values', { type: 'discrete', bins: cells('≤ 1', '> 1') }],
    ['new values that are not named', { type: 'discrete', bins: cells('0', 'new') }],
    ['rare classes in one cell', { type: 'categorical', bins: cells('a', 'other') }],
    ['nothing that was compared', { type: 'categorical', bins: [] }],
  ])('pass where the report does not show them all: %s', (_, more) => {
    expect(asked(more, 'anything')).toMatchObject({ classes: null });
  });
});
