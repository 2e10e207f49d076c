import { Command, CommanderError } from 'commander';
import type { CommandContext } from './command-context.ts';
import { addApplyCommand } from './commands/apply.ts';
import { addAuditCommand } from './commands/audit.ts';
import { addCancelCommand, addDecisionCommands } from './commands/decide.ts';
import { addDriftCommand } from './commands/drift.ts';
import { addModelsCommand } from './commands/models.ts';
import { addRoleCommands } from './commands/roles.ts';
import { addRunCommand } from './commands/run.ts';
import { addRunsCommand, addStatusCommand } from './commands/runs.ts';
import { DefinitionFileError } from './definition-file.ts';
import { CommandFailure, type ExitCode, exitCodes } from './exit-codes.ts';
import { version } from './version.ts';

function createProgram(context: CommandContext): Command {
  const program = new Command('watchtower')
    .description('Keeps machine-learning models in production healthy.')
    .version(version())
    .exitOverride()
    .showHelpAfterError('(watchtower --help shows the commands)')
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 the answer is no (drift, failed run, broken audit), 2 wrong usage or input,\n' +
        '3 the gateway was not reached or did not accept the key, 4 the run is not in a state for that.\n' +
        'The gateway is found by WATCHTOWER_URL and WATCHTOWER_API_KEY, else by the running stack.',
    );
  addRoleCommands(program);
  addApplyCommand(program, context);
  addModelsCommand(program, context);
  addRunCommand(program, context);
  addRunsCommand(program, context);
  addStatusCommand(program, context);
  addDecisionCommands(program, context);
  addCancelCommand(program, context);
  addDriftCommand(program, context);
  addAuditCommand(program, context);
  return program;
}

/** Runs one command line. @returns the code to end the process with */
export async function runCommand(context: CommandContext, commandLine: readonly string[]): Promise<ExitCode> {
  try {
    await createProgram(context).parseAsync(commandLine, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    // Commander has said what was wrong; help that was asked for ends with 0.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const out = context.output({});
    if (error instanceof CommandFailure) {
      out.note(error.message);
      return error.exitCode;
    }
    if (error instanceof DefinitionFileError) {
      out.note(error.message);
      return exitCodes.usage;
    }
    out.note(`Something unforeseen went wrong: ${error instanceof Error ? error.stack : String(error)}`);
    return exitCodes.unreachable;
  }
}
