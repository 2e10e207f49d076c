import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { Digest } from './identifiers.ts';

/** SHA-256 of bytes or text. Not in the index: workflows have no `node:crypto`. */
export function sha256(content: string | Uint8Array): Digest {
  return createHash('sha256').update(content).digest('hex') as Digest;
}

/** SHA-256 of the canonical JSON (RFC 8785) of a value. */
export const digestOf = (value: unknown): Digest => sha256(canonicalJson(value));
