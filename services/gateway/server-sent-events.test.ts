import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { frame, type ServerSentEvent, writeEvents } from './server-sent-events.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A real server that writes these events. */
async function serve(
  events: (signal: AbortSignal) => AsyncIterable<ServerSentEvent>,
  closing = new AbortController().signal,
): Promise<IncomingMessage> {
  const server = createServer((_request, response) => void writeEvents(response, closing, events));
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const [answer] = await once(get(`http://127.0.0.1:${port}/`), 'response');
  return answer;
}

describe('server-sent events', () => {
  test('are framed with id, name and one line of data', () => {
    expect(frame({ event: 'step', id: 3, data: { text: 'a\nb' } })).toBe(
      'id: 3\nevent: step\ndata: {"text":"a\\nb"}\n\n',
    );
  });

  test('arrive in order, and the answer ends with the last', async () => {
    const answer = await serve(async function* () {
      for (let id = 1; id <= 3; id += 1) yield { event: 'step', id, data: id };
    });
    expect(answer.headers['content-type']).toMatch(/^text\/event-stream/);
    let text = '';
    for await (const chunk of answer) text += String(chunk);
    expect([...text.matchAll(/^id: (\d)$/gm)].map(([, id]) => id)).toEqual(['1', '2', '3']);
  });

  test('are read no faster than the client takes them', async () => {
    let written = 0;
    const answer = await serve(async function* (signal) {
      while (!signal.aborted) {
        written += 1;
        yield { event: 'step', id: written, data: 'x'.repeat(64 * 1024) };
      }
    });
    answer.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const before = written;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(written).toBe(before);
    answer.destroy();
  });

  test('stop being made when the client leaves', async () => {
    let ended = false;
    const answer = await serve(async function* (signal) {
      yield { event: 'step', id: 1, data: 1 };
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      ended = true;
    });
    await once(answer, 'data');
    answer.destroy();
    for (let tries = 0; tries < 100 && !ended; tries += 1) await new Promise((r) => setTimeout(r, 10));
    expect(ended).toBe(true);
  });

  test('end when the gateway does', async () => {
    const closing = new AbortController();
    const answer = await serve(async function* (signal) {
      yield { event: 'step', id: 1, data: 1 };
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    }, closing.signal);
    await once(answer, 'data');
    closing.abort();
    await once(answer.resume(), 'end');
  });
});
