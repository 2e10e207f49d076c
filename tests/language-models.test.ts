import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { turnMark } from '@watchtower/contracts';
import { type Lab, openLab } from './lab.ts';
import {
  type Script,
  type ScriptedProvider,
  startChatCompletions,
  startMessagesApi,
} from './scripted-providers/index.ts';

const key = 'sk-stack-2b9e61c07d3f48aa-only-here';
const proposal = {
  urgency: 'immediate',
  confidence: 90,
  root_cause: 'x1 moved.',
  rationale: 'The inputs are not those the model learned from.',
  strategy: 'full_retrain',
};
const summary = { headline: 'x1 moved', summary: 'In a real run it would have been retrained.', cites: [2] };

/** Looks, decides, sums up; on the way the provider is busy once, and the model once writes no JSON. */
function script(malformed: boolean): Script {
  return [
    {
      say: [
        { text: 'x1 moved most. I look at it.' },
        { call: 'inspect_feature_drift', input: { column: 'x1' } },
      ],
    },
    { status: 429, headers: { 'retry-after': '1' }, error: { message: 'Too many requests' } },
    {
      say: [
        malformed
          ? { call: 'decide_retraining', text_input: '{"urgency": "imm' }
          : { call: 'decide_retraining', input: { ...proposal, confidence: 900 } },
      ],
    },
    { say: [{ text: 'Again, as it has to be.' }, { call: 'decide_retraining', input: proposal }] },
    {
      say: [
        { text: 'It stays at that.' },
        { call: 'inspect_statistical_drift', input: {} },
        { call: 'write_summary', input: summary },
      ],
    },
  ];
}

const interfaces = {
  anthropic: {
    start: startMessagesApi,
    address: 'ANTHROPIC_BASE_URL',
    key: 'ANTHROPIC_API_KEY',
    malformed: false,
  },
  openai: { start: startChatCompletions, address: 'OPENAI_BASE_URL', key: 'OPENAI_API_KEY', malformed: true },
} as const;

describe.each(['anthropic', 'openai'] as const)(
  'a dry run in which a language model behind %s reasons',
  (name) => {
    const { start, address, malformed, ...variables } = interfaces[name];
    let provider: ScriptedProvider;
    let lab: Lab;
    beforeAll(async () => {
      provider = await start({ key, script: script(malformed) });
      lab = await openLab(`dry-${name}`, async () => ({
        LLM_PROVIDER: name,
        [address]: provider.baseUrl,
        [variables.key]: key,
      }));
      await lab.apply();
    }, 60_000);
    afterAll(async () => {
      await lab.close();
      await provider.close();
    }, 60_000);

    test('is told by its texts and calls, waits when the provider is busy, and corrects it once', async () => {
      const run = await lab.startRun({ dry_run: true });
      const detail = await lab.ended(run, 120_000);
      expect(detail).toMatchObject({ status: 'completed', outcome: 'dry_run' });
      // Each request was one that the real interface would have taken.
      expect(provider.requests.map(({ refused, authorized }) => ({ refused, authorized }))).toEqual(
        Array.from({ length: 5 }, () => ({ refused: null, authorized: true })),
      );
      const steps = await lab.steps(run);
      expect(steps.map((step) => `${step.kind} ${step.name}`)).toEqual(
        expect.arrayContaining([
          `reasoning ${name}`,
          'tool_call inspect_feature_drift',
          'status reasoner_corrected',
          'evidence retraining_decided',
          'summary summary',
        ]),
      );
      expect(steps.map((step) => step.name)).not.toContain('reasoner_replaced');
      const texts = steps.filter((step) => step.kind === 'reasoning').map((step) => step.payload.text);
      expect(texts).toEqual(['x1 moved most. I look at it.', 'Again, as it has to be.', 'It stays at that.']);
      const first = steps.find((step) => step.kind === 'reasoning');
      const mark = turnMark.parse(first?.payload.turn);
      expect(mark).toMatchObject({ number: 1, reasoner: name });
      expect(mark.cost).toBeGreaterThan(0);
      expect(JSON.stringify([steps, detail]) + lab.worker.output() + lab.gateway.output()).not.toContain(key);
    }, 150_000);
  },
);
