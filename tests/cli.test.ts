import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  appliedModel,
  auditAnswer,
  decisionAccepted,
  driftReport,
  historyPage,
  type RunId,
  runAccepted,
  runDetail,
  run as runShape,
  step as stepShape,
  watchedModels,
} from '@watchtower/contracts';
import { repositoryRoot } from '@watchtower/stack/repository';
import type { z } from 'zod';
import { type Lab, openLab } from './lab.ts';
import { type CommandEnd, watchtower } from './watchtower-command.ts';

const minutes = 60_000;
jest.setTimeout(4 * minutes);

const example = join(repositoryRoot, 'examples', 'synthetic');
let lab: Lab;
let folder: string;
beforeAll(async () => {
  lab = await openLab('cli');
  folder = join(lab.stack.workspaces, 'cli');
  await mkdir(folder);
  const written = await readFile(join(example, 'watchtower.yaml'), 'utf8');
  const ours = written.replace('model: synthetic', `model: cli\nbase_dir: ${example}`);
  await writeFile(join(folder, 'watchtower.yaml'), ours);
});
afterAll(() => lab?.close());

const ask = (
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<CommandEnd> =>
  watchtower(args, {
    folder,
    variables: { WATCHTOWER_URL: lab.gateway.url, WATCHTOWER_API_KEY: lab.stack.apiKey, ...variables },
  });

/** All of standard output is JSON, one document a line, and nothing stands on standard error. */
function documents({ stdout, stderr }: CommandEnd): readonly unknown[] {
  expect(stderr).toBe('');
  return stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

async function asked<T extends z.ZodType>(shape: T, ...args: readonly string[]): Promise<z.output<T>> {
  const ended = await ask([...args, '--json']);
  expect(ended).toMatchObject({ code: 0 });
  const [only, ...others] = documents(ended);
  expect(others).toEqual([]);
  return shape.parse(only);
}

test('"--version" says it, alone', async () => {
  expect(await ask(['--version'])).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: '',
  });
});

test('"apply" stores a definition once, and "models" lists it', async () => {
  const first = await ask(['apply', '-f', 'watchtower.yaml']);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toMatch(/^cli is now at version 1 \([0-9a-f]{12}\)\.\n$/);
  const again = await asked(appliedModel, 'apply', '-f', 'watchtower.yaml');
  expect(again).toMatchObject({ name: 'cli', version: 1, changed: false });

  const { stdout } = await ask(['models']);
  expect(stdout).toMatch(/^MODEL +VERSION +DIGEST +SINCE\ncli +1 +[0-9a-f]{12} +20/);
  expect((await asked(watchedModels, 'models')).models).toMatchObject([{ name: 'cli', version: 1 }]);
});

