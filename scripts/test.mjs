// npm test [-- <jest arguments>]: sets up what is needed, runs every test, and says what was skipped and why.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root, SetupError, setup } from './setup.mjs';

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

mkdirSync(join(root, '.watchtower'), { recursive: true });
const folder = mkdtempSync(join(root, '.watchtower', 'results-'));
const skippedFile = join(folder, 'skipped.txt');
const totals = { passed: 0, failed: 0, skipped: 0 };
for (const project of projects) {
  console.log(`\n── ${project.name} ──`);
  const results = join(folder, `${project.name}.json`);
  const code = await runJest(project, results);
  const counts = countsOf(results, code);
  totals.passed += counts.passed;
  totals.failed += counts.failed;
  totals.skipped += counts.skipped;
}
const skipped = existsSync(skippedFile) ? readFileSync(skippedFile, 'utf8').trimEnd().split('\n') : [];
rmSync(folder, { recursive: true, force: true });
console.log('');
for (const line of new Set(skipped)) console.log(line);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 && totals.passed > 0 ? 0 : 1);

function runJest({ name, nodeOptions }, results) {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = ['--selectProjects', name, '--json', '--outputFile', results, '--passWithNoTests'];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [jest, ...args, ...process.argv.slice(2)], {
      cwd: root,
      env: { ...process.env, NODE_OPTIONS: nodeOptions, WATCHTOWER_SKIPPED: skippedFile },
      // With --json Jest writes the results to standard output as well; what people read goes to standard error.
      stdio: ['inherit', 'ignore', 'inherit'],
    });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** A suite that could not be run counts as one failure, and so does a Jest that left no results. */
function countsOf(results, code) {
  if (!existsSync(results)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(results, 'utf8'));
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
