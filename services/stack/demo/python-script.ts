import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { StackError } from '../stack-error.ts';

/**
 * Runs a script of the example in its folder; each line it writes is passed on.
 *
 * @throws StackError with its last lines where it fails
 */
export function runPython(
  script: string,
  options: {
    readonly folder: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly say: (line: string) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { folder, environment, say, signal } = options;
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    let rest = '';
    const child = spawn(environment.PYTHON ?? 'python3', [join(folder, script)], {
      cwd: folder,
      env: { ...environment, PYTHONUNBUFFERED: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const complete = (rest + chunk).split('\n');
      rest = complete.pop() ?? '';
      for (const line of complete) say(`    ${line}`);
      lines.push(...complete);
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => lines.push(...chunk.split('\n')));
    child.once('error', (error) =>
      reject(new StackError(`${script} could not be started: ${error.message}`)),
    );
    child.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(new StackError([`${script} ended with exit code ${code}:`, ...lines.slice(-15)].join('\n')));
    });
  });
}
