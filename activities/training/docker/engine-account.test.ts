import { describe, expect, it } from '@jest/globals';
import { failureIn } from './engine-account.ts';

const lines = (...said: readonly object[]) => said.map((line) => `${JSON.stringify(line)}\r\n`).join('');
const inPieces = (text: string, bytes: number) =>
  (async function* () {
    const whole = Buffer.from(text);
    for (let at = 0; at < whole.length; at += bytes) yield whole.subarray(at, at + bytes);
  })();

describe("an engine's account", () => {
  it('of what went well is none', async () => {
    const told = lines({ stream: 'Step 1/2' }, { status: 'Pulling', progressDetail: {} });
    expect(await failureIn(inPieces(told, 7))).toBeNull();
  });

  it('of what went wrong is its last lines, however it was cut into pieces', async () => {
    const told = lines({ stream: 'kein Übersetzer\n' }, { error: 'returned a non-zero code: 3' });
    for (const bytes of [1, 5, 10_000]) {
      expect(await failureIn(inPieces(told, bytes))).toBe('kein Übersetzer\nreturned a non-zero code: 3');
    }
  });

  it('of a build that floods is as long as any', async () => {
    async function* flood() {
      const part = lines(...Array.from({ length: 100 }, () => ({ stream: 'y\n'.repeat(500) })));
      for (let count = 0; count < 100; count += 1) yield Buffer.from(part);
      yield lines({ error: 'stopped' });
    }
    const before = process.memoryUsage().heapUsed;
    const failure = await failureIn(flood());
    expect(failure).toHaveLength(2_000);
    expect(failure).toMatch(/y\nstopped$/);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 * 1024 ** 2);
  });

  it('that breaks off is no success', async () => {
    async function* broken() {
      yield lines({ stream: 'Step 1/2' });
      throw new Error('aborted');
    }
    await expect(failureIn(broken())).rejects.toThrow('aborted');
  });
});
