import { constants } from 'node:os';
import { version } from './version.ts';

// Whoever reads may have read enough, as `head` does. That is no answer of the command's, and ends it as other commands.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(128 + constants.signals.SIGPIPE);
});

const commandLine = process.argv.slice(2);
const [first] = commandLine;
if (first === '--version' || first === '-V') {
  // Asked for by scripts, often: nothing else is loaded.
  process.stdout.write(`${version()}\n`);
} else {
  const [{ commandContext }, { runCommand }] = await Promise.all([
    import('./command-context.ts'),
    import('./program.ts'),
  ]);
  const { env: variables, stdout, stderr } = process;
  const context = commandContext({ variables, folder: process.cwd(), streams: { stdout, stderr } });
  const code = await runCommand(context, commandLine);
  // A role that failed has said so by a code of its own.
  process.exitCode = process.exitCode || code;
}
