import { parseArgs } from 'node:util';
import { runDemo } from './run-demo.ts';

const { values } = parseArgs({
  options: { once: { type: 'boolean', default: false }, approve: { type: 'boolean', default: false } },
});
process.exit(await runDemo({ once: values.once, approve: values.approve, say: console.log }));
