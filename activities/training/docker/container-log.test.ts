import { expect, test } from '@jest/globals';
import { followContainerLog, mostMessagesALook, payloads, wholeLog } from './container-log.ts';
import type { Engine } from './engine.ts';

interface Line {
  readonly second: number;
  readonly text: string;
}

/** The engine's part: what was written so far, framed as it frames it, from what it is asked for. */
function engineWith(lines: readonly Line[]) {
  const given: number[] = [];
  const logs: Engine['logs'] = async (_, asked) => {
    const { timestamps = false, tail = lines.length, since = '0' } = { ...asked };
    const found = lines.slice(-tail).filter(({ second }) => second >= Number(since));
    given.push(found.length);
    return Buffer.concat(found.map(({ second, text }) => frame(timestamps ? `${at(second)} ${text}` : text)));
  };
  return { logs, given };
}

const at = (second: number): string =>
  `${new Date(Math.floor(second) * 1000).toISOString().slice(0, 19)}.${String(second % 1)
    .slice(2)
    .padEnd(9, '0')}Z`;

function frame(text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = 1;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

test('what was added since the last look is counted once, and its last line shown', async () => {
  const lines: Line[] = [];
  const { logs, given } = engineWith(lines);
  const log = followContainerLog({ logs });
  expect(await log.read('train')).toEqual({ lines: 0, last_line: '', changed_at: 0 });
  lines.push({ second: 10, text: 'epoch 1\n' }, { second: 10.25, text: 'epoch 2\n' });
  expect(await log.read('train')).toEqual({ lines: 2, last_line: 'epoch 2', changed_at: 10_250 });
  lines.push({ second: 11, text: 'epoch 3\n' }, { second: 11, text: '\n' });
  expect(await log.read('train')).toEqual({ lines: 4, last_line: 'epoch 3', changed_at: 11_000 });
  const before = given.length;
  expect(await log.read('train')).toMatchObject({ lines: 4 });
  // Nothing new is seen by one line.
  expect(given.slice(before)).toEqual([1]);
});

test('of a flood no more is read in a look than is bounded', async () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => ({ second: 1 + index / 1_000, text: 'x\n' }));
  const { logs, given } = engineWith(lines);
  const log = followContainerLog({ logs });
  await log.read('train');
  lines.push(
    ...Array.from({ length: 20_000 }, (_, index) => ({ second: 30 + index / 1_000, text: `y ${index}\n` })),
  );
  expect(await log.read('train')).toMatchObject({ lines: 2 * mostMessagesALook, last_line: 'y 19999' });
  expect(Math.max(...given)).toBe(mostMessagesALook);
});

test('a line that is longer than heartbeats may be is cut', async () => {
  const { logs } = engineWith([{ second: 1, text: 'z'.repeat(16_384) }]);
  expect((await followContainerLog({ logs }).read('train')).last_line).toHaveLength(500);
});

test('the log of the next phase begins anew', async () => {
  const { logs } = engineWith([{ second: 5, text: 'installed\n' }]);
  const log = followContainerLog({ logs });
  await log.read('install');
  expect(await log.read('train')).toMatchObject({ lines: 2 });
});

test('of a log that outgrew what the engine keeps, it is said that its beginning is missing', async () => {
  const long = engineWith(Array.from({ length: 1_000 }, () => ({ second: 1, text: 'x'.repeat(16_384) })));
  expect((await wholeLog(long, 'train')).toString('utf8', 0, 80)).toMatch(
    /^\[watchtower: of a longer log the last \d{8} bytes were kept\]\n/,
  );
  const short = engineWith([{ second: 1, text: 'all of it\n' }]);
  expect((await wholeLog(short, 'train')).toString('utf8')).toBe('all of it\n');
});

test('a frame that was cut off ends the reading', () => {
  const whole = Buffer.concat([frame('one'), frame('two')]);
  expect(payloads(whole.subarray(0, whole.length - 1)).map(String)).toEqual(['one', 'tw']);
  expect(payloads(whole.subarray(0, 15)).map(String)).toEqual(['one']);
});
