import { writeFileSync } from 'node:fs';
import { envExample } from '../packages/contracts/env-example.ts';

/** Writes `.env.example`; a test compares it with the schema. */
writeFileSync(new URL('../.env.example', import.meta.url), envExample());
