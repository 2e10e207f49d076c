import type { Environment } from '@watchtower/contracts';
import type { AttemptLedger } from '../attempt-ledger.ts';
import type { AttemptKey, Trainer } from '../trainer.ts';
import { connectEngine, type Engine } from './engine.ts';
import { assertOwnEngine } from './engine-of-attempt.ts';
import { observeAttempt } from './observe-attempt.ts';
import { removeAttempt, removeTraining } from './remove-attempt.ts';
import { startAttempt } from './start-attempt.ts';

/** Trains in containers of a Docker engine; docs/decisions/0005-trainers.md says what holds them in. */
export function createDockerTrainer(environment: Environment, ledger: AttemptLedger): Trainer {
  let connected: Promise<Engine> | undefined;
  const connect = () => {
    connected ??= connectEngine(environment).catch((error: unknown) => {
      connected = undefined;
      throw error;
    });
    return connected;
  };
  const assertOwn = async (
    engine: Engine,
    key: AttemptKey,
    handle: Parameters<typeof assertOwnEngine>[1],
  ) => {
    const { id, name: host } = await engine.identity();
    assertOwnEngine(key, handle, { id, host });
  };
  return {
    start: async (order, signal) =>
      startAttempt({ engine: await connect(), ledger, environment }, order, signal),
    observe: async (key, definition, watch) =>
      observeAttempt({ engine: await connect(), ledger, environment }, key, definition, watch),
    release: async (key) => {
      await removeAttempt(await connect(), key);
    },
    stop: async (training_id) => {
      const engine = await connect();
      const stopped = await removeTraining(engine, training_id);
      for (const { attempt, handle, ended } of await ledger.handles(training_id)) {
        if (!ended) await assertOwn(engine, { training_id, attempt }, handle);
      }
      return stopped;
    },
  };
}