describe('a dry run', () => {
  test('followed by a person: every step on a line, and the end', async () => {
    const { code, stdout, stderr } = await ask(['run', 'cli', '--dry-run', '--follow']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^run [0-9a-f-]{36}$/);
    expect(lines[1]).toMatch(/^ {2}1 {2}\d\d:\d\d:\d\d {2}status +Dry run of cli under definition 1/);
    expect(lines.at(-1)).toBe('completed: dry_run');
  });

  test('followed by a program: the accepted run, each step once, the run', async () => {
    const ended = await ask(['run', 'cli', '--dry-run', '--follow', '--json']);
    expect(ended.code).toBe(0);
    const [accepted, ...rest] = documents(ended);
    const { run_id } = runAccepted.parse(accepted);
    expect(runShape.parse(rest.at(-1))).toMatchObject({ run_id, status: 'completed', outcome: 'dry_run' });
    const numbers = rest.slice(0, -1).map((document) => stepShape.parse(document).number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });

  test('of an unknown model or window is wrong usage', async () => {
    const model = await ask(['run', 'clii', '--dry-run']);
    expect(model).toMatchObject({ code: 2, stdout: '' });
    expect(model.stderr).toMatch(/No model "clii" is defined.*"cli"/);
    const window = await ask(['run', 'cli', '--dry-run', '--window', 'last-week']);
    expect(window).toMatchObject({ code: 2, stdout: '' });
    expect(window.stderr).toMatch(/no window "last-week".*"current"/);
  });
});

describe('a run that people decide', () => {
  let run: RunId;
  const startAndWait = async () => {
    const { run_id } = await asked(runAccepted, 'run', 'cli');
    await lab.until(run_id, (detail) => detail.status === 'waiting_for_approval');
    return run_id;
  };
  beforeAll(async () => {
    run = await startAndWait();
  });

  test('"status" says what it waits for, by the end of its id', async () => {
    const { code, stdout } = await ask(['status', run.slice(-8)]);
    expect(code).toBe(0);
    expect(stdout).toContain(`run        ${run}`);
    expect(stdout).toMatch(/^status +waiting_for_approval$/m);
    expect(stdout).toMatch(/^training +succeeded, attempt 1, version \d+$/m);
    expect(stdout).toMatch(/^approval +waiting until 20\d\d-/m);
    expect(await asked(runDetail, 'status', run)).toMatchObject({
      run_id: run,
      approval: { status: 'waiting' },
    });
  });

  test('a decision needs a reason', async () => {
    const { code, stdout, stderr } = await ask(['approve', run]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('--reason');
  });

  test('a decision on other evidence is refused with code 4', async () => {
    const { code, stderr } = await ask(['approve', run, '--reason', 'Seen.', '--evidence', 'f'.repeat(64)]);
    expect(code).toBe(4);
    expect(stderr).toMatch(/evidence/);
  });

  test('"reject" ends it, and answers programs in JSON', async () => {
    const answer = await asked(decisionAccepted, 'reject', run, '--reason', 'Not today.');
    expect(answer).toMatchObject({ decision: 'reject' });
    await lab.ended(run);
    expect((await ask(['status', run])).stdout).toMatch(/^approval +rejected by \S+: Not today\.$/m);
  });

  test('a decision that comes too late is refused with code 4, and so is a cancellation', async () => {
    const late = await ask(['approve', run, '--reason', 'Changed my mind.']);
    expect(late).toMatchObject({ code: 4, stdout: '' });
    expect(late.stderr).toMatch(/has ended as "rejected"; there is nothing to decide/);
    expect(await ask(['cancel', run])).toMatchObject({ code: 4, stdout: '' });
  });

  test('"approve" shows the evidence, and the followed run ends promoted', async () => {
    run = await startAndWait();
    const [approved, followed] = await Promise.all([
      ask(['approve', run, '--reason', 'The gates passed.']),
      ask(['status', run, '--follow']),
    ]);
    expect(approved).toMatchObject({ code: 0, stderr: '' });
    expect(approved.stdout).toMatch(/^METRIC +CHAMPION \(none\) +CHALLENGER \d+ +DIFFERENCE$/m);
    expect(approved.stdout).toMatch(/^roc_auc +- +0\.\d{4} +-$/m);
    expect(approved.stdout).toMatch(/^first_champion \(roc_auc\) +passed/m);
    expect(approved.stdout).toMatch(/\nApproved\.\n$/);
    expect(followed).toMatchObject({ code: 0, stderr: '' });
    expect(followed.stdout).toContain(`decide: watchtower approve ${run} --reason`);
    expect(followed.stdout.trimEnd().split('\n').at(-1)).toBe('completed: promoted');
  });

  test('"audit verify" proves the log, and ends with 1 where it was changed', async () => {
    const proved = await ask(['audit', 'verify', run]);
    expect(proved.code).toBe(0);
    expect(proved.stdout).toMatch(
      /^✔ hash chain of \d+ steps\n✔ agreement with .* \(\d+ steps\)\n✔ .*\nhead [0-9a-f]{64}\n$/,
    );
    await lab.database.$transaction([
      lab.database.$executeRaw`ALTER TABLE steps DISABLE TRIGGER USER`,
      lab.database
        .$executeRaw`UPDATE steps SET message = 'Nothing.' WHERE run_id = ${run}::uuid AND number = 2`,
      lab.database.$executeRaw`ALTER TABLE steps ENABLE TRIGGER USER`,
    ]);
    const broken = await ask(['audit', 'verify', run, '--json']);
    expect(broken.code).toBe(1);
    expect(auditAnswer.parse(documents(broken)[0])).toMatchObject({ ok: false, chain: { ok: false } });
  });
});

test('a run that fails: "run --follow" and "status" end with 1 and say why', async () => {
  await lab.apply({ data: { source: { type: 'files', path: 'nowhere/*.csv' } } });
  const { code, stdout } = await ask(['run', 'cli', '--follow']);
  expect(code).toBe(1);
  expect(stdout).toMatch(/\nfailed\nDataFileMissing: No file matches nowhere\/\*\.csv in .*\n$/);
  const [, id = ''] = /^run (\S+)/.exec(stdout) ?? [];
  const status = await ask(['status', id]);
  expect(status.code).toBe(1);
  expect(status.stdout).toMatch(/^failure +DataFileMissing: No file matches/m);
});

describe('"runs"', () => {
  test('lists them newest first, as a table that "awk" can read', async () => {
    const { code, stdout } = await ask(['runs']);
    expect(code).toBe(0);
    const [head, ...rows] = stdout.trimEnd().split('\n');
    expect(head).toMatch(/^RUN +MODEL +STATUS +URGENCY +TRIGGER +TRIGGERED$/);
    expect(rows).toHaveLength(5);
    expect(rows[0]).toMatch(/^[0-9a-f-]{36} +cli +failed +- +cli +20\d\d-/);
    expect(rows.at(-1)).toMatch(/ completed: dry_run +immediate +cli \(dry\) /);
  });

  test('takes a page and a status, and says what is wrong with either', async () => {
    const page = await asked(historyPage, 'runs', '--status', 'completed', '--page-size', '2');
    expect(page).toMatchObject({ total: 4, page_size: 2 });
    expect((await ask(['runs', '--page-size', '2'])).stdout).toMatch(/\npage 1 of 3, 5 runs\n$/);
    const wrong = await ask(['runs', '--page-size', '1000']);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toMatch(/query\.page_size/);
  });
});

describe('"drift" compares two files without a gateway', () => {
  const table = (shift: number) =>
    ['speed,colour,late']
      .concat(
        Array.from({ length: 400 }, (_, n) => {
          const speed = Math.sin(n * 12.9898) * 43.7 + shift;
          return `${speed.toFixed(4)},${['red', 'green', 'blue'][n % 3]},${n % 2}`;
        }),
      )
      .join('\n');
  const compare = (current: string, ...args: readonly string[]) =>
    watchtower(['drift', '--reference', 'before.csv', '--current', current, ...args], {
      folder,
      variables: { WATCHTOWER_URL: 'http://127.0.0.1:1' },
    });
  beforeAll(async () => {
    await writeFile(join(folder, 'before.csv'), table(0));
    await writeFile(join(folder, 'same.csv'), table(0.01));
    await writeFile(join(folder, 'moved.csv'), table(60));
  });

  test('and ends with 0 where nothing moved', async () => {
    const { code, stdout, stderr } = await compare('same.csv', '--target', 'late');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^COLUMN +TYPE +STATUS +SEVERITY +PSI +REASON\nspeed +numeric +ok +stable +0\.0/);
    expect(stdout).toMatch(
      /\nno drift: 0 of 2 features drifted \(0 %\), health healthy, 400 rows against 400/,
    );
  });

  test('with 1 where they drifted, the whole report on request', async () => {
    const ended = await compare('moved.csv', '--json');
    expect(ended.code).toBe(1);
    const { dataset, columns } = driftReport.parse(documents(ended)[0]);
    expect(dataset).toMatchObject({ drift_detected: true, rows_reference: 400, rows_current: 400 });
    expect(columns.find(({ name }) => name === 'speed')).toMatchObject({ status: 'drifted' });
  });

  test('with 2 where a file, or the target, is not there', async () => {
    const missing = await compare('nowhere.csv');
    expect(missing).toMatchObject({ code: 2, stdout: '' });
    expect(missing.stderr).toMatch(/No file matches .*nowhere\.csv.*\(DataFileMissing\)/);
    const target = await compare('same.csv', '--target', 'delay');
    expect(target).toMatchObject({ code: 2, stdout: '' });
    expect(target.stderr).toMatch(/no column "delay".*It has speed, colour, late/);
  });
});

describe('what the gateway refuses', () => {
  test('a run that is not there is wrong input, as JSON on request', async () => {
    const run = '01890000-0000-7000-8000-000000000000';
    expect(await ask(['status', run])).toEqual({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(new RegExp(`^There is no run ${run}\\. .*\\(RunNotFound\\)\n$`)),
    });
    const { code, stdout, stderr } = await ask(['status', run, '--json']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'RunNotFound', exit_code: 2 } });
  });

  test('a wrong key ends with 3, and says which key it was', async () => {
    const ended = await ask(['runs'], { WATCHTOWER_API_KEY: 'a key that nobody gave out' });
    expect(ended).toMatchObject({ code: 3, stdout: '' });
    expect(ended.stderr).toMatch(/does not know the key of WATCHTOWER_API_KEY/);
    expect(ended.stderr).not.toContain('a key that nobody gave out');
  });
});
