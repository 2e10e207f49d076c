import { expect } from '@jest/globals';
import { z } from 'zod';
import { lastResult, type SeenRequest } from '../scripted-providers/index.ts';
import { decide, look, type ReasonerScript, say, sumUp, turns } from './reasoner-script.ts';

const trained = z.object({ version: z.string() });
/** The version that the run's training gave. */
const versionOf = ({ results }: SeenRequest): string =>
  trained.parse(lastResult(results, 'trigger_retrain').data).version;

const retrain = say('I have it retrained.', 'trigger_retrain', { reason: 'x1 and x2 moved' });
const evaluate = (seen: SeenRequest) =>
  say('Now the comparison.', 'evaluate_model', { version: versionOf(seen) });
const promote = (seen: SeenRequest) =>
  say('It is better.', 'promote_model', { version: versionOf(seen), reason: 'It won.' });

/** Until the champion is another one: every run under every reasoner comes to this. */
export const toPromotion = [look, decide(), retrain, evaluate, promote, sumUp()] as const;

const trainedOnly = { retrained: true, evaluated: true, promoted: false };

/** Real runs: something is trained. */
export const trainings: readonly ReasonerScript[] = [
  {
    name: 'asks for two trainings',
    through: ['anthropic'],
    story: 'Calls `trigger_retrain` twice in one turn; the second is refused, and one version is evaluated.',
    order: {},
    answers: turns(
      decide(),
      {
        say: [
          { text: 'Twice is better.' },
          { call: 'trigger_retrain', input: { reason: 'once' } },
          { call: 'trigger_retrain', input: { reason: 'and again' } },
        ],
      },
      ({ results }) => {
        const first = trained.parse(results.find(({ name }) => name === 'trigger_retrain')?.data);
        return say('Now the comparison.', 'evaluate_model', first);
      },
      sumUp(),
    ),
    ends: { outcome: 'kept', requests: 4, refused: ['already_trained'] },
    check: ({ detail, steps }) => {
      expect(detail).toMatchObject({ flags: trainedOnly, training: { version: '1' } });
      expect(steps.filter(({ name }) => name === 'training_intended')).toHaveLength(1);
    },
  },
  {
    name: "another run's model",
    through: ['openai'],
    story:
      'Trains and evaluates its own, then asks to promote a version of another run; that is refused and the champion stays.',
    order: {},
    answers: turns(
      decide(),
      retrain,
      evaluate,
      say('The other one is better.', 'promote_model', { version: '41', reason: 'I like it.' }),
      sumUp({ summary: 'Version 41 is the champion now.' }),
    ),
    ends: { outcome: 'kept', requests: 5, refused: ['other_version'] },
    check: ({ detail }) => expect(detail).toMatchObject({ flags: trainedOnly, approval: null }),
  },
];
