import { type Scope, WatchtowerError } from '@watchtower/contracts';
import type { Request } from 'express';
import type { ApiKeys, Caller } from './api-keys.ts';

/**
 * The caller of a request, known by `X-API-Key` or `Authorization: Bearer`.
 *
 * @throws WatchtowerError `Unauthorized`
 */
export async function authenticate(request: Request, keys: ApiKeys): Promise<Caller> {
  const key = presentedKey(request);
  if (key === undefined) {
    throw new WatchtowerError(
      'Unauthorized',
      'The request carries no API key. Send it in the header X-API-Key, or as "Authorization: Bearer <key>".',
    );
  }
  const caller = await keys.find(key);
  if (caller === null) {
    throw new WatchtowerError(
      'Unauthorized',
      'The API key is not known, or was revoked. The embedded stack writes its key to .watchtower/endpoints.json.',
    );
  }
  return caller;
}

/** @throws WatchtowerError `Forbidden` */
export function requireScope(caller: Caller, scope: Scope): void {
  if (caller.scopes.includes(scope)) return;
  throw new WatchtowerError(
    'Forbidden',
    `The API key "${caller.name}" lacks the scope "${scope}"; it has ${caller.scopes.join(', ') || 'none'}.`,
  );
}

function presentedKey(request: Request): string | undefined {
  const header = request.get('x-api-key');
  if (header !== undefined && header !== '') return header;
  return /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
}
