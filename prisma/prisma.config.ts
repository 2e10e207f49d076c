import { defineConfig } from 'prisma/config';

export default defineConfig({
  schema: './schema.prisma',
  migrations: { path: './migrations' },
  // `generate` needs no database; only commands that connect read the URL.
  datasource: { url: process.env.DATABASE_URL ?? '' },
});
