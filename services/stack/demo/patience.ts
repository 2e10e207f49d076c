import { setTimeout as sleep } from 'node:timers/promises';
import { StackError } from '../stack-error.ts';

export interface PatienceOptions {
  /** Who is asked, as the beginning of a sentence: `The gateway at http://…`. */
  readonly subject: string;
  /** How long it may fail without a success between. */
  readonly limitMs: number;
  readonly say: (line: string) => void;
  readonly pauseMs?: number;
}

/** Bounds how often something that should pass is tried again, and says so once for each time it fails. */
export class Patience {
  readonly #options: PatienceOptions;
  #since: number | undefined;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  succeeded(): void {
    if (this.#since !== undefined) this.#options.say(`· ${this.#options.subject} answers again`);
    this.#since = undefined;
  }

  /** Waits before the next attempt. @throws StackError when the limit is over */
  async failed(why: string, signal?: AbortSignal): Promise<void> {
    const { subject, limitMs, say, pauseMs = 500 } = this.#options;
    if (this.#since === undefined) {
      this.#since = Date.now();
      say(`· ${subject} does not answer (${why}): trying again for up to ${limitMs / 1000} s`);
    }
    if (Date.now() - this.#since >= limitMs) {
      throw new StackError(
        `${subject} did not answer for ${limitMs / 1000} s (${why}); its log is in the folder of the stack's logs.`,
      );
    }
    await sleep(pauseMs, undefined, signal === undefined ? {} : { signal });
  }
}
