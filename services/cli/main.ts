import { processContext } from './command-context.ts';
import { runCommand } from './program.ts';

const code = await runCommand(processContext(), process.argv.slice(2));
// A role that failed has said so by a code of its own.
process.exitCode = process.exitCode || code;
