import { WatchtowerError } from '@watchtower/contracts';
import { threadAnswer } from './thread-answer.ts';
import { borrowThread } from './thread-pool.ts';

/**
 * Runs a thread's program on an input of its own: for computations that would keep this thread, and with it everything
 * else the process does, waiting. The input is copied, so it must be plain values and typed arrays. The program is one
 * that calls `answerWith`; its thread is kept for the next input.
 *
 * @param program URL of the program, beside the module that names it and with that module's extension
 * @returns what the program answered; parse it
 * @throws the signal's reason when cancelled, after the thread was stopped in the middle of its work; WatchtowerError
 * where the program threw one
 */
export async function runOnThread(program: URL, input: unknown, signal: AbortSignal): Promise<unknown> {
  signal.throwIfAborted();
  const thread = borrowThread(program);
  const settled = new AbortController();
  let message: unknown;
  try {
    message = await new Promise<unknown>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { signal: settled.signal });
      thread.worker.once('message', resolve);
      thread.worker.once('error', reject);
      thread.worker.once('exit', (code) =>
        reject(new Error(`The thread of ${program.href} ended with code ${code} before it answered.`)),
      );
      thread.worker.postMessage(input);
    });
  } catch (error) {
    await thread.throwAway();
    throw error;
  } finally {
    settled.abort();
  }
  thread.giveBack();
  const answer = threadAnswer.parse(message);
  if (answer.status === 'done') return answer.output;
  throw answer.code === null ? new Error(answer.message) : new WatchtowerError(answer.code, answer.message);
}
