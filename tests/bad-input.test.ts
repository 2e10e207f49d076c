import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { exportRows } from '@watchtower/activities/data/index';
import {
  attemptHandle,
  definitionInput,
  type JsonObject,
  type RunId,
  resolveDefinition,
} from '@watchtower/contracts';
import { type DefinitionChanges, type Lab, openLab, syntheticDefinition } from './lab.ts';
import { watchtower } from './watchtower-command.ts';

const minutes = 60_000;
jest.setTimeout(4 * minutes);

let lab: Lab;
let folder: string;
beforeAll(async () => {
  lab = await openLab('bad-input');
  folder = join(lab.stack.workspaces, 'files');
  await mkdir(folder);
  await writeFiles(folder);
});
afterAll(() => lab?.close());

/** Two months of a table with a feature and a target; then what can be wrong with a file. */
async function writeFiles(at: string): Promise<void> {
  const rows = Array.from({ length: 590 }, (_, hour) => {
    const time = new Date(Date.UTC(2026, 0, 1) + hour * 6 * 3_600_000 * 0.4).toISOString();
    return `${time},${(hour % 17) / 17},${hour % 2}`;
  });
  await writeFile(join(at, 'good.csv'), `time,x1,y\n${rows.join('\n')}\n`);
  await writeFile(join(at, 'strange-1.csv'), `time,x1,y\n${rows.join('\n')}\n`);
  await writeFile(join(at, 'strange-2.csv'), 'a,b\n1,2\n2,3\n');
  await writeFile(join(at, 'empty.csv'), '');
  await writeFile(join(at, 'empty.parquet'), '');
  await writeFile(join(at, 'heading.csv'), 'time,x1,y\n');
  await writeFile(
    join(at, 'picture.csv'),
    Buffer.from(Array.from({ length: 4_000 }, (_, n) => (n * n) % 256)),
  );
  const whole = join(at, 'whole.parquet');
  const definition = resolveDefinition(definitionInput.parse(syntheticDefinition('bad-input', {})), {
    task: 'binary_classification',
    shareThreshold: 0.2,
    minImprovement: 0.005,
  });
  const window = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-03T00:00:00.000Z' };
  await exportRows(definition, window, whole, { labelledOnly: false });
  const bytes = await readFile(whole);
  await writeFile(join(at, 'cut.parquet'), bytes.subarray(0, bytes.length / 2));
}

/**
 * Failed with this code and these words; its steps have no gap, its audit log is proved, it holds no lease, and
 * nothing that it started is alive.
 */
async function expectFailed(run: RunId, code: string, words: readonly RegExp[]): Promise<void> {
  const detail = await lab.ended(run);
  expect(detail).toMatchObject({ status: 'failed', failure: { code } });
  for (const said of words) expect(detail.failure?.message).toMatch(said);
  const steps = await lab.steps(run);
  expect(steps.map((step) => step.number)).toEqual(steps.map((_, index) => index + 1));
  expect(steps.at(-1)?.payload).toMatchObject({ status: 'failed', failure: { code } });
  expect((await lab.request('GET', `/api/v1/pipeline/${run}/audit`)).body).toMatchObject({ ok: true });
  const lease = await lab.database.championLease.findUnique({ where: { model: lab.model } });
  expect(lease?.lease ?? null).toBeNull();
  const attempts = await lab.database.trainingAttempt.findMany({ where: { training_id: `training-${run}` } });
  for (const { handle } of attempts) {
    const parsed = attemptHandle.parse(handle);
    const pid = parsed.trainer === 'process' ? parsed.pid : null;
    if (pid !== null) expect(() => process.kill(-pid, 0)).toThrow('ESRCH');
  }
}

async function startWith(changes: DefinitionChanges): Promise<RunId> {
  await lab.apply(changes);
  return lab.startRun();
}

