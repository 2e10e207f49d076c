import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { WatchtowerError } from '@watchtower/contracts';
import { Client } from 'pg';

/**
 * Applies `migrations/<name>/migration.sql` as `prisma migrate deploy` would, without the schema engine that Prisma
 * downloads at run time: the same advisory lock, the same table and the same checksums, so that either may follow the
 * other. Unlike Prisma each file runs in one transaction with its row, so a migration is never half applied; what
 * cannot run in a transaction (`CREATE INDEX CONCURRENTLY`) has no place in these files.
 */

export interface Migration {
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the file's bytes, as Prisma writes it. */
  readonly checksum: string;
}

export interface MigrationOutcome {
  /** Names applied by this call, in order. */
  readonly applied: readonly string[];
  /** How many were there already. */
  readonly present: number;
}

/** The lock of Prisma's own `migrate` on PostgreSQL. */
const prismaLock = 72_707_369;

// From this file's folder in the sources, and from `dist`, whose migrations lie one folder up.
const folder = new URL(
  import.meta.url.includes('/dist/') ? '../migrations/' : './migrations/',
  import.meta.url,
);

const createTable = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                  VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum"            VARCHAR(64) NOT NULL,
    "finished_at"         TIMESTAMPTZ,
    "migration_name"      VARCHAR(255) NOT NULL,
    "logs"                TEXT,
    "rolled_back_at"      TIMESTAMPTZ,
    "started_at"          TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
  )`;

/** The migrations in a folder, in the order of their names. */
export async function readMigrations(path: string = fileURLToPath(folder)): Promise<readonly Migration[]> {
  const entries = await readdir(path, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const bytes = await readFile(`${path}/${name}/migration.sql`);
      const checksum = createHash('sha256').update(bytes).digest('hex');
      return { name, sql: bytes.toString('utf8'), checksum };
    }),
  );
}

/**
 * Brings a database up to the given migrations (this package's own by default). Several callers at once wait for each
 * other; a migration the database has and the folder lacks is a newer release's and left alone.
 *
 * @throws WatchtowerError `Internal` where a file fails, was changed after it was applied, or was left unfinished
 */
export async function applyMigrations(
  databaseUrl: string,
  migrations?: readonly Migration[],
): Promise<MigrationOutcome> {
  const wanted = migrations ?? (await readMigrations());
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [prismaLock]);
    await client.query(createTable);
    const known = await readApplied(client);
    const missing = wanted.filter((migration) => !isApplied(migration, known));
    for (const migration of missing) await apply(client, migration);
    return { applied: missing.map(({ name }) => name), present: wanted.length - missing.length };
  } finally {
    // Ends the session, and with it the lock.
    await client.end();
  }
}

interface AppliedRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
}

async function readApplied(client: Client): Promise<ReadonlyMap<string, AppliedRow>> {
  const { rows } = await client.query<AppliedRow>(
    'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
  );
  return new Map(rows.map((row) => [row.migration_name, row]));
}

function isApplied(migration: Migration, known: ReadonlyMap<string, AppliedRow>): boolean {
  const row = known.get(migration.name);
  if (row === undefined) return false;
  if (row.finished_at === null) {
    throw new WatchtowerError(
      'Internal',
      `Migration ${migration.name} was begun and never finished in this database; mend it and mark it with ` +
        '`prisma migrate resolve` before starting again.',
    );
  }
  if (row.checksum === migration.checksum) return true;
  throw new WatchtowerError(
    'Internal',
    `Migration ${migration.name} was changed after this database applied it; restore the file, and put the change ` +
      'into a new migration.',
  );
}

async function apply(client: Client, migration: Migration): Promise<void> {
  const startedAt = new Date();
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO "_prisma_migrations"
         (id, checksum, finished_at, migration_name, started_at, applied_steps_count)
       VALUES ($1, $2, clock_timestamp(), $3, $4, 1)`,
      [randomUUID(), migration.checksum, migration.name, startedAt],
    );
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK');
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WatchtowerError(
      'Internal',
      `Migration ${migration.name} could not be applied and was rolled back: ${why}`,
      { cause },
    );
  }
}
