import { describe, expect, test } from '@jest/globals';
import { coloursFor } from '@watchtower/client/colours';
import type { ColumnReport, DriftReport } from '@watchtower/contracts';
import { duration } from './charts.ts';
import { driftMarkdown } from './drift-markdown.ts';
import { driftText } from './drift-text.ts';
import { htmlReport } from './html-report.ts';
import { progressLine } from './progress-line.ts';
import { ranked } from './ranking.ts';

const hostile = '<script>alert(1)</script>|`x`';
const column = (name: string, status: ColumnReport['status'], ks: number): ColumnReport => ({
  name,
  type: 'numeric',
  role: 'feature',
  status,
  severity: status === 'drifted' ? 'high' : 'stable',
  reason: `because of ${hostile}`,
  statistics: {
    ks: { statistic: ks, p_value: 0.01, p_adjusted: 0.02, critical: 0.04 },
    psi: { value: ks, corrected: ks, critical: 0.02 },
  },
  missing: { reference: 0, current: 0.1, p_value: 0.001, p_adjusted: 0.002 },
  new_categories: [hostile],
  bins: [{ label: hostile, reference_share: 0.4, current_share: 0.6, psi: 0.08 }],
});
const report: DriftReport = {
  dataset: {
    rows_reference: 1000,
    rows_current: 500,
    columns: 3,
    features_drifted: 2,
    drifted_share: 2 / 3,
    drift_detected: true,
    score: 0.6,
    health: 'critical',
  },
  columns: [column('calm', 'ok', 0.9), column('mild', 'drifted', 0.2), column(hostile, 'drifted', 0.5)],
  target: { name: 'y', drifted: false, kl: 0.01, mean_shift: null, reason: 'it stayed' },
  timings: {},
};

test('what drifted farthest comes first', () => {
  expect(ranked(report.columns).map(({ name }) => name)).toEqual([hostile, 'mild', 'calm']);
});

describe('the HTML report', () => {
  const picture = { ends: [0, 1, 2], reference: [1, 5, 4, 1], current: [0, 2, 6, 3] };
  const page = htmlReport(
    { report, pictures: new Map([['mild', picture]]), notes: ['Not compared: a list.'] },
    { reference: 'a.csv', current: `${hostile}.csv` },
  );

  test('needs no network and runs nothing, whatever columns are called', () => {
    expect(page).not.toMatch(/<script|<link|<img|https?:|javascript:|@import|url\(/i);
    expect(page).toContain("default-src 'none'");
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  test('has a ranking, drawings of both windows, their cells and the missing values', () => {
    expect(page.match(/<article id=/g)).toHaveLength(3);
    for (const part of [
      'Histogram',
      'Distribution functions',
      'Part of the PSI',
      'Missing values that changed',
    ]) {
      expect(page).toContain(part);
    }
    expect(page).toContain('prefers-color-scheme:dark');
    expect(page).toContain('@media print');
    expect(page).toContain('<p class="quiet">Not compared: a list.</p>');
    expect(page).not.toContain('NaN');
    expect(page).not.toContain('undefined');
  });
});

describe('a row of its ranking', () => {
  const rowOf = (name: string, more: Partial<ColumnReport>) => {
    const told = { ...report, columns: [{ ...column(name, 'ok', 0.1), ...more }] };
    const page = htmlReport(
      { report: told, pictures: new Map(), notes: [] },
      { reference: 'a', current: 'b' },
    );
    return page.split('\n').find((line) => line.startsWith('<tbody><tr>')) ?? '';
  };

  test('says nothing of missing values where the column was not read', () => {
    expect(rowOf('calm', {})).toContain('0.0 % → 10.0 %');
    expect(rowOf('gone', { status: 'error', statistics: {} })).not.toContain('%');
  });

  test('has the probability that its status hangs on', () => {
    const infinite = { reference: 0, current: 0.2, p_value: 0, p_adjusted: 0.0003 };
    expect(rowOf('calm', {})).toContain('>0.0020<');
    expect(rowOf('calm', { infinite })).toContain('>0.0003<');
  });

  test('leads to its drawings, and cuts a name that would fill the page', () => {
    const row = rowOf(`\u001b[31m${'long '.repeat(1000)}`, {});
    expect(row).toMatch(/<a href="#column-0"> \[31mlong [^<]{60,75}…<\/a>/);
  });
});

test('the distance of datetimes is told in a unit people know', () => {
  expect([844_700_000, 9_000_000, 1999].map(duration)).toEqual(['9.777 days', '2.5 hours', '1999 ms']);
});

test('Markdown keeps each column on a line of its own', () => {
  const lines = driftMarkdown(report).split('\n');
  const rows = lines.filter((line) => line.startsWith('| `'));
  expect(rows).toHaveLength(3);
  for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(9);
  expect(lines[0]).toBe('## Drift');
});

test('the text ends with the verdict', () => {
  const colours = coloursFor({ isTTY: false }, {});
  expect(driftText(report, colours)).toMatch(
    /\ndrift: 2 of 3 features drifted \(67 %\), health critical, 500 rows against 1,000/,
  );
});

test('a report in which nothing could be judged is no pass', () => {
  const few = (name: string) => column(name, 'insufficient_data', 0);
  const dataset = { ...report.dataset, features_drifted: 0, drifted_share: 0, drift_detected: false };
  const empty: DriftReport = { ...report, dataset, columns: [few('a'), few('b')], target: null };
  expect(driftMarkdown(empty)).toMatch(/^## No verdict\n/);
  expect(driftText(empty, coloursFor({ isTTY: false }, {}))).toMatch(
    /\nno verdict: 0 of 0 features drifted \(0 %\), 2 could not be judged, 500 rows/,
  );
  const page = htmlReport(
    { report: empty, pictures: new Map(), notes: [] },
    { reference: 'a', current: 'b' },
  );
  expect(page).toContain('<h1>No verdict</h1>');
});

describe('progress', () => {
  const screen = (isTTY: boolean) => {
    const written: string[] = [];
    let at = 0;
    const line = progressLine({ isTTY, write: (text) => written.push(text) }, () => at);
    return { written, line, wait: (milliseconds: number) => (at += milliseconds) };
  };

  test('of short work is not shown', () => {
    const { written, line } = screen(true);
    line.say('10 %');
    line.end();
    expect(written).toEqual([]);
  });

  test('changes one line of a terminal, and leaves none', () => {
    const { written, line, wait } = screen(true);
    wait(2000);
    line.say('10 %');
    line.say('11 %');
    wait(200);
    line.say('20 %');
    line.end();
    expect(written).toEqual(['\r\x1b[K10 %', '\r\x1b[K20 %', '\r\x1b[K']);
  });

  test('is a line now and then in a log', () => {
    const { written, line, wait } = screen(false);
    wait(5000);
    line.say('10 %');
    wait(6000);
    line.say('40 %');
    line.end();
    expect(written).toEqual(['40 %\n']);
  });
});
