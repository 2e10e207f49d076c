import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readEvents } from './event-stream.ts';

async function* pieces(bytes: Uint8Array, cuts: readonly number[]) {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  for (const [index, from] of places.slice(0, -1).entries()) yield bytes.slice(from, places[index + 1]);
}

async function eventsOf(text: string, cuts: readonly number[] = []) {
  const found = [];
  for await (const event of readEvents(pieces(new TextEncoder().encode(text), cuts))) found.push(event);
  return found;
}

const stream =
  'retry: 2000\n\nid: 1\nevent: step\ndata: {"ü":"→"}\n\n: still here\n\nid: 2\r\nevent: step\r\ndata: b\r\n\r\n';

describe('a stream of events', () => {
  test('is read with ids, names and comments', async () => {
    expect(await eventsOf(stream)).toEqual([
      { event: 'step', id: '1', data: '{"ü":"→"}' },
      'comment',
      { event: 'step', id: '2', data: 'b' },
    ]);
  });

  test('is the same wherever its bytes are cut', async () => {
    const whole = await eventsOf(stream);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(200), { maxLength: 20 }), async (cuts) => {
        expect(await eventsOf(stream, cuts)).toEqual(whole);
      }),
    );
  });

  test('gives no event that was not finished', async () => {
    expect(await eventsOf('event: step\ndata: {"half":')).toEqual([]);
  });
});
