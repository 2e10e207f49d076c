import { runUp } from './run-up.ts';

process.exit(await runUp());
