import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { WatchtowerError } from '@watchtower/contracts';
import { z } from 'zod';
import { endpoints } from './endpoints.ts';

/** Where the gateway is, and the key it is asked with. */
export interface GatewayAddress {
  /** Without a slash at its end. */
  readonly url: string;
  readonly key: string | undefined;
  /** The variable or the file that told the one and the other, for messages. */
  readonly urlFrom?: string;
  readonly keyFrom?: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** What a client needs to know of a stack. */
const reached = endpoints.pick({ gateway: true, api_key: true });

/**
 * The address from WATCHTOWER_URL and WATCHTOWER_API_KEY; what they leave out from `endpoints.json` of WATCHTOWER_HOME,
 * or of the nearest `.watchtower` above the folder, or of this repository. The key of that file goes to the gateway of
 * that file only.
 *
 * @throws WatchtowerError `InvalidRequest` for a WATCHTOWER_URL that is none, `GatewayUnavailable` where nothing tells
 *   an address
 */
export function findGateway(variables: Variables, folder: string): GatewayAddress {
  const named = namedUrl(variables);
  const key = variables.WATCHTOWER_API_KEY || undefined;
  const given = key === undefined ? undefined : { key, keyFrom: 'WATCHTOWER_API_KEY' };
  if (named !== undefined && given !== undefined) return { ...named, ...given };
  const file = endpointsOf(variables, folder);
  const local = localGateway(file);
  if (named !== undefined) return { ...(named.url === local?.url ? local : { key: undefined }), ...named };
  if (local !== undefined) return { ...local, ...given };
  throw new WatchtowerError(
    'GatewayUnavailable',
    `No stack is up here (there is no ${file}): start one with "watchtower up", ` +
      'or set WATCHTOWER_URL and WATCHTOWER_API_KEY to reach another.',
  );
}

function namedUrl({
  WATCHTOWER_URL,
}: Variables): { readonly url: string; readonly urlFrom: string } | undefined {
  const url = WATCHTOWER_URL?.replace(/\/+$/, '') || undefined;
  if (url === undefined) return undefined;
  if (!z.url({ protocol: /^https?$/ }).safeParse(url).success) {
    // What may hold a password is not repeated.
    const was = url.includes('@') ? '(not shown)' : `"${url}"`;
    throw new WatchtowerError(
      'InvalidRequest',
      `WATCHTOWER_URL was ${was}; it is the gateway's http:// or https:// address.`,
    );
  }
  if (/\/\/[^/?#]*@/.test(url)) {
    throw new WatchtowerError(
      'InvalidRequest',
      'WATCHTOWER_URL holds a user name; take it out: the gateway knows callers by WATCHTOWER_API_KEY alone.',
    );
  }
  return { url, urlFrom: 'WATCHTOWER_URL' };
}

function localGateway(file: string): GatewayAddress | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const { gateway, api_key } = reached.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { url: gateway.replace(/\/+$/, ''), urlFrom: file, key: api_key, keyFrom: file };
  } catch (error) {
    throw new WatchtowerError(
      'GatewayUnavailable',
      `${file} does not tell where the stack is; stop the stack and start it again, which writes it anew.`,
      { cause: error },
    );
  }
}

/**
 * As the stack has it: a relative WATCHTOWER_HOME counts from the repository, wherever the command is given. Without one,
 * another checkout's stack is taken where the folder is inside of that.
 */
function endpointsOf({ WATCHTOWER_HOME }: Variables, folder: string): string {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const repository = nearestAbove(here, 'pnpm-workspace.yaml') ?? folder;
  if (WATCHTOWER_HOME) return path.resolve(repository, WATCHTOWER_HOME, 'endpoints.json');
  const file = path.join('.watchtower', 'endpoints.json');
  return path.join(nearestAbove(folder, file) ?? repository, file);
}

/** The nearest folder, this one or one above, that holds the file. */
function nearestAbove(folder: string, file: string): string | undefined {
  if (existsSync(path.join(folder, file))) return folder;
  const parent = path.dirname(folder);
  return parent === folder ? undefined : nearestAbove(parent, file);
}
