import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { createMlflowClient } from '@watchtower/activities/mlflow/mlflow-client';
import { createRun, ensureExperiment } from '@watchtower/activities/mlflow/runs';
import { attemptFolder } from '@watchtower/activities/training/attempt-folder';
import { recordEnd } from '@watchtower/activities/training/attempt-rows';
import type { AttemptResult } from '@watchtower/contracts';
import { repositoryRoot } from '@watchtower/stack/repository';
import { type DockerLab, type OpenedTraining, openDockerLab } from './docker-lab.ts';
import { hostileJobs, hostileJobsTable } from './hostile-jobs.ts';
import { containersOf } from './killed-trainings.ts';
import { mlflowRunsOf } from './mlflow-runs.ts';
import { describeWith, docker } from './optional-parts.ts';

const run = promisify(execFile);
const minutes = 60_000;
jest.setTimeout(2 * minutes);

test('the table of hostile jobs is that of the reference', async () => {
  const page = await readFile(join(repositoryRoot, 'docs/reference/hostile-jobs.md'), 'utf8');
  expect(page).toContain(hostileJobsTable());
});

/** A job that leaves what a training without network has to leave. */
const goodJob = `
import json, os
request = json.load(open(os.environ["WATCHTOWER_TRAINING_REQUEST"]))
print("rows in", os.path.getsize(request["data_path"]), "bytes", flush=True)
output = os.environ["WATCHTOWER_OUTPUT_DIR"]
json.dump({"auc": 0.75}, open(f"{output}/metrics.json", "w"))
json.dump({"seed": request["seed"]}, open(f"{output}/params.json", "w"))
os.makedirs(f"{output}/model/data")
open(f"{output}/model/MLmodel", "w").write("flavors: {}\\n")
open(f"{output}/model/data/weights.bin", "wb").write(bytes(200_000))
print(open("installed.txt").read() if os.path.exists("installed.txt") else "nothing installed")
print("what no database keeps: \\0")
print("environment", sorted(name for name in os.environ if "MLFLOW_T" in name or "KEY" in name))
`;

interface HostileEnd {
  readonly result: AttemptResult;
  readonly log: string;
  readonly containers: readonly string[];
}

