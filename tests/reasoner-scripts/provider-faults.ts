import { expect } from '@jest/globals';
import {
  decide,
  interfaces,
  key,
  look,
  type ReasonerScript,
  sumUp,
  type Told,
  turns,
} from './reasoner-script.ts';

const wellAfter =
  (milliseconds: number) =>
  ({ requests: [, asked, again] }: Told): void =>
    expect((again?.at ?? 0) - (asked?.at ?? 0)).toBeGreaterThanOrEqual(milliseconds);

/** The worker under test gives a call five seconds. */
const tooSlow = { ...look, delay: 30_000 };

/** The provider does not answer, or not with an answer. */
export const providerFaults: readonly ReasonerScript[] = [
  {
    name: 'busy',
    through: interfaces,
    story: 'Answers 429 with `retry-after: 3`; it is left alone for three seconds.',
    answers: turns(
      look,
      { status: 429, headers: { 'retry-after': '3' }, error: { message: 'Too many requests' } },
      decide(),
      sumUp(),
    ),
    ends: { outcome: 'dry_run', requests: 4 },
    check: wellAfter(2900),
  },
  {
    name: 'overloaded',
    through: ['anthropic'],
    story: 'Answers 529 twice; it is asked again, later each time.',
    answers: turns(
      look,
      { status: 529, error: { type: 'overloaded_error', message: 'Overloaded' } },
      { status: 529, error: { type: 'overloaded_error', message: 'Overloaded' } },
      decide(),
      sumUp(),
    ),
    ends: { outcome: 'dry_run', requests: 5 },
    check: wellAfter(900),
  },
  {
    name: 'broken connections',
    through: ['openai'],
    story: 'Hangs up before it answers, and once more in the middle of its answer; it is asked again.',
    answers: turns({ drop: 'at once' }, look, { drop: 'within the body' }, decide(), sumUp()),
    ends: { outcome: 'dry_run', requests: 5 },
  },
  {
    name: 'half an answer',
    through: ['anthropic'],
    story: 'Says 200 and sends the first half of its JSON; it is asked again.',
    answers: turns(
      look,
      { body: '{"id": "half", "content": [{"type": "te', content_type: 'application/json' },
      decide(),
      sumUp(),
    ),
    ends: { outcome: 'dry_run', requests: 4 },
  },
  {
    name: 'slow answers',
    through: ['openai'],
    story: 'Is silent for too long, then begins and does not end; both calls are given up and made again.',
    answers: turns(tooSlow, look, { trickle: true }, decide(), sumUp()),
    ends: { outcome: 'dry_run', requests: 5 },
  },
  {
    name: 'silent',
    through: ['anthropic'],
    story: 'Never answers in time; after six attempts it is replaced.',
    answers: () => tooSlow,
    ends: { outcome: 'dry_run', requests: 6, replaced: 'failed' },
  },
  {
    name: 'a web page',
    through: ['openai'],
    story: 'Answers 200 with HTML, always; after six attempts it is replaced.',
    answers: () => ({ body: '<!doctype html><title>Sign in</title>' }),
    ends: { outcome: 'dry_run', requests: 6, replaced: 'failed' },
  },
  {
    name: 'a bad key',
    through: interfaces,
    story: 'Answers 401 and repeats the key; it is replaced at once, and the key stands nowhere.',
    answers: turns({
      status: 401,
      error: { type: 'authentication_error', message: `Incorrect API key provided: ${key}` },
    }),
    ends: { outcome: 'dry_run', requests: 1, replaced: 'failed' },
    check: ({ steps }) => {
      const replaced = steps.find(({ name }) => name === 'reasoner_replaced');
      expect(replaced?.payload).toMatchObject({ code: 'ReasonerRejected' });
      expect(replaced?.message).toContain('[redacted]');
    },
  },
];
