import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastLines, openLog, readLog } from './log-file.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';
import {
  type Backoff,
  crashesBeforeGivingUp,
  defaultBackoff,
  restartDelay,
  type ServiceDefinition,
  type ServiceEvent,
} from './service.ts';
import { StackError } from './stack-error.ts';
import { signalGroup, stopGroup } from './stop-process.ts';

interface Running {
  readonly child: ChildProcess;
  readonly identity: ProcessIdentity | undefined;
  readonly logOffset: number;
  readonly since: number;
  readonly ended: Promise<string>;
}

export interface SupervisionOptions {
  readonly logFile: string;
  readonly report: (event: ServiceEvent) => void;
  /** Told of every process that began or ended, so that it can be found without this supervisor. */
  readonly track: (verb: 'began' | 'ended', process: ProcessIdentity) => void;
  readonly backoff?: Backoff;
}

/** Keeps one process running: starts it, waits until it is ready, restarts it when it crashed, stops it. */
export class SupervisedService {
  readonly name: string;
  readonly #definition: ServiceDefinition;
  readonly #options: SupervisionOptions;
  readonly #backoff: Backoff;
  readonly #stop = new AbortController();
  #running: Running | undefined;
  #restarts = 0;
  #supervision: Promise<void> | undefined;

  constructor(definition: ServiceDefinition, options: SupervisionOptions) {
    this.name = definition.name;
    this.#definition = definition;
    this.#options = options;
    this.#backoff = options.backoff ?? defaultBackoff;
  }

  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /** Resolves when the service is ready for the first time. @throws StackError when it crashes before, repeatedly */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#supervision = this.#supervise(resolve, reject).catch(reject);
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    const { stopSignal, graceMs } = this.#definition;
    if (this.#running?.identity !== undefined) {
      await stopGroup(this.#running.identity, stopSignal, graceMs);
    }
    await this.#supervision;
  }

  killNow(): void {
    this.#stop.abort();
    if (this.pid !== undefined) signalGroup(this.pid, 'SIGKILL');
  }

  async #supervise(onReady: () => void, onFailure: (error: StackError) => void): Promise<void> {
    const { report, logFile } = this.#options;
    let crashes = 0;
    let everReady = false;
    while (!this.#stop.signal.aborted) {
      const running = this.#launch();
      this.#running = running;
      const readyAt = await this.#untilReady(running);
      if (readyAt !== undefined) {
        everReady = true;
        const seconds = (readyAt - running.since) / 1000;
        report({ kind: 'ready', service: this.name, seconds, restarts: this.#restarts });
        onReady();
      }
      const how = await running.ended;
      this.#forget(running);
      if (this.#stop.signal.aborted) break;
      const stable = readyAt !== undefined && Date.now() - readyAt >= this.#backoff.stableMs;
      crashes = stable ? 1 : crashes + 1;
      const tail = lastLines(readLog(logFile, running.logOffset));
      if (!everReady && crashes >= crashesBeforeGivingUp) {
        onFailure(new StackError(givenUp(this.name, how, tail, logFile)));
        return;
      }
      const restartInMs = restartDelay(crashes, this.#backoff);
      report({ kind: 'crashed', service: this.name, how, tail, log: logFile, restartInMs });
      await sleep(restartInMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      this.#restarts += 1;
    }
    onFailure(new StackError(`${this.name} was stopped before it was ready.`));
    report({ kind: 'stopped', service: this.name });
  }

  #launch(): Running {
    const { command, environment, cwd, account } = this.#definition;
    const log = openLog(this.#options.logFile);
    const child = spawn(command.program, command.args, {
      cwd,
      env: { ...environment },
      // A session of its own: a Ctrl-C at the terminal reaches the supervisor alone, which stops all in order.
      detached: true,
      stdio: ['ignore', log.descriptor, log.descriptor],
      ...account,
    });
    closeSync(log.descriptor);
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) =>
        resolve(signal === null ? `exit code ${code}` : `signal ${signal}`),
      );
    });
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (identity !== undefined) this.#options.track('began', identity);
    return { child, identity, logOffset: log.offset, since: Date.now(), ended };
  }

  /** When it was ready; undefined where it ended first, or took so long that it was killed. */
  async #untilReady(running: Running): Promise<number | undefined> {
    const { isReady, readyWithinMs } = this.#definition;
    let ended = false;
    const end = running.ended.then(() => {
      ended = true;
    });
    while (!ended) {
      const log = readLog(this.#options.logFile, running.logOffset);
      if (await isReady(log).catch(() => false)) return Date.now();
      if (Date.now() - running.since > readyWithinMs && running.child.pid !== undefined) {
        this.#options.report({
          kind: 'note',
          text: `${this.name} was not ready within ${readyWithinMs / 1000} s`,
        });
        signalGroup(running.child.pid, 'SIGKILL');
        await end;
      }
      await Promise.race([end, sleep(50)]);
    }
    return undefined;
  }

  /** Whoever its process left behind in its group would hold its port. */
  #forget(running: Running): void {
    this.#running = undefined;
    if (running.identity === undefined) return;
    signalGroup(running.identity.pid, 'SIGKILL');
    this.#options.track('ended', running.identity);
  }
}

const givenUp = (name: string, how: string, tail: readonly string[], log: string): string =>
  [
    `${name} ended ${crashesBeforeGivingUp} times before it was ready (${how}).`,
    ...tail,
    `Its log: ${log}`,
  ].join('\n');
