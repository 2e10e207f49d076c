import { expect, test } from '@jest/globals';
import { borrowThread } from './thread-pool.ts';

const program = new URL('../evaluation/judging-thread.ts', import.meta.url);

test('a thread is nobody else’s until it is given back, and then does the next work', async () => {
  const first = borrowThread(program);
  const second = borrowThread(program);
  expect(second.worker.threadId).not.toBe(first.worker.threadId);
  first.giveBack();
  const third = borrowThread(program);
  expect(third.worker.threadId).toBe(first.worker.threadId);
  await Promise.all([second.throwAway(), third.throwAway()]);
});

test('one that ended while nobody had it is not handed out', async () => {
  const lost = borrowThread(program);
  const { threadId } = lost.worker;
  lost.giveBack();
  await lost.worker.terminate();
  const next = borrowThread(program);
  expect(next.worker.threadId).not.toBe(threadId);
  await next.throwAway();
});
