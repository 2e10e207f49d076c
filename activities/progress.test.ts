import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { withRepeatedBeats } from './progress.ts';

describe('work that shows its progress by itself', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** What arrives as heartbeats while the work does nothing for so many seconds. */
  async function beatsOf(show: readonly unknown[], silentSeconds: number, earlier?: unknown) {
    const environment = new MockActivityEnvironment({ heartbeatDetails: earlier });
    const beats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => beats.push(details));
    await environment.run(() =>
      withRepeatedBeats(async (watch) => {
        for (const progress of show) watch.beat(progress);
        await jest.advanceTimersByTimeAsync(silentSeconds * 1000);
      }),
    );
    await jest.advanceTimersByTimeAsync(60_000);
    return beats;
  }

  it('shows the latest again every five seconds, and no more once it ended', async () => {
    expect(await beatsOf(['one', 'two'], 12)).toEqual(['one', 'two', 'two', 'two']);
  });

  it('shows what the attempt before it showed until it knows more', async () => {
    expect(await beatsOf([], 6, 'of before')).toEqual(['of before']);
  });

  it('counts as hung once it has shown nothing new for ten minutes', async () => {
    expect(await beatsOf(['one'], 3_600)).toHaveLength(1 + 120);
  });
});
