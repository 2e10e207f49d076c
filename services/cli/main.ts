import { version } from './version.ts';

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