describe('a request that names what is not there', () => {
  beforeAll(() => lab.apply());

  test('an unknown model is refused, and the known ones are named', async () => {
    const { status, body } = await lab.request('POST', '/pipeline/run', { model: 'flihgts' });
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'UnknownModel' });
    expect(body.detail).toMatch(/No model "flihgts" is defined.*Known models: "bad-input"/);
  });

  test('an unknown window is refused, and the model’s own are named', async () => {
    const { status, body } = await lab.request('POST', '/pipeline/run', {
      model: lab.model,
      data_window_id: 'yesterday',
    });
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'UnknownWindow' });
    expect(body.detail).toMatch(/"bad-input" has no window "yesterday".*"calm", "current", "reference"/);
  });

  test('a wrong field is named', async () => {
    const { status, body } = await lab.request('POST', '/pipeline/run', { model: lab.model, dry: true });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'InvalidRequest' });
    expect(body.errors).toEqual([{ path: 'body.dry', message: 'there is no such field' }]);
  });

  test('a run that was never there is not found', async () => {
    const { status, body } = await lab.request(
      'GET',
      '/pipeline/status/01890000-0000-7000-8000-000000000000',
    );
    expect({ status, code: body.code }).toEqual({ status: 404, code: 'RunNotFound' });
  });
});

describe('a definition with mistakes is refused with line and field', () => {
  const apply = async (text: string) => {
    await writeFile(join(folder, 'watchtower.yaml'), text);
    return watchtower(['apply', '-f', 'watchtower.yaml'], {
      folder,
      variables: { WATCHTOWER_URL: lab.gateway.url, WATCHTOWER_API_KEY: lab.stack.apiKey },
    });
  };

  test('YAML that cannot be read', async () => {
    const { code, stdout, stderr } = await apply('version: 1\nmodel: broken\ndata: { source: [\n');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/watchtower\.yaml is not a valid definition:\n {2}watchtower\.yaml:\d+:\d+ /);
  });

  test('a misspelled field and a missing one, both at once', async () => {
    const { code, stderr } = await apply(
      [
        'version: 1',
        'model: broken',
        'data: { source: { type: synthetic }, time_column: time, target: y }',
        'windows:',
        '  reference: { from: 2026-01-01, to: 2026-02-01 }',
        '  current: { from: 2026-03-01, to: 2026-02-01 }',
        'retrain:',
        '  commnd: [python, train.py]',
        'evaluate: { primary_metric: roc_auc }',
      ].join('\n'),
    );
    expect(code).toBe(2);
    expect(stderr).toContain('watchtower.yaml:6:');
    expect(stderr).toMatch(/windows\.current\.to: "from" must lie before "to"/);
    expect(stderr).toMatch(/watchtower\.yaml:8:3 retrain\.commnd: .*did you mean "command"\?/);
    expect(stderr).toMatch(/retrain\.command: is missing/);
  });

  test('a file that is not there', async () => {
    const { code, stderr } = await watchtower(['apply', '-f', 'nowhere.yaml'], { folder, variables: {} });
    expect(code).toBe(2);
    expect(stderr).toMatch(/There is no definition file .*nowhere\.yaml; correct the path/);
  });
});

