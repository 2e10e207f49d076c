import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that can be closed: whoever goes through it sees the server go down and come back. */
export interface TcpProxy {
  readonly port: number;
  /** Nobody listens any more, and every connection breaks. */
  readonly takeDown: () => Promise<void>;
  readonly bringBack: () => Promise<void>;
  /**
   * Breaks the connection of single requests from now on.
   *
   * @param fateOf asked with what was sent on a connection since its last answer, as far as it has come
   */
  readonly lose: (fateOf: (request: string) => Loss | null) => void;
}

/** `request`: it does not arrive. `answer`: it arrives and is carried out, and nobody hears of it. */
export type Loss = 'request' | 'answer';

/** @param target `host:port` of the server behind it */
export async function openProxy(target: string): Promise<TcpProxy> {
  const { hostname, port: behind } = new URL(`tcp://${target}`);
  const sockets = new Set<Socket>();
  let fateOf: (request: string) => Loss | null = () => null;
  const server = createServer((client) => {
    const upstream = connect(Number(behind), hostname);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('end', () => other.end());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    let request = '';
    let loss: Loss | null = null;
    client.on('data', (chunk) => {
      request += chunk.toString('latin1');
      loss ??= fateOf(request);
      if (loss === 'request') client.destroy();
      else upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      request = '';
      if (loss === 'answer') client.destroy();
      else client.write(chunk);
    });
  });
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
    return address.port;
  };
  const port = await listen(0);
  return {
    port,
    takeDown: async () => {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    bringBack: async () => {
      if (!server.listening) await listen(port);
    },
    lose: (fate) => {
      fateOf = fate;
    },
  };
}
