import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { identify, isAlive } from './process-identity.ts';
import { defaultBackoff, restartDelay, type ServiceDefinition, type ServiceEvent } from './service.ts';
import { SupervisedService } from './supervised-service.ts';

let folder: string;
let events: ServiceEvent[];
let service: SupervisedService | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'supervision-'));
  events = [];
});
afterEach(async () => {
  await service?.stop();
  service = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const shell = (script: string): ServiceDefinition => ({
  name: 'stand-in',
  command: { program: '/bin/sh', args: ['-c', script] },
  environment: process.env,
  cwd: folder,
  stopSignal: 'SIGTERM',
  graceMs: 500,
  isReady: async (log) => log.includes('ready'),
  readyWithinMs: 5000,
});

function supervise(definition: ServiceDefinition, stableMs = 30_000): SupervisedService {
  return new SupervisedService(definition, {
    logFile: join(folder, 'stand-in.log'),
    report: (event) => events.push(event),
    track: () => undefined,
    backoff: { firstMs: 20, longestMs: 80, stableMs },
  });
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`still not so; events: ${JSON.stringify(events)}`);
    await sleep(10);
  }
}

describe('a supervised service', () => {
  test('that is killed is reported with the end of its log and started again', async () => {
    service = supervise(shell('echo ready; echo last words; exec sleep 60'));
    await service.start();
    const first = service.pid;
    if (first === undefined) throw new Error('It is ready and has no process.');
    await sleep(50);
    process.kill(first, 'SIGKILL');
    await until(() => events.filter(({ kind }) => kind === 'ready').length === 2);
    expect(events.find(({ kind }) => kind === 'crashed')).toMatchObject({
      how: 'signal SIGKILL',
      tail: ['ready', 'last words'],
      restartInMs: 20,
    });
    expect(service.pid).not.toBe(first);
    expect(events.at(-1)).toMatchObject({ kind: 'ready', restarts: 1 });
  });

  test('that crashes again and again is left alone longer each time', async () => {
    service = supervise(shell('echo ready; sleep 0.1; exit 3'));
    await service.start();
    const delays = () => events.flatMap((event) => (event.kind === 'crashed' ? [event.restartInMs] : []));
    await until(() => delays().length >= 4);
    expect(delays().slice(0, 4)).toEqual([20, 40, 80, 80]);
  });

  test('that was stable starts counting anew', async () => {
    service = supervise(shell('echo ready; sleep 0.2; exit 3'), 50);
    await service.start();
    const delays = () => events.flatMap((event) => (event.kind === 'crashed' ? [event.restartInMs] : []));
    await until(() => delays().length >= 3);
    expect(delays().slice(0, 3)).toEqual([20, 20, 20]);
  });

  test('that never becomes ready is given up with its own words', async () => {
    service = supervise(shell('echo no such file; exit 7'));
    await expect(service.start()).rejects.toThrow(
      /3 times before it was ready \(exit code 7\)[\s\S]*no such file/,
    );
  });

  test('whose program is missing says so', async () => {
    const missing = { ...shell(''), command: { program: join(folder, 'nothing'), args: [] } };
    service = supervise(missing);
    await expect(service.start()).rejects.toThrow(/could not be started/);
  });

  test('that ignores its stop signal is killed with its children', async () => {
    service = supervise(shell("trap '' TERM; sleep 60 & echo child $!; echo ready; wait; sleep 60"));
    await service.start();
    const { pid } = service;
    const identity = pid === undefined ? undefined : identify(pid);
    if (identity === undefined) throw new Error('the stand-in has no start time');
    await service.stop();
    expect(isAlive(identity)).toBe(false);
    expect(events.at(-1)).toEqual({ kind: 'stopped', service: 'stand-in' });
  });
});

test('a delay never exceeds the longest and never shrinks', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (crashes) => {
      const delay = restartDelay(crashes, defaultBackoff);
      expect(delay).toBeLessThanOrEqual(defaultBackoff.longestMs);
      expect(restartDelay(crashes + 1, defaultBackoff)).toBeGreaterThanOrEqual(delay);
    }),
  );
});
