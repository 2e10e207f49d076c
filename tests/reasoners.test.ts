import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunId } from '@watchtower/contracts';
import { repositoryRoot } from '@watchtower/stack/repository';
import { z } from 'zod';
import { boundaries, type HeldRun, startHeldRun, turnsOfRun } from './killed-runs.ts';
import { type Lab, openLab } from './lab.ts';
import { expectNoKeyOnDisk, expectSound, measuredHistories } from './reasoner-lab.ts';
import {
  type Interface,
  key,
  look,
  type ReasonerScript,
  scripts,
  tableRow,
} from './reasoner-scripts/index.ts';
import { type ScriptedProvider, startChatCompletions, startMessagesApi } from './scripted-providers/index.ts';

const minutes = 60_000;
const start = { anthropic: startMessagesApi, openai: startChatCompletions };
/** Their prices are the same. */
const models = { anthropic: 'claude-sonnet-5-5', openai: 'gpt-6-sol' };

/** A script behind an interface: a server, a model and a run of its own. */
interface Play {
  readonly title: string;
  readonly script: ReasonerScript;
  readonly through: Interface;
  readonly provider: ScriptedProvider;
  run: Promise<RunId> | null;
}

const cast = scripts.flatMap((script) =>
  script.through.map((through) => ({ title: `${script.name}, through ${through}`, script, through })),
);

