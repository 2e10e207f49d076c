import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs Jest once for each project, one after the other, and adds up what came of it. What Jest tells people goes to
 * standard error as it comes, or nowhere (`progress`).
 *
 * @param {{ root: string, state: string, projects: readonly { name: string, nodeOptions: string }[],
 *   args: readonly string[], variables: NodeJS.ProcessEnv, say: (line: string) => void,
 *   progress?: 'inherit' | 'ignore' }} options
 *   `root` holds node_modules, and the configuration unless `args` names another; `state` takes a folder for the time
 * @returns {Promise<{ passed: number, failed: number, skipped: number, reasons: readonly string[] }>} `reasons`: what
 *   the tests said of parts that are missing here (tests/optional-parts.ts)
 */
export async function runProjects({ root, state, projects, args, variables, say, progress = 'inherit' }) {
  const folder = mkdtempSync(join(state, 'results-'));
  const skippedFile = join(folder, 'skipped.txt');
  const totals = { passed: 0, failed: 0, skipped: 0 };
  try {
    for (const { name, nodeOptions } of projects) {
      say(`\n── ${name} ──`);
      const results = join(folder, `${name}.json`);
      const flags = ['--selectProjects', name, '--json', '--outputFile', results, '--passWithNoTests'];
      const env = { ...variables, NODE_OPTIONS: nodeOptions, WATCHTOWER_SKIPPED: skippedFile };
      const code = await runJest(root, [...flags, ...args], env, progress);
      const counts = countsOf(results, code);
      for (const count of Object.keys(totals)) totals[count] += counts[count];
    }
    const reasons = existsSync(skippedFile) ? readFileSync(skippedFile, 'utf8').trimEnd().split('\n') : [];
    return { ...totals, reasons: [...new Set(reasons)] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runJest(root, args, env, progress) {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [jest, ...args], {
      cwd: root,
      env,
      // With --json Jest writes the results to standard output as well.
      stdio: ['inherit', 'ignore', progress],
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
