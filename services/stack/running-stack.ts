import { type Endpoints, endpoints } from '@watchtower/client/endpoints';
import { isAlive, processIdentity } from './process-identity.ts';
import { readJson } from './read-json.ts';
import type { StateFolder } from './state-folder.ts';

/** The stack that is up, or undefined: a file left by a supervisor that was killed does not count. */
export function runningStack(state: StateFolder): Endpoints | undefined {
  const holder = readJson(state.lock, processIdentity);
  const found = readJson(state.endpoints, endpoints);
  if (holder === undefined || found?.pid !== holder.pid) return undefined;
  return isAlive(holder) ? found : undefined;
}
