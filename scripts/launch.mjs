import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, SetupError, setup } from './setup.mjs';

/**
 * Sets up, then runs a program of the embedded stack in this terminal and ends as it does.
 *
 * @param {'demo' | 'up'} program
 * @param {{ usage: string, options?: import('node:util').ParseArgsConfig['options'] }} command what it may be asked for:
 *   a wrong option is told before anything is installed
 */
export async function launch(program, { usage, options = {} }) {
  const args = process.argv.slice(2);
  if (isAnswered(args, { usage, options })) return;
  const started = Date.now();
  try {
    await setup();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}`);
    process.exit(error.exitCode);
  }
  const child = spawn(process.execPath, [join(root, 'services', 'stack', 'dist', `${program}.js`), ...args], {
    cwd: root,
    env: { ...process.env, WATCHTOWER_SETUP_SECONDS: String((Date.now() - started) / 1000) },
    // The channel tells the child when this process is killed: it stops what it started.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // A terminal sends Ctrl-C, and its end, to the whole foreground group: passing it on would count twice.
  const atTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal === 'SIGTERM' || !atTerminal) child.kill(signal);
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

/** Whether the usage was all that was asked for, or had to be told. */
function isAnswered(args, { usage, options }) {
  try {
    const help = { type: 'boolean', short: 'h' };
    const { values } = parseArgs({ args, options: { ...options, help } });
    if (values.help) console.log(usage);
    return values.help === true;
  } catch (error) {
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = 2;
    return true;
  }
}
