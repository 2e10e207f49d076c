import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { folderArtifactStore } from '@watchtower/activities/audit/artifact-store';
import { digest, type ReasonerName, type RunId } from '@watchtower/contracts';
import { type Lab, openLab } from './lab.ts';
import { expectNoKeyOnDisk, expectSound, measuredHistories, promotionOf } from './reasoner-lab.ts';
import { key, look, toPromotion, turns } from './reasoner-scripts/index.ts';
import { type ScriptedProvider, startChatCompletions, startMessagesApi } from './scripted-providers/index.ts';
import { watchtower } from './watchtower-command.ts';

const minutes = 60_000;
const reasoners = ['policy', 'anthropic', 'openai'] as const;
const retrain = {
  // The log of the training, which is an artifact, holds all that its process finds in its environment.
  command: ['sh', '-c', 'env | sort; exec "{python}" train.py'],
  environment: { TRAIN_SLEEP_SECONDS: '2' },
  timeout: '5m',
  stuck_after: '2m',
  cool_down: '0s',
};

describe('from drift to promotion', () => {
  let lab: Lab;
  let messages: ScriptedProvider;
  let completions: ScriptedProvider;
  const runs = new Map<ReasonerName, RunId>();
  const modelOf = (reasoner: ReasonerName) => `by-${reasoner}`;
  const runOf = (reasoner: ReasonerName): RunId => {
    const run = runs.get(reasoner);
    if (run === undefined) throw new Error(`No run was begun for ${reasoner}.`);
    return run;
  };

  beforeAll(async () => {
    messages = await startMessagesApi({ key, script: turns({ ...look, delay: 300_000 }, ...toPromotion) });
    completions = await startChatCompletions({ key, script: turns(...toPromotion) });
    lab = await openLab('reasoners', async () => ({
      LLM_PROVIDER: 'anthropic',
      ANTHROPIC_API_KEY: key,
      ANTHROPIC_BASE_URL: messages.baseUrl,
      OPENAI_API_KEY: key,
      OPENAI_BASE_URL: completions.baseUrl,
      AGENT_TIMEOUT_SECONDS: '60',
    }));
    await lab.apply();
    await lab.seedChampion();
    await Promise.all(
      reasoners.map(async (provider) => {
        await lab.shareChampion(modelOf(provider));
        await lab.apply({ reasoner: { provider }, retrain }, modelOf(provider));
      }),
    );
    runs.set('anthropic', await lab.startRun({ model: modelOf('anthropic') }));
    // Its first question is under way when the worker dies. A dead worker is noticed after twenty seconds, in which
    // the other runs come on.
    await reached(() => messages.requests.length > 0);
    await killWorker(lab);
    for (const reasoner of ['policy', 'openai'] as const) {
      runs.set(reasoner, await lab.startRun({ model: modelOf(reasoner) }));
    }
    // Between two of its turns.
    await lab.step(runOf('anthropic'), 'training_started', 3 * minutes);
    await killWorker(lab);
  }, 6 * minutes);
  afterAll(async () => {
    await lab.close();
    await Promise.all([messages.close(), completions.close()]);
  }, minutes);

  test.each(reasoners)(
    '%s comes to a promotion, with its audit log verified and its cost told',
    async (reasoner) => {
      const run = runOf(reasoner);
      await lab.until(run, ({ status }) => status === 'waiting_for_approval', 4 * minutes);
      expect(await lab.decide(run, 'approve')).toMatchObject({ status: 200 });
      expect(await lab.ended(run)).toMatchObject({
        status: 'completed',
        outcome: 'promoted',
        flags: { drift_detected: true, retrained: true, evaluated: true, promoted: true },
      });
      expect(await lab.championVersion(modelOf(reasoner))).toBe('2');
      const { steps, detail } = await expectSound(lab, run);
      expect(detail.summary?.reasoner).toBe(reasoner);
      expect(steps.map(({ name }) => name)).not.toContain('reasoner_replaced');
      await measuredHistories(lab, run, ['pipeline', 'retrain', 'promotion']);
      const { tokens, cost } = detail.reasoning;
      if (reasoner === 'policy') expect({ tokens, cost }).toMatchObject({ tokens: { input: 0 }, cost: 0 });
      else {
        expect(cost).toBeGreaterThan(0);
        expect(tokens.cache_read).toBeGreaterThan(0);
      }
    },
    5 * minutes,
  );

  test('the promotion is the same, whoever reasoned', async () => {
    const ends = await Promise.all(reasoners.map((reasoner) => promotionOf(lab, runOf(reasoner))));
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[2]).toEqual(ends[0]);
  });

  test('the command line tells what was decided and what reasoning cost', async () => {
    const place = {
      folder: lab.stack.workspaces,
      variables: { WATCHTOWER_URL: lab.gateway.url, WATCHTOWER_API_KEY: lab.stack.apiKey },
    };
    const { stdout } = await watchtower(['status', runOf('anthropic')], place);
    expect(stdout).toMatch(/decision +full retrain, confidence 90 %/);
    expect(stdout).toMatch(/reasoning +6 turns, [\d,]+ tokens, 0\.\d{4} USD/);
    expect((await watchtower(['status', runOf('policy')], place)).stdout).not.toMatch(/^reasoning/m);
  }, 30_000);

  test('a worker killed during a turn and between two bills no call twice but the one in flight', async () => {
    const { reasoning } = await lab.detail(runOf('anthropic'));
    const bodies = messages.requests.map(({ body }) => JSON.stringify(body));
    expect({ turns: reasoning.turns, requests: bodies.length }).toEqual({ turns: 6, requests: 7 });
    // The repeated attempt saw the same conversation, and every later one another.
    expect(bodies[1]).toBe(bodies[0]);
    expect(new Set(bodies).size).toBe(6);
  });

  test('the key is in no log, no file, and not in what the trainings saw', async () => {
    expect([...deadLogs, lab.worker.output(), lab.gateway.output()].join('')).not.toContain(key);
    expect(await expectNoKeyOnDisk(lab)).toBeGreaterThan(10);
    const attempts = await lab.database.trainingAttempt.findMany({ where: { status: 'succeeded' } });
    expect(attempts).toHaveLength(reasoners.length);
    for (const { log_artifact } of attempts) {
      const log = String(await folderArtifactStore(lab.stack.artifacts).read(digest.parse(log_artifact)));
      expect(log).toMatch(/^WATCHTOWER_TRAINING_REQUEST=/m);
      expect(log).not.toMatch(/ANTHROPIC|OPENAI|DATABASE_URL|^API_KEY/m);
    }
  });
});

/** What workers wrote before they were killed. */
const deadLogs: string[] = [];

async function killWorker(lab: Lab): Promise<void> {
  deadLogs.push(lab.worker.output());
  await lab.worker.kill('SIGKILL');
  await lab.restartWorker();
}

async function reached(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}