describe('a language model and its provider', () => {
  let lab: Lab;
  let plays: Play[] = [];
  let endless: ScriptedProvider;
  let held: HeldRun[] = [];
  /** What workers wrote that are gone. */
  let deadLog = '';

  beforeAll(async () => {
    plays = await Promise.all(
      cast.map(async (part) => {
        const provider = await start[part.through]({ key, script: part.script.answers });
        return { ...part, provider, run: null };
      }),
    );
    endless = await startMessagesApi({ key, script: () => look });
    held = await Promise.all(boundaries.map(startHeldRun));
    const allowed = [
      ...plays.map(({ provider, through }) => `${through}=${provider.baseUrl}`),
      ...held.map(({ provider }) => `anthropic=${provider.baseUrl}`),
    ];
    const [chat] = plays.filter(({ through }) => through === 'openai');
    lab = await openLab('scripts', async () => ({
      LLM_PROVIDER: 'anthropic',
      ANTHROPIC_API_KEY: key,
      OPENAI_API_KEY: key,
      ANTHROPIC_BASE_URL: endless.baseUrl,
      OPENAI_BASE_URL: chat?.provider.baseUrl ?? '',
      LLM_BASE_URLS_ALLOWED: allowed.join(','),
      AGENT_TIMEOUT_SECONDS: '5',
    }));
    const inTurns = atATime(14);
    // Those that train take longest and begin first.
    const trains = ({ script }: Play) => Number(script.order !== undefined);
    for (const play of plays.toSorted((a, b) => trains(b) - trains(a))) {
      play.run = inTurns(() => begin(play));
      // Told by the test that waits for it.
      play.run.catch(() => undefined);
    }
  }, 3 * minutes);
  afterAll(async () => {
    await Promise.all(held.map(({ release }) => release()));
    await lab.close();
    const parts = [...plays, ...held].map(({ provider }) => provider);
    await Promise.all([endless, ...parts].map((server) => server.close()));
  }, minutes);

  /** Resolves when the run has ended. */
  async function begin({ title, script, through, provider }: Play): Promise<RunId> {
    const model = title.replaceAll(/[^a-z0-9]+/gi, '-');
    const chosen = { provider: through, base_url: provider.baseUrl, model_id: models[through] };
    const changes = script.definition?.(lab.stack.workspaces) ?? {};
    await lab.apply({ ...changes, reasoner: { ...chosen, ...script.reasoner } }, model);
    const run = await lab.startRun({ model, ...(script.order ?? { dry_run: true }) });
    await lab.ended(run, 4 * minutes);
    return run;
  }

  test.each(cast)(
    '$title',
    async ({ title, script, through }) => {
      const play = plays.find((each) => each.title === title);
      if (!play?.run) throw new Error(`Nobody plays ${title}.`);
      const { provider } = play;
      const run = await play.run;
      const { outcome, requests, corrected = 0, replaced = null, refused = [] } = script.ends;
      const { steps, detail } = await expectSound(lab, run);
      const named = (name: string) => steps.filter((step) => step.name === name);
      expect({
        status: detail.status,
        outcome: detail.outcome,
        requests: provider.requests.length,
        // What the real interface would have refused.
        rejected: provider.requests.flatMap((request) => request.refused ?? []),
        corrected: named('reasoner_corrected').length,
        replaced: named('reasoner_replaced').map(({ payload }) => payload.cause),
        refused: steps
          .filter(({ payload }) => payload.is_error === true)
          .map(({ payload }) => (payload.result as { error?: unknown }).error),
        summedUpBy: detail.summary?.reasoner,
      }).toEqual({
        status: 'completed',
        outcome,
        requests,
        rejected: [],
        corrected,
        replaced: replaced === null ? [] : [replaced],
        refused,
        summedUpBy: replaced === null ? through : 'policy',
      });
      script.check?.({ steps, detail, requests: provider.requests });
      const acts = detail.training === null ? [] : ['retrain'];
      await measuredHistories(lab, run, ['pipeline', ...acts]);
    },
    5 * minutes,
  );

  test(
    'fifty turns stay small in Temporal, however much was said',
    async () => {
      await lab.apply({ reasoner: { token_budget: 10_000_000, max_turns: 50 } }, 'endless');
      const run = await lab.startRun({ model: 'endless', dry_run: true });
      expect(await lab.ended(run)).toMatchObject({ status: 'completed' });
      expect(endless.requests).toHaveLength(50);
      const { bytes, events, reason, largest } = await measuredHistories(lab, run, ['pipeline']);
      expect(reason.length).toBeGreaterThan(50);
      expect(Math.max(...reason)).toBeLessThan(8 * 1024);
      // The last asks no more than the first: the conversation is read, not carried.
      expect((reason[49] ?? 0) - (reason[0] ?? 0)).toBeLessThan(1024);
      expect(largest).toBeLessThan(16 * 1024);
      // Temporal ends a workflow at 51,200 events or 50 MB: docs/decisions/0004-the-agent.md has the figures.
      expect(events).toBeLessThan(1500);
      expect(bytes).toBeLessThan(1024 * 1024);
    },
    2 * minutes,
  );

  test(
    'a worker killed during any turn or after it has no call made twice but the one in flight',
    async () => {
      // A call that was given up as too slow would be made again, killed or not.
      deadLog = lab.worker.output();
      await lab.worker.stop();
      lab.worker = await lab.stack.startWorker({ ...lab.variables, AGENT_TIMEOUT_SECONDS: '120' });
      const runs = await Promise.all(held.map(async (each) => ({ ...each, run: await each.start(lab) })));
      deadLog += lab.worker.output();
      await lab.worker.kill('SIGKILL');
      await Promise.all(held.map(({ release }) => release()));
      await lab.restartWorker();
      for (const { run, provider, boundary } of runs) {
        expect(await lab.ended(run)).toMatchObject({ status: 'completed', outcome: 'dry_run' });
        const { detail, steps } = await expectSound(lab, run);
        expect(detail.summary?.reasoner).toBe('anthropic');
        expect(steps.map(({ name }) => name)).not.toContain('reasoner_replaced');
        const bodies = provider.requests.map(({ body }) => JSON.stringify(body));
        expect({
          boundary,
          turns: detail.reasoning.turns,
          requests: bodies.length,
          conversations: new Set(bodies).size,
        }).toEqual({
          boundary,
          turns: turnsOfRun,
          requests: boundary.killed === 'after' ? turnsOfRun : turnsOfRun + 1,
          conversations: turnsOfRun,
        });
      }
    },
    3 * minutes,
  );

  test('an alert stands in the log of the worker, once, with its run', async () => {
    const run = await plays[0]?.run;
    const lines = deadLog
      .split('\n')
      .filter((line) => line.includes('"alert raised"') && line.includes(`${run}`));
    expect(lines.map((line) => alertLine.parse(JSON.parse(line)).sdk.alert)).toEqual([
      { run_id: run, dry_run: true, urgency: 'immediate', by: 'verdict' },
    ]);
  });

  test('the key is in no log, artifact, training or history', async () => {
    expect(deadLog + lab.worker.output() + lab.gateway.output()).not.toContain(key);
    expect(await expectNoKeyOnDisk(lab)).toBeGreaterThan(cast.length);
  });

  test(
    'a worker that is told to use a provider and has no key for it does not start',
    async () => {
      const missing = { ANTHROPIC_API_KEY: undefined, OPENAI_API_KEY: undefined, GROQ_API_KEY: undefined };
      const started = lab.stack.startWorker({ ...missing, LLM_PROVIDER: 'anthropic' });
      await expect(started).rejects.toThrow(/ANTHROPIC_API_KEY is not set/);
    },
    minutes,
  );
});

const alertLine = z.object({
  sdk: z.object({
    alert: z.object({ run_id: z.string(), dry_run: z.boolean(), urgency: z.string(), by: z.string() }),
  }),
});

/** Starts no more than so many at once: a machine that is short of breath answers a call too late. */
function atATime(most: number) {
  let free = most;
  const waiting: (() => void)[] = [];
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

test('the table of scripts in the docs is that of these tests', () => {
  const docs = readFileSync(join(repositoryRoot, 'docs', 'reference', 'reasoner-scripts.md'), 'utf8');
  const rows = docs.split('\n').filter((line) => /^\|.*\| `\w+` \|$/.test(line));
  expect(rows).toEqual(scripts.map(tableRow));
});
