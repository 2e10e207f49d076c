import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '@watchtower/stack/repository';

/** What a command left behind. */
export interface CommandEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandPlace {
  readonly folder: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Runs `watchtower` as a shell would: a process of its own, without a terminal, with these variables only. */
export function watchtower(
  args: readonly string[],
  { folder, variables }: CommandPlace,
): Promise<CommandEnd> {
  const program = join(repositoryRoot, 'services', 'cli', 'bin', 'watchtower.mjs');
  const { PATH, HOME } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: folder,
      env: { PATH, HOME, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
