import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { driftReport } from '@watchtower/contracts';
import { commandContext } from '../command-context.ts';
import { runCommand } from '../program.ts';

// DuckDB starts anew for every comparison.
jest.setTimeout(120_000);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drift-command-'));
  const rows = (shift: number) =>
    Array.from(
      { length: 400 },
      (_, n) => `${(Math.sin(n * 12.9898) * 43.7 + shift).toFixed(4)},${'abc'[n % 3]},${n % 2}`,
    );
  writeFileSync(join(folder, 'before.csv'), ['speed,kind,late', ...rows(0)].join('\n'));
  writeFileSync(join(folder, 'moved.csv'), ['speed,kind,late', ...rows(18)].join('\n'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function drift(...args: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written) => ({
    write: (text: string): void => {
      written[name] += text;
    },
  });
  const context = commandContext({
    variables: {},
    folder,
    streams: { stdout: stream('stdout'), stderr: stream('stderr') },
  });
  return { code: await runCommand(context, ['drift', ...args]), ...written };
}

describe('"drift"', () => {
  test('saves a profile, compares with it, and says so in JSON alone', async () => {
    const saved = await drift(
      '--reference',
      'before.csv',
      '--profile',
      'p.json',
      '--target',
      'late',
      '--json',
    );
    expect(saved).toMatchObject({ code: 0, stdout: '' });
    expect(JSON.parse(saved.stderr)).toEqual({ note: 'wrote the profile of 400 rows to p.json' });
    const compared = await drift('--profile', 'p.json', '--current', 'moved.csv', '--json');
    expect(compared).toMatchObject({ code: 1, stderr: '' });
    const report = driftReport.parse(JSON.parse(compared.stdout));
    expect(report.dataset).toMatchObject({ rows_reference: 400, features_drifted: 1, drift_detected: true });
    expect(report.target).toMatchObject({ name: 'late', drifted: false });
    const merged = await drift('--profile', 'p.json', 'p.json', '--current', 'moved.csv', '--json');
    expect(JSON.parse(merged.stdout).dataset.rows_reference).toBe(800);
  });

  test('ends with 1 only from the severity asked for', async () => {
    const files = ['--reference', 'before.csv', '--current', 'moved.csv'];
    const { stdout } = await drift(...files, '--json');
    const severity = driftReport.parse(JSON.parse(stdout)).columns[0]?.severity;
    expect(severity).toBe('high');
    expect((await drift(...files, '--fail-on', 'high')).code).toBe(1);
    expect(
      (await drift('--reference', 'before.csv', '--current', 'before.csv', '--fail-on', 'medium')).code,
    ).toBe(0);
    expect(await drift(...files, '--fail-on', 'low')).toMatchObject({ code: 2, stdout: '' });
  });

  test('writes HTML and Markdown', async () => {
    const files = ['--reference', 'before.csv', '--current', 'moved.csv'];
    const { stdout } = await drift(...files, '--html', 'out.html', '--markdown');
    expect(stdout).toMatch(/^## Drift\n/);
    expect(readFileSync(join(folder, 'out.html'), 'utf8')).toMatch(/<svg[\s\S]*Distribution functions/);
  });

  test('takes settings from a file, and names what is wrong in it', async () => {
    writeFileSync(
      join(folder, 'drift.yaml'),
      'target: late\ncolumns:\n  kind: { role: ignored }\ndrift: { share_threshold: 0.99 }\n',
    );
    const files = ['--reference', 'before.csv', '--current', 'before.csv', '--json'];
    const told = await drift(...files, '--config', 'drift.yaml');
    const report = driftReport.parse(JSON.parse(told.stdout));
    expect(report.columns.map(({ name }) => name)).toEqual(['speed', 'late']);
    writeFileSync(join(folder, 'wrong.yaml'), 'target: late\ndrift: { alpa: 0.1 }\n');
    const wrong = await drift(
      '--reference',
      'before.csv',
      '--current',
      'before.csv',
      '--config',
      'wrong.yaml',
    );
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toMatch(
      /wrong\.yaml is not a valid drift configuration:\n {2}wrong\.yaml:2:10 drift\.alpa.*did you mean "alpha"/,
    );
  });

  test('names what it did not judge, and is no pass where it judged nothing', async () => {
    writeFileSync(join(folder, 'renamed.csv'), ['speed,sort,late', '1,a,0', '2,b,1'].join('\n'));
    const few = await drift('--reference', 'before.csv', '--current', 'renamed.csv', '--json');
    expect(few.code).toBe(2);
    expect(driftReport.parse(JSON.parse(few.stdout)).dataset).toMatchObject({ features_drifted: 0 });
    expect(
      few.stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).note),
    ).toEqual([
      'Not compared, because the reference does not have it: sort.',
      'Could not be compared: kind.',
      'Too few values to judge: speed, late.',
      'No column could be judged: that is no result, and ends with code 2.',
    ]);
  });

  test.each([
    [['--current', 'moved.csv'], /Give --reference, or a saved --profile/],
    [['--reference', 'before.csv'], /Give --current/],
    [['--profile', 'absent.json', '--current', 'moved.csv'], /absent\.json is not there.*\(ProfileInvalid\)/],
    [
      ['--reference', 'nowhere.csv', '--current', 'moved.csv'],
      /No file matches .*nowhere\.csv.*\(DataFileMissing\)/,
    ],
    [
      ['--reference', 'before.csv', '--current', 'moved.csv', '--html', 'nowhere/out.html'],
      /^The report cannot be written to nowhere\/out\.html: there is no such folder\..*\(InvalidRequest\)\n$/,
    ],
  ])('ends with 2 for %j', async (args, message) => {
    const ended = await drift(...args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(message);
  });
});
