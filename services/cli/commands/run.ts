import { type Run, runAccepted } from '@watchtower/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { followRun } from '../follow-run.ts';
import type { Output } from '../output.ts';
import { statusText, stepText } from '../run-text.ts';

interface RunOptions {
  readonly dryRun?: boolean;
  readonly window?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

export function addRunCommand(program: Command, context: CommandContext): void {
  program
    .command('run')
    .description('start a run of a watched model')
    .argument('[model]', 'its name; without it the default model of the gateway')
    .option('--dry-run', 'measure and say what would be done, and change nothing')
    .option('--window <name>', 'the window under watch (default: current)')
    .option('--follow', 'print the steps as they come; ends with code 1 where the run fails')
    .option('--json', 'print JSON: the accepted run, then with --follow one step a line and the run')
    .action(async (model: string | undefined, options: RunOptions) => {
      const out = context.output(options);
      const client = context.client();
      const request = {
        trigger_source: 'cli',
        dry_run: options.dryRun ?? false,
        ...(model === undefined ? {} : { model }),
        ...(options.window === undefined ? {} : { data_window_id: options.window }),
      };
      const { body: accepted } = await client.post('/pipeline/run', request, runAccepted);
      out.data(accepted);
      out.say(`run ${accepted.run_id}`);
      if (!options.follow) {
        out.say(out.colours.dim(`watchtower status ${accepted.run_id}`));
        return;
      }
      const ended = await printSteps(followRun(client, accepted.run_id), out);
      if (ended?.status !== 'completed') context.exitWith(exitCodes.negative);
    });
}

/** @returns the run once it ended */
export async function printSteps(
  events: ReturnType<typeof followRun>,
  out: Output,
): Promise<Run | undefined> {
  for await (const event of events) {
    switch (event.event) {
      case 'step':
        out.data(event.step);
        out.say(stepText(event.step, out.colours));
        if (event.step.name === 'approval_requested') {
          out.say(out.colours.yellow(`     decide: watchtower approve ${event.step.run_id} --reason "..."`));
        }
        break;
      case 'disconnected':
        out.note(`The gateway does not answer; the run goes on, trying again (${event.attempt}).`);
        break;
      case 'run_complete':
      case 'run_failed':
        out.data(event.run);
        out.say(statusText(event.run, out.colours));
        if (event.run.failure !== null) out.say(`${event.run.failure.code}: ${event.run.failure.message}`);
        return event.run;
    }
  }
  return undefined;
}
