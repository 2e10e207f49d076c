import { createHash, timingSafeEqual } from 'node:crypto';
import { type Scope, scope } from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import { v7 as uuidv7 } from 'uuid';

/** Who sends a request: a key's id and name, and what it allows. */
export interface Caller {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
}

export interface ApiKeys {
  /** The caller with this key, or null where there is none. */
  find(key: string): Promise<Caller | null>;
  /** Stores the key of the environment, once. */
  prepare(): Promise<void>;
}

/** Name of the rows that hold `API_KEY`, now and before; no other key may bear it, or it would be revoked with them. */
const environmentKeyName = 'environment';

/**
 * Keys as rows of `api_keys`: only their SHA-256 is kept. The environment's key is stored before the first look-up that
 * reaches Postgres; when it changed or is gone, the earlier one stops working.
 */
export function storedApiKeys(database: Database, environmentKey: string | undefined): ApiKeys {
  let prepared: Promise<void> | undefined;

  const prepare = (): Promise<void> => {
    prepared ??= storeEnvironmentKey(database, environmentKey).catch((error: unknown) => {
      prepared = undefined;
      throw error;
    });
    return prepared;
  };

  return {
    prepare,
    async find(key) {
      await prepare();
      const hash = createHash('sha256').update(key).digest('hex');
      const row = await database.apiKey.findUnique({ where: { hash } });
      // The index was searched by a hash that the sender cannot steer; the comparison leaks nothing either.
      if (row === null || row.revoked_at !== null || !sameHash(row.hash, hash)) return null;
      return { id: row.id, name: row.name, scopes: scope.array().parse(row.scopes) };
    },
  };
}

function sameHash(stored: string, presented: string): boolean {
  const [left, right] = [Buffer.from(stored, 'hex'), Buffer.from(presented, 'hex')];
  return left.length === right.length && timingSafeEqual(left, right);
}

async function storeEnvironmentKey(database: Database, key: string | undefined): Promise<void> {
  const revokeEarlier = (where: { hash?: { not: string } }) =>
    database.apiKey.updateMany({
      where: { name: environmentKeyName, revoked_at: null, ...where },
      data: { revoked_at: new Date() },
    });
  if (key === undefined) {
    await revokeEarlier({});
    return;
  }
  const hash = createHash('sha256').update(key).digest('hex');
  const scopes = [...scope.options];
  await database.$transaction([
    revokeEarlier({ hash: { not: hash } }),
    database.apiKey.upsert({
      where: { hash },
      create: { id: uuidv7(), name: environmentKeyName, hash, scopes },
      update: { scopes, revoked_at: null },
    }),
  ]);
}
