import { spawn } from 'node:child_process';

/** Why the set-up ended, in words for the person at the terminal. */
export class SetupError extends Error {
  name = 'SetupError';
}

const tailLines = 20;

/**
 * Runs a program without a shell and keeps what it says for the case that it fails.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, advice: string }} options
 * @returns {Promise<void>}
 * @throws {SetupError} with the last lines of its output and the advice
 */
export function runCommand(program, args, { cwd, env, advice }) {
  return new Promise((resolve, reject) => {
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-64 * 1024);
    };
    const fail = (how) => {
      const tail = output.trimEnd().split('\n').slice(-tailLines).join('\n');
      const command = [program, ...args].join(' ');
      reject(new SetupError([`\`${command}\` ${how}.`, tail, advice].filter(Boolean).join('\n')));
    };
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    // Another stage failed, or somebody pressed Ctrl-C: this one does not go on alone.
    const stop = () => child.kill();
    process.once('exit', stop);
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('close', (code, signal) => {
      process.removeListener('exit', stop);
      if (code === 0) resolve();
      else fail(signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`);
    });
  });
}
