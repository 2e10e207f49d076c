import type { FollowedEvent } from '@watchtower/client';
import { printable } from '@watchtower/client/colours';
import { statusText, stepText } from '@watchtower/client/run-text';
import type { Run } from '@watchtower/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Output } from '../output.ts';

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
      const client = await context.client();
      const request = {
        trigger_source: 'cli' as const,
        dry_run: options.dryRun ?? false,
        ...(model === undefined ? {} : { model }),
        ...(options.window === undefined ? {} : { data_window_id: options.window }),
      };
      const accepted = await client.startRun(request);
      out.data(accepted);
      out.say(`run ${accepted.run_id}`);
      if (!options.follow) {
        out.say(out.colours.dim(`watchtower status ${accepted.run_id}`));
        return;
      }
      const ended = await printSteps(client.follow(accepted.run_id), out);
      if (ended?.status !== 'completed') context.exitWith(exitCodes.negative);
    });
}

/** @returns the run once it ended */
export async function printSteps(
  events: AsyncIterable<FollowedEvent>,
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
      case 'away':
        out.note(`${event.why} The run goes on; its steps follow when the gateway is back.`);
        break;
      case 'back':
        out.note('The gateway answers again.');
        break;
      case 'run_complete':
      case 'run_failed':
        out.data(event.run);
        out.say(statusText(event.run, out.colours));
        if (event.run.failure !== null)
          out.say(`${event.run.failure.code}: ${printable(event.run.failure.message)}`);
        return event.run;
    }
  }
  return undefined;
}
