import pg from 'pg';
import type { Logger } from 'pino';

/** Hints that a run has new steps. A hint may be lost: whoever waits for one also looks by itself. */
export interface StepFeed {
  /** @returns what ends the subscription */
  subscribe(runId: string, onHint: () => void): () => void;
  close(): Promise<void>;
}

const stepChannel = 'watchtower_steps';

const retryAfter = { first: 250, longest: 5_000 } as const;

/** One `LISTEN` connection for all streams of the process; it comes back by itself. The payload is a run id. */
export function postgresStepFeed(url: string, log: Logger): StepFeed {
  const listeners = new Map<string, Set<() => void>>();
  let closed = false;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let wait: number = retryAfter.first;

  const hint = (runId: string) => {
    for (const listener of listeners.get(runId) ?? []) listener();
  };

  const reconnect = () => {
    if (closed || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      void listen();
    }, wait);
    timer.unref();
    wait = Math.min(wait * 2, retryAfter.longest);
  };

  const listen = async (): Promise<void> => {
    const connecting = new pg.Client({
      connectionString: url,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    client = connecting;
    connecting.on('notification', ({ payload }) => {
      if (payload !== undefined) hint(payload);
    });
    connecting.on('error', (error) =>
      log.debug({ err: error }, 'the connection that listens for steps broke'),
    );
    connecting.on('end', () => {
      if (client === connecting) reconnect();
    });
    try {
      await connecting.connect();
      await connecting.query(`LISTEN ${stepChannel}`);
      wait = retryAfter.first;
      // What was notified while nobody listened: everybody looks.
      for (const runId of listeners.keys()) hint(runId);
    } catch (error) {
      log.debug({ err: error }, 'cannot listen for steps yet');
      await connecting.end().catch(() => undefined);
      reconnect();
    }
  };

  void listen();

  return {
    subscribe(runId, onHint) {
      const those = listeners.get(runId) ?? new Set();
      listeners.set(runId, those.add(onHint));
      return () => {
        those.delete(onHint);
        if (those.size === 0 && listeners.get(runId) === those) listeners.delete(runId);
      };
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
