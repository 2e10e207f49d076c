import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from './generated/client.ts';

export type Database = PrismaClient;
export type Transaction = Prisma.TransactionClient;

/**
 * Connects lazily: the first query opens the pool, so a process may start while Postgres is still down.
 *
 * @param url `postgresql://…`
 */
export function createDatabase(url: string): Database {
  const adapter = new PrismaPg({ connectionString: url, max: 10, connectionTimeoutMillis: 5_000 });
  return new PrismaClient({ adapter });
}
