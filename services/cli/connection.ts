import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { CommandFailure, exitCodes } from './exit-codes.ts';

/** Where the gateway is, and the key it is asked with. */
export interface GatewayAddress {
  readonly url: string;
  readonly key: string | undefined;
}

/** What the embedded stack writes down while it is up, as far as clients need it. */
const endpointsFile = z.object({ gateway: z.url(), api_key: z.string() });

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The address from WATCHTOWER_URL and WATCHTOWER_API_KEY; what they leave out from `endpoints.json` of WATCHTOWER_HOME,
 * or of the nearest `.watchtower` above the folder. The key of that file goes to the gateway of that file only.
 *
 * @throws CommandFailure `unreachable` where neither tells an address
 */
export function findGateway(variables: Variables, folder: string): GatewayAddress {
  const url = variables.WATCHTOWER_URL?.replace(/\/+$/, '') || undefined;
  const key = variables.WATCHTOWER_API_KEY || undefined;
  if (url !== undefined && !z.url({ protocol: /^https?$/ }).safeParse(url).success) {
    const was = url.includes('@') ? '(not shown)' : `"${url}"`;
    throw new CommandFailure(
      exitCodes.usage,
      `WATCHTOWER_URL was ${was}; it is an http:// or https:// address.`,
    );
  }
  if (url !== undefined && /\/\/[^/?#]*@/.test(url)) {
    throw new CommandFailure(
      exitCodes.usage,
      'WATCHTOWER_URL holds a user name; the gateway knows callers by WATCHTOWER_API_KEY alone.',
    );
  }
  if (url !== undefined && key !== undefined) return { url, key };
  const local = localGateway(variables, folder);
  if (url !== undefined) return { url, key: local?.url === url ? local.key : undefined };
  if (local !== undefined) return { url: local.url, key: key ?? local.key };
  throw new CommandFailure(
    exitCodes.unreachable,
    'No gateway is known: start one with "watchtower up", or set WATCHTOWER_URL and WATCHTOWER_API_KEY.',
  );
}

function localGateway(variables: Variables, folder: string): GatewayAddress | undefined {
  const file = endpointsOf(variables, folder);
  if (file === undefined || !existsSync(file)) return undefined;
  try {
    const { gateway, api_key } = endpointsFile.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { url: gateway.replace(/\/+$/, ''), key: api_key };
  } catch (error) {
    throw new CommandFailure(exitCodes.unreachable, `${file} cannot be read; restart the stack.`, {
      cause: error,
    });
  }
}

/** A relative WATCHTOWER_HOME counts from the repository, as it does for the stack, wherever the command is given. */
function endpointsOf({ WATCHTOWER_HOME }: Variables, folder: string): string | undefined {
  if (!WATCHTOWER_HOME) {
    const home = nearestAbove(folder, path.join('.watchtower', 'endpoints.json'));
    return home && path.join(home, '.watchtower', 'endpoints.json');
  }
  const repository = nearestAbove(path.dirname(fileURLToPath(import.meta.url)), 'pnpm-workspace.yaml');
  return path.resolve(repository ?? folder, WATCHTOWER_HOME, 'endpoints.json');
}

/** The nearest folder, this one or one above, that holds the file. */
function nearestAbove(folder: string, file: string): string | undefined {
  if (existsSync(path.join(folder, file))) return folder;
  const parent = path.dirname(folder);
  return parent === folder ? undefined : nearestAbove(parent, file);
}
