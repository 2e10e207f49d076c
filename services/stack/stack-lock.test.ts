import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { identify } from './process-identity.ts';
import { takeLock } from './stack-lock.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
  file = join(folder, 'stack.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a lock is taken once', () => {
  expect(takeLock(file)).toBeUndefined();
  expect(takeLock(file)).toBe(process.pid);
});

test('the lock of a process that is gone is taken over', () => {
  writeFileSync(file, JSON.stringify({ pid: 2 ** 22 + 1, started: 'long ago' }));
  expect(takeLock(file)).toBeUndefined();
});

test('a pid used again by another process holds nothing', () => {
  writeFileSync(file, JSON.stringify({ pid: process.ppid, started: 'before it began' }));
  expect(takeLock(file)).toBeUndefined();
});

test('a folder that takes no lock is said so, and not tried for ever', () => {
  const disappeared = join(folder, 'stack.lock', 'stack.lock');
  expect(() => takeLock(disappeared)).toThrow();
});

test('a live holder keeps it', () => {
  const holder = spawn('sleep', ['30']);
  try {
    writeFileSync(file, JSON.stringify(identify(holder.pid ?? 0)));
    expect(takeLock(file)).toBe(holder.pid);
  } finally {
    holder.kill();
  }
});
