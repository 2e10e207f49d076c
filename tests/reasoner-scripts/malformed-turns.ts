import { expect } from '@jest/globals';
import type { ScriptedAnswer } from '../scripted-providers/index.ts';
import {
  decide,
  interfaces,
  look,
  type ReasonerScript,
  say,
  sumUp,
  type Told,
  turns,
} from './reasoner-script.ts';

const cutOff = { ...decide(), stop: 'length' } as const;

const toldOf =
  (what: string) =>
  ({ requests }: Told) =>
    expect(JSON.stringify(requests.at(-1)?.body)).toContain(what);

const lookAtX1 = { call: 'inspect_feature_drift', input: { column: 'x1' } };

/** What an answer says, as thinking. */
const thought = (answer: ScriptedAnswer): ScriptedAnswer =>
  'say' in answer
    ? { ...answer, say: answer.say.map((block) => ('text' in block ? { thinking: block.text } : block)) }
    : answer;

/** The model does not make itself understood, or is cut off, or will not answer. */
export const malformedTurns: readonly ReasonerScript[] = [
  {
    name: 'wrong arguments, once',
    through: ['anthropic'],
    story: 'Is 900 % sure; it is told which field is wrong, and does better.',
    answers: turns(look, decide({ confidence: 900 }), decide(), sumUp()),
    ends: { outcome: 'dry_run', requests: 4, corrected: 1, refused: ['invalid_input'] },
    check: toldOf('input.confidence'),
  },
  {
    name: 'wrong arguments, twice',
    through: ['openai'],
    story: 'Is 900 % sure and stays so; it is replaced.',
    answers: turns(look, decide({ confidence: 900 }), decide({ confidence: 900 })),
    ends: {
      outcome: 'dry_run',
      requests: 3,
      corrected: 1,
      refused: ['invalid_input', 'invalid_input'],
      replaced: 'malformed',
    },
  },
  {
    name: 'truncated JSON',
    through: ['openai'],
    story: 'Sends arguments that end in the middle; it is told where, and does better.',
    answers: turns(
      look,
      { say: [{ call: 'decide_retraining', text_input: '{"urgency": "imm' }] },
      decide(),
      sumUp(),
    ),
    ends: { outcome: 'dry_run', requests: 4, corrected: 1, refused: ['invalid_input'] },
    check: toldOf('no JSON'),
  },
  {
    name: 'cut off, once',
    through: ['anthropic'],
    story: 'Reaches the limit of tokens within a call; the call is not carried out, and made again.',
    answers: turns(look, cutOff, decide(), sumUp()),
    ends: { outcome: 'dry_run', requests: 4, corrected: 1, refused: ['invalid_input'] },
    check: toldOf('cut off'),
  },
  {
    name: 'cut off, twice',
    through: ['openai'],
    story: 'Reaches the limit of tokens and does so again; it is replaced.',
    answers: turns(look, cutOff, cutOff),
    ends: {
      outcome: 'dry_run',
      requests: 3,
      corrected: 1,
      refused: ['invalid_input', 'invalid_input'],
      replaced: 'malformed',
    },
  },
  {
    name: 'refuses',
    through: interfaces,
    story: 'The provider breaks the answer off (`refusal`); its call is not carried out and it is replaced.',
    answers: turns(look, { ...decide(), stop: 'refusal' }),
    ends: { outcome: 'dry_run', requests: 2, replaced: 'refused' },
    check: ({ steps }) => {
      const ofTurn = steps.filter(
        ({ payload: { call_id } }) => typeof call_id === 'string' && call_id.startsWith('turn_2_'),
      );
      expect(ofTurn).toEqual([]);
      expect(steps.map(({ payload }) => payload.text)).toContain('The inputs moved, so I decide.');
    },
  },
  {
    name: 'stops at once',
    through: ['openai'],
    story: 'Says a sentence and calls nothing, twice; it is replaced.',
    answers: () => ({ say: [{ text: 'Everything looks fine to me.' }] }),
    ends: { outcome: 'dry_run', requests: 2, corrected: 1, replaced: 'stopped' },
  },
  {
    name: 'an unknown tool',
    through: ['anthropic'],
    story: 'Calls a tool that does not exist; the answer names those that do, and it goes on.',
    answers: turns(say('Better without it.', 'delete_model', { name: 'x' }), look, decide(), sumUp()),
    ends: { outcome: 'dry_run', requests: 4, refused: ['unknown_tool'] },
  },
  {
    name: 'two calls in one turn',
    through: interfaces,
    story: 'Explains and calls twice in one turn; both are carried out and answered in order.',
    answers: turns(
      {
        say: [
          { text: 'x1 first, then the rest.' },
          { call: 'inspect_feature_drift', input: { column: 'x1' } },
          { call: 'inspect_statistical_drift', input: {} },
        ],
      },
      decide(),
      sumUp(),
    ),
    ends: { outcome: 'dry_run', requests: 3 },
    check: ({ steps, requests }) => {
      const ofTools = steps.filter(({ kind }) => kind === 'tool_call' || kind === 'tool_result');
      expect(ofTools.slice(0, 4).map(({ payload }) => payload.call_id)).toEqual([
        'turn_1_1',
        'turn_1_1',
        'turn_1_2',
        'turn_1_2',
      ]);
      const second = JSON.stringify(requests[1]?.body);
      expect(second.lastIndexOf('turn_1_1')).toBeLessThan(second.lastIndexOf('turn_1_2'));
    },
  },
  {
    name: 'thinks between its calls',
    through: ['anthropic'],
    story: 'Explains itself in thinking, some of it hidden; it is given back unchanged with the results.',
    answers: turns(
      { say: [{ thinking: 'x1 moved most.' }, { thinking: null }, lookAtX1] },
      thought(decide()),
      thought(sumUp()),
    ),
    ends: { outcome: 'dry_run', requests: 3 },
    check: ({ steps, requests }) => {
      expect(steps.find(({ kind }) => kind === 'reasoning')?.message).toBe('x1 moved most.');
      const given = JSON.stringify(requests[2]?.body).match(/"type":"(redacted_)?thinking"/g);
      expect(given).toEqual(['"type":"thinking"', '"type":"redacted_thinking"', '"type":"thinking"']);
    },
  },
];
