import { createServer, type Server } from 'node:http';
import type { Environment } from '@watchtower/contracts';
import { type Logger, pino } from 'pino';
import { createApp } from './app.ts';
import { closeContext, createContext, type GatewayContext } from './context.ts';
import { checkHealth } from './health.ts';

/** How long open requests may take to end once the process was told to. */
const graceMilliseconds = 5_000;

/**
 * Listens whatever is down: `/health` says so, and what was down is connected to when it comes up. Ends on
 * SIGTERM and SIGINT: streams are closed (their clients resume), open requests are answered.
 */
export async function serveGateway(environment: Environment): Promise<void> {
  const log = pino({ name: 'gateway', level: environment.LOG_LEVEL });
  const closing = new AbortController();
  const context = createContext(environment, log, closing.signal);
  const server = createServer(createApp(context));
  // Loads what the first query needs, so that the first `/health` is as fast as the others.
  await checkHealth(context);
  await listen(server, environment);
  log.info({ address: environment.GATEWAY_HOST, port: environment.GATEWAY_PORT }, 'gateway ready');
  void storeKeyWhenPossible(context);

  const signal = await stopSignal();
  log.info({ signal }, 'gateway stopping');
  closing.abort();
  await closed(server);
  await closeContext(context);
  log.info('gateway stopped');
}

function listen(server: Server, { GATEWAY_HOST, GATEWAY_PORT }: Environment): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(GATEWAY_PORT, GATEWAY_HOST, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** The first request would do it as well; doing it now makes the key valid before anybody asks. */
async function storeKeyWhenPossible({ keys, log, closing }: GatewayContext): Promise<void> {
  while (!closing.aborted) {
    try {
      await keys.prepare();
      return;
    } catch (error) {
      logWaiting(log, error);
      await new Promise((resolve) => setTimeout(resolve, 1_000).unref());
    }
  }
}

function logWaiting(log: Logger, error: unknown): void {
  log.debug({ err: error }, 'waiting for Postgres');
}

function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), graceMilliseconds);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
