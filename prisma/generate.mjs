// npm run generate: makes the Prisma client from schema.prisma, without network.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const prisma = createRequire(import.meta.url).resolve('prisma/package.json');
const { status, error } = spawnSync(
  process.execPath,
  [join(dirname(prisma), 'build', 'index.js'), 'generate', ...process.argv.slice(2)],
  {
    cwd: import.meta.dirname,
    stdio: 'inherit',
    env: {
      ...process.env,
      // Generating needs no schema engine, which Prisma would download otherwise: any program that exists will do.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: 'true',
      CHECKPOINT_DISABLE: '1',
    },
  },
);
if (error) console.error(`Prisma could not be started: ${error.message}`);
process.exitCode = status ?? 1;
