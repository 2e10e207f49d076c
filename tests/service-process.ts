import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify } from '@watchtower/stack/process-identity';
import type { ServiceDefinition } from '@watchtower/stack/service';
import type { Watchdog } from '@watchtower/stack/watchdog';

/** A worker or gateway started by a test: a process of its own that can be killed, and is not started again. */
export interface ServiceProcess {
  readonly pid: number;
  /** Resolves when the process is gone. */
  readonly kill: (signal: NodeJS.Signals) => Promise<void>;
  /** In order: SIGTERM, and after its grace by force. */
  readonly stop: () => Promise<void>;
  /** All it wrote so far. */
  readonly output: () => string;
}

/** @throws Error with its output where it ends, or takes too long, before it is ready */
export async function startProcess(
  definition: ServiceDefinition,
  watchdog: Watchdog,
): Promise<ServiceProcess> {
  const { command, environment, cwd, name, stopSignal, graceMs } = definition;
  let output = '';
  const child = spawn(command.program, command.args, {
    cwd,
    env: { ...environment },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const { pid } = child;
  if (pid === undefined) throw new Error(`${name} could not be started.`);
  const identity = identify(pid);
  if (identity !== undefined) {
    watchdog.track('began', identity);
    child.once('exit', () => watchdog.track('ended', identity));
  }
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  };
  const stop = async (): Promise<void> => {
    const force = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await kill(stopSignal);
    clearTimeout(force);
  };
  const deadline = Date.now() + definition.readyWithinMs;
  while (!(await definition.isReady(output).catch(() => false))) {
    if (hasEnded(child)) throw new Error(`${name} ended before it was ready:\n${output}`);
    if (Date.now() > deadline) {
      await kill('SIGKILL');
      throw new Error(`${name} was not ready within ${definition.readyWithinMs} ms:\n${output}`);
    }
    await sleep(50);
  }
  return { pid, kill, stop, output: () => output };
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
