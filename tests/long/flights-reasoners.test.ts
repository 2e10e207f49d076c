import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RunId } from '@watchtower/contracts';
import { flightsDefinition, flightsFolder } from '@watchtower/stack/demo/flights';
import { type Lab, openLab } from '../lab.ts';
import { expectSound, promotionOf } from '../reasoner-lab.ts';
import { key, say, toPromotion, turns } from '../reasoner-scripts/index.ts';
import {
  type ScriptedProvider,
  startChatCompletions,
  startMessagesApi,
} from '../scripted-providers/index.ts';

/** The flights example, its real data and its own training, under each reasoner. */

const minutes = 60_000;
const reasoners = ['policy', 'anthropic', 'openai'] as const;
const [, ...onwards] = toPromotion;
const script = () =>
  turns(say('temp moved most. I look at it.', 'inspect_feature_drift', { column: 'temp' }), ...onwards);

let lab: Lab;
let messages: ScriptedProvider;
let completions: ScriptedProvider;
beforeAll(async () => {
  messages = await startMessagesApi({ key, script: script() });
  completions = await startChatCompletions({ key, script: script() });
  lab = await openLab('flights', async () => ({
    ANTHROPIC_API_KEY: key,
    ANTHROPIC_BASE_URL: messages.baseUrl,
    OPENAI_API_KEY: key,
    OPENAI_BASE_URL: completions.baseUrl,
  }));
  const python = (file: string) =>
    promisify(execFile)(lab.stack.environment.PYTHON ?? 'python3', [file], {
      cwd: flightsFolder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, MLFLOW_TRACKING_URI: lab.stack.mlflow },
    });
  await python('prepare.py');
  await python('seed_champion.py');
}, 3 * minutes);
afterAll(async () => {
  await lab.close();
  await Promise.all([messages.close(), completions.close()]);
}, minutes);

test(
  'the same run of the flights ends in the same promotion, whoever reasons',
  async () => {
    const { body } = await flightsDefinition();
    const runs = await Promise.all(
      reasoners.map(async (provider): Promise<RunId> => {
        const model = `flights-by-${provider}`;
        await lab.shareChampion(model);
        const definition = { ...body, model, reasoner: { provider } };
        const applied = await lab.request('POST', '/api/v1/models', { definition });
        expect(applied).toMatchObject({ status: 201 });
        return lab.startRun({ model });
      }),
    );
    for (const [index, run] of runs.entries()) {
      await lab.until(run, ({ status }) => status === 'waiting_for_approval', 5 * minutes);
      expect(await lab.decide(run, 'approve')).toMatchObject({ status: 200 });
      expect(await lab.ended(run)).toMatchObject({ status: 'completed', outcome: 'promoted' });
      const { detail } = await expectSound(lab, run);
      expect(detail.summary?.reasoner).toBe(reasoners[index]);
      expect(await lab.championVersion(`flights-by-${reasoners[index]}`)).toBe('2');
    }
    const [policy, ...models] = await Promise.all(runs.map((run) => promotionOf(lab, run)));
    expect(models).toEqual([policy, policy]);
    // Of March's model and July's flights, as the example's README tells it.
    expect(policy?.evaluation.improvement?.metric).toBe('roc_auc');
    expect(policy?.evaluation.improvement?.difference).toBeGreaterThan(0.03);
  },
  8 * minutes,
);
