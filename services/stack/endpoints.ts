import { z } from 'zod';
import { isAlive, processIdentity } from './process-identity.ts';
import { readJson } from './read-json.ts';
import type { StateFolder } from './state-folder.ts';

/** `.watchtower/endpoints.json`: where the running stack is reached. */
export const endpoints = z.object({
  gateway: z.string(),
  /** host:port */
  temporal: z.string(),
  temporal_ui: z.string(),
  mlflow: z.string(),
  database_url: z.string(),
  api_key: z.string(),
  /** Of the supervisor. */
  pid: z.int(),
});
export type Endpoints = z.infer<typeof endpoints>;

/** Of the stack that is up, or undefined: a file left by a supervisor that was killed does not count. */
export function runningStack(state: StateFolder): Endpoints | undefined {
  const holder = readJson(state.lock, processIdentity);
  const found = readJson(state.endpoints, endpoints);
  if (holder === undefined || found?.pid !== holder.pid) return undefined;
  return isAlive(holder) ? found : undefined;
}
