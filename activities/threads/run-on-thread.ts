import { Worker } from 'node:worker_threads';
import { WatchtowerError } from '@watchtower/contracts';
import { threadAnswer } from './thread-answer.ts';

/**
 * Runs a thread's program on an input of its own: for computations that would keep this thread, and with it everything
 * else the process does, waiting. The input is copied, so it must be plain values and typed arrays. The program is one
 * that calls `answerWith`; it runs from TypeScript sources as from what was built of them.
 *
 * @param program URL of the program, beside the module that names it and with that module's extension
 * @returns what the program answered; parse it
 * @throws the signal's reason when cancelled, after the thread was stopped in the middle of its work; WatchtowerError
 * where the program threw one
 */
export async function runOnThread(program: URL, input: unknown, signal: AbortSignal): Promise<unknown> {
  signal.throwIfAborted();
  const thread = startThread({ program: program.href, input });
  const stop = () => void thread.terminate();
  signal.addEventListener('abort', stop, { once: true });
  try {
    const message = await new Promise<unknown>((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
      thread.once('exit', (code) =>
        reject(new Error(`The thread of ${program.href} ended with code ${code} before it answered.`)),
      );
    });
    const answer = threadAnswer.parse(message);
    if (answer.status === 'done') return answer.output;
    throw answer.code === null ? new Error(answer.message) : new WatchtowerError(answer.code, answer.message);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    await thread.terminate();
  }
}

function startThread(workerData: { readonly program: string; readonly input: unknown }): Worker {
  const { program } = workerData;
  if (!program.endsWith('.ts')) return new Worker(new URL(program), { workerData });
  const loader = new URL('./from-source.mjs', import.meta.url);
  return new Worker(loader, { workerData, execArgv: ['--conditions=source'] });
}
