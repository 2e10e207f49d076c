export { createDatabase, type Database, type Transaction } from './client.ts';
export { Prisma } from './generated/client.ts';
export type * from './generated/models.ts';
