#!/usr/bin/env node
// Starts the command as it was built; from its TypeScript sources where it was not, and with WATCHTOWER_FROM_SOURCE=1.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { isCurrent } from './bundle-state.mjs';

const source = new URL('../main.ts', import.meta.url);
const built = new URL('../dist/main.js', import.meta.url);

const bundle = new URL('../dist/bundle/', import.meta.url);
// A role loads packages that are in no bundle, and would meet two of each class of errors.
const isRole = ['up', 'gateway', 'worker'].includes(process.argv[2]);

if (!existsSync(built) || process.env.WATCHTOWER_FROM_SOURCE === '1') runSource();
else await import(!isRole && isCurrent(bundle) ? new URL('main.js', bundle).href : built.href);

function runSource() {
  const flags = ['--conditions=source', `--import=${import.meta.resolve('tsx')}`];
  const child = spawn(
    process.execPath,
    [...process.execArgv, ...flags, fileURLToPath(source), ...process.argv.slice(2)],
    {
      stdio: 'inherit',
      // tsx would otherwise read the tsconfig.json of whatever folder the command is run in.
      env: {
        ...process.env,
        TSX_TSCONFIG_PATH: fileURLToPath(new URL('../tsconfig.json', import.meta.url)),
      },
    },
  );

  // A terminal sends Ctrl-C, and its end, to the whole foreground group: passing it on would count twice.
  const atTerminal = [process.stdin, process.stdout, process.stderr].some((s) => s.isTTY);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal === 'SIGTERM' || !atTerminal) child.kill(signal);
    });
  }

  child.on('error', (error) => {
    console.error(`watchtower could not start ${process.execPath}: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0));
  });
}
