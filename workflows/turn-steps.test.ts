import { expect, test } from '@jest/globals';
import { noTokens, type TurnBlock, type TurnMark } from '@watchtower/contracts';
import { textSteps } from './turn-steps.ts';

test('texts that follow a summary become steps of its turn, in order', () => {
  const mark: TurnMark = {
    number: 2,
    reasoner: 'anthropic',
    stop: 'calls',
    model_id: 'm',
    request_id: null,
    tokens: noTokens,
    cost: null,
    exchange: null,
  };
  const blocks: TurnBlock[] = [
    { type: 'text', text: 'That was it.' },
    { type: 'call', call: { id: 'turn_2_1', name: 'write_summary', input: {} } },
    { type: 'text', text: 'Goodbye.' },
  ];
  const step = { kind: 'reasoning', name: 'anthropic' };
  expect(textSteps(blocks, mark)).toEqual([
    { ...step, message: 'That was it.', payload: { text: 'That was it.', turn: mark } },
    { ...step, message: 'Goodbye.', payload: { text: 'Goodbye.', turn: mark } },
  ]);
});
