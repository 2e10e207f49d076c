import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
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
    const beats: unknown[] = [];
    const watch = {
      beat: (progress: unknown) => {
        beats.push(progress);
      },
      pause: async () => undefined,
      signal: new AbortController().signal,
      earlier,
    };
    await withRepeatedBeats(async (shown) => {
      for (const progress of show) shown.beat(progress);
      await jest.advanceTimersByTimeAsync(silentSeconds * 1000);
    }, watch);
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
