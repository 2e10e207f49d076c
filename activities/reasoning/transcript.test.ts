import { describe, expect, test } from '@jest/globals';
import { noTokens, type TurnMark, WatchtowerError } from '@watchtower/contracts';
import { entryOf, type StepRow, wholeText } from './transcript.ts';

const turn: TurnMark = {
  number: 2,
  reasoner: 'anthropic',
  stop: 'calls',
  model_id: 'claude-sonnet-5-5',
  request_id: null,
  tokens: noTokens,
  cost: null,
  exchange: null,
};
const row = (kind: string, name: string, payload: object): StepRow => ({ number: 7, kind, name, payload });
const entry = (step: StepRow) =>
  entryOf(step, async ({ text, artifact }) => (artifact ? `whole ${text}` : text));

describe('a step', () => {
  test.each([
    [
      row('reasoning', 'anthropic', { text: 'It moved.', turn }),
      { type: 'reasoning', step: 7, turn: 2, reasoner: 'anthropic', text: 'It moved.' },
    ],
    [
      row('reasoning', 'anthropic', { text: 'It', artifact: 'a'.repeat(64), turn }),
      { type: 'reasoning', step: 7, turn: 2, reasoner: 'anthropic', text: 'whole It' },
    ],
    [
      row('tool_call', 'promote_model', {
        call_id: 'turn_2_1',
        tool: 'promote_model',
        input: { version: '2' },
        problem: 'no JSON',
        turn,
      }),
      {
        type: 'tool_call',
        step: 7,
        turn: 2,
        reasoner: 'anthropic',
        call: { id: 'turn_2_1', name: 'promote_model', input: { version: '2' }, problem: 'no JSON' },
      },
    ],
    [
      // Without the tool's name in its payload, the step's own is taken.
      row('tool_call', 'promote_model', { call_id: 'turn_2_1', input: null, turn }),
      {
        type: 'tool_call',
        step: 7,
        turn: 2,
        reasoner: 'anthropic',
        call: { id: 'turn_2_1', name: 'promote_model', input: null },
      },
    ],
    [
      row('tool_result', 'promote_model', { call_id: 'turn_2_1', is_error: true, result: { message: 'no' } }),
      {
        type: 'tool_result',
        step: 7,
        call_id: 'turn_2_1',
        name: 'promote_model',
        is_error: true,
        result: { message: 'no' },
      },
    ],
    [
      row('status', 'reasoner_corrected', { text: 'Name the column.', turn }),
      { type: 'correction', step: 7, text: 'Name the column.' },
    ],
  ])('%# of a run becomes an entry', async (step, expected) => {
    await expect(entry(step)).resolves.toEqual(expected);
  });

  test.each([
    row('reasoning', 'anthropic', { text: 'It moved.' }),
    row('tool_call', 'x', { input: {}, turn }),
    row('tool_result', 'x', { call_id: 'a', is_error: 'no', result: {} }),
    row('tool_result', 'x', { call_id: 'a', is_error: false, result: [] }),
    row('decision', 'x', {}),
  ])('%# that no workflow writes is told by its number', async (step) => {
    await expect(entry(step)).rejects.toMatchObject({
      code: 'Internal',
      message: expect.stringContaining(`Step 7 (${step.kind} ${step.name})`),
    });
  });
});

describe('a long text', () => {
  const payload = { text: 'It', artifact: 'a'.repeat(64) };
  const failing = (code: 'ArtifactMissing' | 'Internal') => ({
    read: async () => {
      throw new WatchtowerError(code, 'It cannot be read.');
    },
  });

  test('is read whole, or is its beginning where the rest is gone', async () => {
    const store = { read: async () => Buffer.from('It moved.') };
    await expect(wholeText(payload, store)).resolves.toBe('It moved.');
    await expect(wholeText(payload, failing('ArtifactMissing'))).resolves.toBe('It');
    await expect(wholeText(payload, failing('Internal'))).rejects.toMatchObject({ code: 'Internal' });
  });
});
