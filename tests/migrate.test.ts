import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { applyMigrations, type Migration, readMigrations } from '@watchtower/database/migrate';
import { Client } from 'pg';
import { connectStack, type StackConnection } from './stack-connection.ts';

let stack: StackConnection;
let client: Client;

beforeAll(async () => {
  stack = await connectStack();
  client = new Client({ connectionString: stack.databaseUrl });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await stack.close();
});

const migration = (name: string, sql: string, checksum = name.padEnd(64, '0')): Migration => ({
  name,
  sql,
  checksum,
});

test('the migrations of the package are noted as Prisma notes them, and applied once', async () => {
  const wanted = await readMigrations();
  const { rows } = await client.query(
    'SELECT migration_name, checksum, applied_steps_count FROM "_prisma_migrations" ORDER BY migration_name',
  );
  expect(rows).toEqual(
    wanted.map(({ name, checksum }) => ({ migration_name: name, checksum, applied_steps_count: 1 })),
  );
  expect(await applyMigrations(stack.databaseUrl)).toEqual({ applied: [], present: wanted.length });
});

test('callers at once apply each migration once', async () => {
  const wanted = [migration('1_once', 'CREATE TABLE once (id int)')];
  const outcomes = await Promise.all(
    Array.from({ length: 5 }, () => applyMigrations(stack.databaseUrl, wanted)),
  );
  expect(outcomes.flatMap(({ applied }) => applied)).toEqual(['1_once']);
});

test('a migration that fails leaves nothing behind and can be mended', async () => {
  const broken = migration('2_half', 'CREATE TABLE half (id int); SELECT 1 / 0');
  await expect(applyMigrations(stack.databaseUrl, [broken])).rejects.toThrow(/2_half .* rolled back/);
  const mended = migration('2_half', 'CREATE TABLE half (id int)');
  expect((await applyMigrations(stack.databaseUrl, [mended])).applied).toEqual(['2_half']);
});

test('a file that was changed after it was applied is refused', async () => {
  await applyMigrations(stack.databaseUrl, [migration('3_fixed', 'SELECT 1')]);
  const changed = migration('3_fixed', 'SELECT 2', 'f'.repeat(64));
  await expect(applyMigrations(stack.databaseUrl, [changed])).rejects.toThrow(/3_fixed was changed/);
});
