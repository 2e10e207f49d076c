import { WatchtowerError } from '@watchtower/contracts/watchtower-error';
import { Command, CommanderError } from 'commander';
import type { CommandContext } from './command-context.ts';
import { type ExitCode, exitCodeOf, exitCodes } from './exit-codes.ts';
import type { CommandFailure } from './output.ts';
import { version } from './version.ts';

type AddCommand = (program: Command, context: CommandContext) => void;

/** What adds the commands, by their names, in the order `--help` lists them. */
const commands: readonly (readonly [names: readonly string[], load: () => Promise<AddCommand>])[] = [
  [['up', 'gateway', 'worker'], async () => (await import('./commands/roles.ts')).addRoleCommands],
  [['apply'], async () => (await import('./commands/apply.ts')).addApplyCommand],
  [['models'], async () => (await import('./commands/models.ts')).addModelsCommand],
  [['run'], async () => (await import('./commands/run.ts')).addRunCommand],
  [['runs'], async () => (await import('./commands/runs.ts')).addRunsCommand],
  [['status'], async () => (await import('./commands/runs.ts')).addStatusCommand],
  [['approve', 'reject'], async () => (await import('./commands/decide.ts')).addDecisionCommands],
  [['cancel'], async () => (await import('./commands/decide.ts')).addCancelCommand],
  [['drift'], async () => (await import('./commands/drift.ts')).addDriftCommand],
  [['audit'], async () => (await import('./commands/audit.ts')).addAuditCommand],
];

/** One command needs the modules of no other; help and suggestions need them all. */
async function createProgram(
  context: CommandContext,
  commandLine: readonly string[],
  json: boolean,
): Promise<Command> {
  const program = new Command('watchtower')
    .description('Keeps machine-learning models in production healthy.')
    .version(version())
    .exitOverride()
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 the answer is no (drift, failed run, broken audit), 2 wrong usage or input,\n' +
        '3 the gateway was not reached or did not accept the key, 4 the run is not in a state for that,\n' +
        '5 a defect of this command. With --json, errors are JSON on the error stream.\n' +
        'The gateway is found by WATCHTOWER_URL and WATCHTOWER_API_KEY, else by the running stack.',
    );
  const { stdout, stderr } = context.streams;
  program.configureOutput({
    writeOut: (text) => void stdout.write(text),
    // Machines get wrong usage as JSON, from `runCommand`.
    writeErr: (text) => void (json || stderr.write(text)),
  });
  if (!json) program.showHelpAfterError('(watchtower --help shows the commands)');
  const [first = ''] = commandLine;
  const named = commands.filter(([names]) => names.includes(first));
  for (const [, load] of named.length > 0 ? named : commands) {
    const add = await load();
    add(program, context);
  }
  return program;
}

/** Runs one command line. @returns the code to end the process with */
export async function runCommand(context: CommandContext, commandLine: readonly string[]): Promise<ExitCode> {
  const json = commandLine.includes('--json');
  try {
    const program = await createProgram(context, commandLine, json);
    await program.parseAsync(commandLine, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    // Help that was asked for.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
    const failure = failureOf(error);
    // To people, Commander has said what was wrong.
    if (json || !(error instanceof CommanderError)) context.output({ json }).failure(failure);
    return failure.exit_code;
  }
}

function failureOf(error: unknown): CommandFailure {
  if (error instanceof CommanderError) {
    const message =
      error.code === 'commander.help'
        ? 'A command is missing; --help lists them.'
        : error.message.replace(/^error: /, '');
    return { code: 'InvalidRequest', message, exit_code: exitCodes.usage };
  }
  if (error instanceof WatchtowerError) {
    const { code, message, details } = error;
    return { code, message, exit_code: exitCodeOf(code), ...(details === undefined ? {} : { details }) };
  }
  const told = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    code: 'Internal',
    message: `Something unforeseen went wrong in this command: ${told}`,
    exit_code: exitCodes.unforeseen,
  };
}