describe('data that cannot be compared', () => {
  interface Case {
    readonly what: string;
    readonly file: string;
    readonly data?: JsonObject;
    readonly windows?: JsonObject;
    readonly code: string;
    readonly says: readonly RegExp[];
  }
  const cases: readonly Case[] = [
    {
      what: 'a missing file',
      file: 'no-such-*.parquet',
      code: 'DataFileMissing',
      says: [/No file matches .*no-such-\*\.parquet/, /Correct the path/],
    },
    {
      what: 'an empty CSV file',
      file: 'empty.csv',
      code: 'DataFileUnreadable',
      says: [/empty\.csv cannot be read: it is empty/],
    },
    {
      what: 'an empty Parquet file',
      file: 'empty.parquet',
      code: 'DataFileUnreadable',
      says: [/empty\.parquet cannot be read/, /Check that the file is complete/],
    },
    {
      what: 'a Parquet file that was cut off',
      file: 'cut.parquet',
      code: 'DataFileUnreadable',
      says: [/cut\.parquet cannot be read/, /Check that the file is complete/],
    },
    {
      what: 'a CSV file that is none',
      file: 'picture.csv',
      code: 'DataFileUnreadable',
      says: [/picture\.csv cannot be read/, /Check that the file/],
    },
    {
      what: 'a heading without rows',
      file: 'heading.csv',
      code: 'DataEmpty',
      says: [/heading\.csv/, /no rows/],
    },
    {
      what: 'a target that is not in the data',
      file: 'good.csv',
      data: { target: 'late' },
      code: 'TargetMissing',
      says: [/good\.csv has no column "late", which is to be the target/, /It has time, x1, y/, /Correct/],
    },
    {
      what: 'a time column that is not in the data',
      file: 'good.csv',
      data: { time_column: 'when' },
      code: 'ColumnMissing',
      says: [/no column "when", which is to be the time of a row/, /It has time, x1, y/],
    },
    {
      what: 'a time column that holds no times',
      file: 'good.csv',
      data: { time_column: 'x1' },
      code: 'ColumnMissing',
      says: [/The time column "x1" of .*good\.csv holds DOUBLE, not dates/],
    },
    {
      what: 'a named column that is not in the data',
      file: 'good.csv',
      data: { columns: { distance: { type: 'numeric' } } },
      code: 'ColumnMissing',
      says: [/no column "distance"/, /It has time, x1, y/],
    },
    {
      what: 'a window without rows',
      file: 'good.csv',
      windows: { current: { from: '2031-01-01', to: '2031-02-01' } },
      code: 'DataEmpty',
      says: [/no rows from 2031-01-01/, /its rows lie between 2026-01-01/, /Change the window or add data/],
    },
    {
      // One source holds both windows, so the newer file's rows have no time, and belong to none.
      what: 'files without a common column',
      file: 'strange-*.csv',
      code: 'DataEmpty',
      says: [/strange-\*\.csv holds no rows from 2026-03-01/, /its rows lie between 2026-01-01/],
    },
  ];

  test.each(cases)('$what: $code', async ({ file, data, windows, code, says }) => {
    const source = { type: 'files', path: join(folder, file) };
    const run = await startWith({
      data: { source, ...data },
      ...(windows && { windows }),
      evaluate: { split: { fraction: 0.75 } },
    });
    await expectFailed(run, code, says);
  });

  test('files without a common column, compared by the command', async () => {
    await writeFile(join(folder, 'other.csv'), 'a,b\n1,2\n2,3\n');
    const { code, stdout, stderr } = await watchtower(
      ['drift', '--reference', 'good.csv', '--current', 'other.csv'],
      { folder, variables: {} },
    );
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /other\.csv and the reference have no column in common.*: the reference has time, x1, y; the current one has a, b\./,
    );
  });
});

describe('a training that goes wrong', () => {
  const told = (TRAIN_FAIL: string) => ({ environment: { TRAIN_FAIL } });

  test('that exits with an error fails the run with the end of its log', async () => {
    const run = await startWith({ retrain: told('exit') });
    await expectFailed(run, 'TrainingFailed', [
      /Attempt 1 exited with code 3/,
      /Its log ends with: .*failing, as TRAIN_FAIL=exit asks for/s,
    ]);
  });

  test('that logs no model has logged nothing', async () => {
    const run = await startWith({ retrain: told('no_model') });
    await expectFailed(run, 'TrainingLoggedNothing', [/model/]);
  });

  test('that hangs is stuck, and is stopped', async () => {
    const run = await startWith({ retrain: { ...told('hang'), stuck_after: '8s' } });
    await expectFailed(run, 'TrainingStuck', [/Attempt 1 did not exit by itself/]);
  });

  test('whose command does not exist says which', async () => {
    const run = await startWith({ retrain: { command: ['no-such-program', 'train.py'] } });
    await expectFailed(run, 'TrainingFailed', [/no-such-program/, /ENOENT/]);
  });

  test('whose model cannot be scored fails the evaluation', async () => {
    const run = await startWith({ evaluate: { positive_class: 'late' } });
    await expectFailed(run, 'ScoringFailed', [/Version 1 of bad-input/, /evaluate\.positive_class/]);
  });
});

test('after all that, the same model is measured, and a decision that nobody waits for is refused with 409', async () => {
  await lab.apply();
  const run = await lab.startRun({ dry_run: true });
  expect(await lab.ended(run)).toMatchObject({ status: 'completed', outcome: 'dry_run' });
  const late = await lab.decide(run, 'approve', 'f'.repeat(64));
  expect({ status: late.status, code: late.body.code }).toEqual({ status: 409, code: 'ApprovalNotAwaited' });
  expect(late.body.detail).toMatch(new RegExp(`${run} has ended as "dry_run"; there is nothing to decide`));
});
