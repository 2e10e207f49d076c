import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { limitTime } from './time-limit.ts';

describe('a time limit', () => {
  test('aborts when the time is over', async () => {
    const { signal } = limitTime(50);
    expect(signal.aborted).toBe(false);
    await sleep(100);
    expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
  });

  test('started anew is one on silence', async () => {
    const limit = limitTime(400);
    for (let heard = 0; heard < 5; heard += 1) {
      await sleep(100);
      limit.restart();
    }
    expect(limit.signal.aborted).toBe(false);
    await sleep(600);
    expect(limit.signal.aborted).toBe(true);
  });

  test('aborts with the reason of a cancellation, before it as well', () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const limit = limitTime(10_000, controller.signal);
    controller.abort(reason);
    const late = limitTime(10_000, controller.signal);
    for (const each of [limit, late]) {
      expect(each.signal.reason).toBe(reason);
      each.end();
    }
  });

  test('that has ended aborts nothing', async () => {
    const controller = new AbortController();
    const limit = limitTime(30, controller.signal);
    limit.end();
    await sleep(60);
    controller.abort();
    expect(limit.signal.aborted).toBe(false);
  });
});
