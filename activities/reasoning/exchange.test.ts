import { describe, expect, test } from '@jest/globals';
import { parseEnvironment, WatchtowerError } from '@watchtower/contracts';
import { sha256 } from '@watchtower/contracts/digest';
import { exampleRequest } from '../../tests/scripted-providers/index.ts';
import type { ActivityContext } from '../context.ts';
import { lastExchange } from './exchange.ts';

const exchange = { request: { model: 'm' }, answer: { content: [] } };
const content = JSON.stringify(exchange);
const turn = { number: 1, reasoner: 'anthropic', exchange: sha256(content) };

function stores(payload: object | null, variables = {}): ActivityContext {
  return {
    environment: parseEnvironment(variables),
    database: { step: { findFirst: async () => payload && { payload } } },
    artifacts: {
      read: async (name: string) => {
        if (name === turn.exchange) return Buffer.from(content);
        throw new WatchtowerError('ArtifactMissing', 'Gone.');
      },
    },
  } as unknown as ActivityContext;
}

describe('the exchange of the turn before', () => {
  test('is read by the digest that its step names', async () => {
    await expect(lastExchange(stores({ text: 'I look.', turn }), exampleRequest())).resolves.toEqual(
      exchange,
    );
  });

  test.each([
    ['there was no turn', stores(null)],
    ['it was another reasoner’s', stores({ turn: { ...turn, reasoner: 'policy' } })],
    ['nothing went over the wire', stores({ turn: { ...turn, exchange: null } })],
    ['it is gone', stores({ turn: { ...turn, exchange: sha256('another') } })],
    ['prompts are not stored', stores({ turn }, { WATCHTOWER_STORE_PROMPTS: 'false' })],
  ])('is none where %s', async (_, context) => {
    await expect(lastExchange(context, exampleRequest())).resolves.toBeNull();
  });
});
