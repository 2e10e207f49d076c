import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { z } from 'zod';
import { readJson } from './read-json.ts';
import { StackError } from './stack-error.ts';
import { writeJson } from './state-folder.ts';

const port = z.int().min(1).max(65_535);
export const ports = z.object({
  postgres: port,
  temporal: port,
  temporal_ui: port,
  mlflow: port,
  gateway: port,
});
export type Ports = z.infer<typeof ports>;

const variableOf = {
  postgres: 'WATCHTOWER_POSTGRES_PORT',
  temporal: 'WATCHTOWER_TEMPORAL_PORT',
  temporal_ui: 'WATCHTOWER_TEMPORAL_UI_PORT',
  mlflow: 'WATCHTOWER_MLFLOW_PORT',
  gateway: 'WATCHTOWER_GATEWAY_PORT',
} as const satisfies Record<keyof Ports, string>;
const services = ['postgres', 'temporal', 'temporal_ui', 'mlflow', 'gateway'] as const;

/**
 * A port for each service: the one a variable fixes, else the one kept from the first start, else a free one. A kept
 * port that somebody else took meanwhile is replaced and said in `moved`; a fixed one is an error.
 *
 * @throws StackError for a variable that is no port, or whose port is taken
 */
export async function choosePorts(
  file: string,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly ports: Ports; readonly moved: readonly string[] }> {
  const kept = readJson(file, ports);
  const taken = new Set<number>();
  const moved: string[] = [];
  const chosen: Record<string, number> = {};
  for (const service of services) {
    const fixed = fixedPort(variableOf[service], variables);
    const number = fixed ?? (await keptPort(kept?.[service], taken)) ?? (await freePort(taken));
    if (fixed !== undefined && (taken.has(fixed) || !(await isFree(fixed)))) {
      throw new StackError(
        `Port ${fixed}, fixed by ${variableOf[service]}, is taken: stop what listens there, or choose another.`,
      );
    }
    if (kept !== undefined && fixed === undefined && kept[service] !== number) {
      moved.push(`port ${kept[service]} is taken by another program: ${service} moves to ${number}`);
    }
    taken.add(number);
    chosen[service] = number;
  }
  const result = ports.parse(chosen);
  writeJson(file, result);
  return { ports: result, moved };
}

function fixedPort(
  variable: string,
  variables: Readonly<Record<string, string | undefined>>,
): number | undefined {
  const text = variables[variable];
  if (text === undefined || text === '') return undefined;
  const parsed = z.coerce.number().pipe(port).safeParse(text);
  if (parsed.success) return parsed.data;
  throw new StackError(`${variable} was ${JSON.stringify(text)}: a port from 1 to 65535 is needed.`);
}

async function keptPort(number: number | undefined, taken: ReadonlySet<number>): Promise<number | undefined> {
  if (number === undefined || taken.has(number)) return undefined;
  return (await isFree(number)) ? number : undefined;
}

/** Below the ranges from which Linux and macOS take the local ports of outgoing connections. */
export async function freePort(taken: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const number = randomInt(20_000, 32_000);
    if (!taken.has(number) && (await isFree(number))) return number;
  }
}

function isFree(number: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port: number, exclusive: true }, () => {
      server.close(() => resolve(true));
    });
  });
}
