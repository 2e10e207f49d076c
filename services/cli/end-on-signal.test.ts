import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const program = `
import { withTemporaryFolder } from '@watchtower/activities/data/temporary-folder';
import { endOnSignal } from './end-on-signal.ts';
endOnSignal();
await withTemporaryFolder(async (folder) => {
  process.stdout.write(await folder());
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});
`;

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s leaves no temporary folder behind',
  async (signal, code) => {
    const child = spawn(
      process.execPath,
      ['--conditions=source', '--import=tsx', '--input-type=module', '--eval', program],
      {
        cwd: import.meta.dirname,
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, NODE_OPTIONS: '' },
      },
    );
    const ended = once(child, 'exit');
    const [folder] = await once(child.stdout, 'data');
    expect(existsSync(String(folder))).toBe(true);
    child.kill(signal);
    expect(await ended).toEqual([code, null]);
    expect(existsSync(String(folder))).toBe(false);
  },
  30_000,
);
