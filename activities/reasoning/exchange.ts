import type { Digest, Environment } from '@watchtower/contracts';
import { sha256 } from '@watchtower/contracts/digest';
import type { ArtifactStore } from '../audit/artifact-store.ts';
import type { SpokenTurn } from './reasoner.ts';

/**
 * Digest of what went over the wire in a turn, without headers; null where nothing did. It is kept as an
 * artifact of that name unless prompts are not stored: then the digest alone tells later whether an
 * exchange was this one.
 */
export async function keepExchange(
  exchange: SpokenTurn['exchange'],
  artifacts: Pick<ArtifactStore, 'put'>,
  { WATCHTOWER_STORE_PROMPTS }: Pick<Environment, 'WATCHTOWER_STORE_PROMPTS'>,
): Promise<Digest | null> {
  if (exchange === null) return null;
  const content = JSON.stringify(exchange);
  return WATCHTOWER_STORE_PROMPTS ? artifacts.put(content) : sha256(content);
}
