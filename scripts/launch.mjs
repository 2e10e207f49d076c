import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { root, SetupError, setup } from './setup.mjs';

/**
 * Sets up, then runs a TypeScript file of the repository in this terminal and ends as it does.
 *
 * @param {string} file relative to the repository
 */
export async function launch(file) {
  const started = Date.now();
  try {
    await setup();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}`);
    process.exit(1);
  }
  const child = spawn(
    process.execPath,
    ['--conditions=source', '--import', 'tsx', join(root, file), ...process.argv.slice(2)],
    {
      cwd: root,
      env: { ...process.env, WATCHTOWER_SETUP_SECONDS: String((Date.now() - started) / 1000) },
      // The channel tells the child when this process is killed: it stops what it started.
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    },
  );
  // A terminal sends Ctrl-C to the whole foreground group: passing it on would count twice.
  const atTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !atTerminal) child.kill(signal);
    });
  }
  child.once('error', (error) => {
    console.error(`${process.execPath} could not be started: ${error.message}`);
    process.exit(1);
  });
  child.once('exit', (code, signal) => {
    process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0));
  });
}
