import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** `request`: it does not arrive. `answer`: it arrives and is carried out, and nobody hears of it. */
export type Held = 'request' | 'answer';

/** The way to an HTTP server: it remembers what went through, and keeps single requests waiting for ever. */
export interface HttpGate {
  readonly url: string;
  /** Method and path of every request, in their order. */
  readonly requests: readonly string[];
  /** @param fateOf asked with each request's method and path, and its body, from now on */
  readonly hold: (fateOf: (line: string, body: string) => Held | null) => void;
  readonly close: () => Promise<void>;
}

/** @param target URL of the server behind it */
export async function openGate(target: string): Promise<HttpGate> {
  const requests: string[] = [];
  let fateOf: (line: string, body: string) => Held | null = () => null;
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const line = `${request.method} ${request.url}`;
    requests.push(line);
    const body = await buffer(request);
    const held = fateOf(line, body.toString('utf8'));
    if (held === 'request') return;
    const { host: _ofGate, connection: _ofHop, ...headers } = request.headers;
    const answer = await fetch(`${target}${request.url}`, {
      method: request.method ?? 'GET',
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      ...(body.length > 0 && { body }),
    });
    const content = Buffer.from(await answer.arrayBuffer());
    if (held === 'answer') return;
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(content);
  };
  const server = createServer((request, response) => {
    pass(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The gate has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    hold: (fate) => {
      fateOf = fate;
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
