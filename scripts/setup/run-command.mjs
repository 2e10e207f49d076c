import { spawn } from 'node:child_process';

/** Why the set-up ended, in words for the person at the terminal. */
export class SetupError extends Error {
  name = 'SetupError';

  /** @param {number} [exitCode] of the command that needed the set-up */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

const tailLines = 20;
const graceMs = 3000;

/**
 * Runs a program without a shell and keeps what it says for the case that it fails.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, advice?: string, signal?: AbortSignal }} options `signal` stops it
 *   and all it started
 * @returns {Promise<void>} when it ended with code 0
 * @throws {SetupError} with the end of its output
 */
export function runCommand(program, args, { cwd, env, advice, signal }) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-64 * 1024);
    };
    const fail = (how) => {
      const tail = output.trimEnd().split('\n').slice(-tailLines).join('\n');
      const command = [program, ...args].join(' ');
      reject(new SetupError([`\`${command}\` ${how}.`, tail, advice].filter(Boolean).join('\n')));
    };
    // A group of its own: `npx` is a chain of processes, of which a signal to the first would leave the others.
    const child = spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    let force;
    const stop = () => {
      signalGroup(child.pid, 'SIGTERM');
      force = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), graceMs);
    };
    const killNow = () => signalGroup(child.pid, 'SIGKILL');
    signal?.addEventListener('abort', stop, { once: true });
    process.once('exit', killNow);
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('close', (code, by) => {
      clearTimeout(force);
      signal?.removeEventListener('abort', stop);
      process.removeListener('exit', killNow);
      if (code === 0) resolve();
      else fail(by === null ? `ended with exit code ${code}` : `was ended by ${by}`);
    });
  });
}

function signalGroup(pid, signal) {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // ESRCH: nobody left.
  }
}
