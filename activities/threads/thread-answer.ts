import { parentPort } from 'node:worker_threads';
import { failureCode, WatchtowerError } from '@watchtower/contracts';
import { z } from 'zod';

/** What a thread says to each input. */
export const threadAnswer = z.discriminatedUnion('status', [
  z.object({ status: z.literal('done'), output: z.unknown() }),
  /** The code where it was a failure of the catalogue: an error's class does not pass between threads. */
  z.object({ status: z.literal('failed'), code: failureCode.nullable(), message: z.string() }),
]);
type ThreadAnswer = z.infer<typeof threadAnswer>;

/** A thread's whole life: its work on every input it is sent, one after the other, and the answer. */
export function answerWith<Input>(work: (input: Input) => unknown): void {
  const port = parentPort;
  if (port === null) throw new Error('This program runs on a thread of another.');
  const answer = async (input: Input) => port.postMessage(await answerOf(() => work(input)));
  port.on('message', (input: Input) => void answer(input));
}

async function answerOf(work: () => unknown): Promise<ThreadAnswer> {
  try {
    return { status: 'done', output: await work() };
  } catch (error) {
    const code = error instanceof WatchtowerError ? error.code : null;
    return { status: 'failed', code, message: error instanceof Error ? error.message : String(error) };
  }
}
