// npm test [-- <jest arguments>]: sets up what is needed, runs every test, and says what was skipped and why.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, SetupError, setup } from './setup.mjs';
import { runProjects } from './testing/run-projects.mjs';

const modules = '--experimental-vm-modules --disable-warning=ExperimentalWarning';
const projects = [
  { name: 'unit', nodeOptions: modules },
  // Global set-up starts the stack from its TypeScript sources.
  { name: 'stack', nodeOptions: `${modules} --conditions=source --import tsx` },
];

try {
  await setup();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  console.log('0 passed, 1 failed, 0 skipped');
  process.exit(error.exitCode);
}

const state = join(root, '.watchtower');
mkdirSync(state, { recursive: true });
const { passed, failed, skipped, reasons } = await runProjects({
  root,
  state,
  projects,
  args: process.argv.slice(2),
  variables: process.env,
  say: console.log,
});
console.log('');
for (const reason of reasons) console.log(reason);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
