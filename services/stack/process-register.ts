import { z } from 'zod';
import { isAlive, type ProcessIdentity, processIdentity } from './process-identity.ts';
import { readJson } from './read-json.ts';
import { writeJson } from './state-folder.ts';
import { stopGroup } from './stop-process.ts';

const register = z.array(processIdentity);

/** The children of a supervisor, on disk: what a later one stops where the first was killed with its watchdog. */
export class ProcessRegister {
  readonly #file: string;
  #processes: readonly ProcessIdentity[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  track(verb: 'began' | 'ended', process: ProcessIdentity): void {
    const others = this.#processes.filter(({ pid }) => pid !== process.pid);
    this.#processes = verb === 'began' ? [...others, process] : others;
    writeJson(this.#file, this.#processes);
  }

  /** Stops what an earlier supervisor left running. @returns how many processes that were */
  async stopLeftovers(): Promise<number> {
    const left = (readJson(this.#file, register) ?? []).filter(isAlive);
    await Promise.all(left.map((process) => stopGroup(process, 'SIGTERM', 5000)));
    return left.length;
  }
}
