import { parseEnvironment } from '@watchtower/contracts';
import { applyMigrations } from './migrate.ts';

/** Applies the migrations to DATABASE_URL: where the embedded stack does not do it. */
const { applied, present } = await applyMigrations(parseEnvironment(process.env).DATABASE_URL);
console.log(`Applied ${applied.length} migrations; ${present} were there already.`);