describeWith(docker, 'the trainer docker', () => {
  let lab: DockerLab;
  /** They take their time, most of it waiting: all run at once beside the other tests, which come first. */
  const ends = new Map<string, Promise<HostileEnd>>();
  beforeAll(async () => {
    lab = await openDockerLab('docker-trainer');
    for (const job of hostileJobs) {
      // One after the other: a busy MLflow that is asked by all at once lets some wait too long.
      const end = runHostile(await lab.opening(job.script, { ...job.retrain }));
      // Whoever asks for it hears of it.
      end.catch(() => undefined);
      ends.set(job.name, end);
    }
  }, 3 * minutes);
  afterAll(() => lab?.close(), minutes);

  async function runHostile(training: OpenedTraining): Promise<HostileEnd> {
    await lab.start(training);
    const result = await lab.observe(training);
    const containers = await containersOf(training.training_id);
    return { result, log: await lab.logOf(result), containers };
  }

  test('a job without network gets its rows and leaves a model, which is logged into its run', async () => {
    const training = await lab.opening(goodJob, {
      docker: { install: ['sh', '-c', 'echo packages > installed.txt'] },
    });
    expect((await lab.start(training)).place).toMatch(/^container watchtower-training-.*-1 on /);
    const result = await lab.observe(training);
    expect(result).toMatchObject({ attempt: 1, status: 'succeeded', exit_code: 0, failure_code: null });
    const log = await lab.logOf(result);
    expect(log).toMatch(
      /\[watchtower: install\][\s\S]*\[watchtower: train\]\nrows in \d{4,} bytes\npackages/,
    );
    expect(log).toContain('keeps: \0\nenvironment []');
    expect(result.log_tail).toContain('keeps: \uFFFD\nenvironment []');
    expect(await lab.observe(training)).toEqual(result);
    expect(await containersOf(training.training_id)).toEqual([]);
    const key = { training_id: training.training_id, attempt: 1 };
    expect(await readdir(attemptFolder(lab.environment.WORKSPACE_BASE_DIR, key))).toEqual([]);

    const collected = await lab.collect(training);
    expect(collected).toMatchObject({
      metrics: { auc: 0.75 },
      mlflow_run_id: training.request.mlflow_run_id,
    });
    expect(collected.model_source).toMatch(/\/artifacts\/model$/);
    expect(await lab.collect(training)).toEqual(collected);
  });

  test('that has ended is not begun or ended anew by who was held up until then', async () => {
    const training = await lab.opening('print("one training")');
    await lab.start(training);
    const result = await lab.observe(training);
    const { training_id, request, context } = training;
    const key = { training_id, attempt: 1 };
    // Past the look at the row, which is where a start may stand still.
    const late = { definition: context.definition, request, attempt: 1 };
    expect(await lab.worker().trainer.start(late, new AbortController().signal)).toBeNull();
    expect(await containersOf(training_id)).toEqual([]);
    const nothing = { ...result, status: 'lost', exit_code: null, output_artifact: null } as const;
    expect(await recordEnd(lab.database, key, nothing)).toEqual(result);
    expect(await lab.observe(training)).toEqual(result);
  });

  test('that a slow MLflow opened twice has one run', async () => {
    const { context, training_id, request } = await lab.opening('pass');
    await lab.database.training.delete({ where: { id: training_id } });
    const tags = { 'watchtower.training_id': training_id, 'watchtower.run_id': context.run_id };
    const { MLFLOW_EXPERIMENT_NAME: name, ...settings } = lab.environment;
    const mlflow = createMlflowClient(settings);
    await createRun(mlflow, await ensureExperiment(mlflow, name), 'made too late', tags);
    const { from, to } = request.data_window;
    const opened = await lab.worker().open({
      context,
      training_id,
      plan: { reason: 'test', strategy: 'full_retrain' },
      data_window: { from, to },
    });
    expect(opened.request).toEqual(request);
    expect(await mlflowRunsOf(lab.environment.MLFLOW_TRACKING_URI, training_id)).toEqual(['RUNNING']);
  });

  test('of two starters one makes the workspace, and a worker that dies is followed by another', async () => {
    const training = await lab.opening('import time; print("one training"); time.sleep(3)');
    await Promise.all([lab.start(training), lab.start(training)]);
    const names = await containersOf(training.training_id);
    expect([...names].sort()).toEqual([
      `watchtower-${training.training_id}-1`,
      `watchtower-${training.training_id}-1-train`,
    ]);
    const watched = lab.observe(training);
    await sleep(1_000);
    const [first, second] = await Promise.all([watched, lab.observe(training)]);
    expect(first).toMatchObject({ status: 'succeeded', log_tail: 'one training\n' });
    expect(second.log_artifact).toBe(first.log_artifact);
    expect(await lab.logOf(first)).toBe('one training\n');
  });

  test('stopped while it trains, nothing of it is left, and no late start brings it back', async () => {
    const training = await lab.opening('import time; time.sleep(600)');
    await lab.start(training);
    const { training_id } = training;
    expect(await lab.worker().stop({ training_id, trainer: 'docker' })).toEqual({ stopped: 1 });
    expect(await containersOf(training_id)).toEqual([]);
    expect(await lab.observe(training)).toMatchObject({
      status: 'cancelled',
      failure_code: 'TrainingCancelled',
    });
    await lab.start(training, 2);
    expect(await containersOf(training_id)).toEqual([]);
    expect(await lab.observe(training, 2)).toMatchObject({ status: 'cancelled' });
  });

  test('whose workspace is gone is lost, and the next attempt follows; the janitor clears up behind', async () => {
    const training = await lab.opening('import time; time.sleep(600)');
    await lab.start(training);
    await expect(lab.start(training, 2)).rejects.toMatchObject({ code: 'TrainerNotStarted' });
    await run('docker', ['kill', `watchtower-${training.training_id}-1`]);
    expect(await lab.observe(training)).toMatchObject({ status: 'lost', failure_code: null });
    await lab.start(training, 2);
    expect(await containersOf(training.training_id)).toHaveLength(2);
    await lab.database.training.update({ where: { id: training.training_id }, data: { status: 'failed' } });
    const next = await lab.opening('print("hello")');
    await lab.start(next);
    expect(await containersOf(training.training_id)).toEqual([]);
    expect(await lab.observe(next)).toMatchObject({ status: 'succeeded' });
  });

  test('what fails ends by its name: a command that is not there, an install, silence that lasts', async () => {
    const failing = [
      { retrain: { command: ['no-such-program'] }, failure_code: 'TrainingFailed', said: /no-such-program/ },
      {
        retrain: { docker: { install: ['sh', '-c', 'echo no such package; exit 3'] } },
        failure_code: 'TrainingSetupFailed',
        said: /no such package/,
      },
      { retrain: { command: ['sleep', '60'], stuck_after: '1s' }, failure_code: 'TrainingStuck', said: /^$/ },
    ];
    const ends = await Promise.all(
      failing.map(async ({ retrain }) => {
        const training = await lab.opening('pass', retrain);
        await lab.start(training);
        return lab.observe(training);
      }),
    );
    for (const [index, { failure_code, said }] of failing.entries()) {
      expect(ends[index]).toMatchObject({ status: 'failed', failure_code });
      expect(ends[index]?.log_tail).toMatch(said);
    }
  });

  test('an image that no registry has is refused by name', async () => {
    const training = await lab.opening('pass', { docker: { image: 'localhost:1/no-such-image:1' } });
    await expect(lab.start(training)).rejects.toMatchObject({
      code: expect.stringMatching(/^Trainer(Rejected|Unavailable)$/),
      message: expect.stringContaining('could not pull the image localhost:1/no-such-image:1'),
    });
  });

  test.each(hostileJobs)('$name: $stopped_by', async (job) => {
    const end = await ends.get(job.name);
    expect(`${end?.log}${end?.result.log_tail}`).toMatch(job.shows);
    expect(end?.result).toMatchObject({ status: job.status, failure_code: job.failure_code });
    expect(end?.log.length).toBeLessThan(17 * 1024 ** 2);
    expect(end?.containers).toEqual([]);
  });

  test('no process of any job is left', async () => {
    await Promise.allSettled(ends.values());
    expect(await processesOfJobs()).toEqual([]);
  });
});

/** Processes of the user that jobs run as. */
async function processesOfJobs(): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      return /^Uid:\s+10001\s/m.test(status) ? [status.split('\n')[0] ?? pid] : [];
    }),
  );
  return found.flat();
}
