import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { findRunId } from '../find-run.ts';
import { runsTable, runText } from '../run-text.ts';
import { printSteps } from './run.ts';

interface RunsOptions {
  readonly page: string;
  readonly pageSize: string;
  readonly model?: string;
  readonly status?: string;
  readonly json?: boolean;
}

export function addRunsCommand(program: Command, context: CommandContext): void {
  program
    .command('runs')
    .description('list runs, newest first')
    .option('--model <name>', 'of this model only')
    .option('--status <status>', 'with this status only')
    .option('--page <number>', 'page, from 1', '1')
    .option('--page-size <number>', 'runs on a page, 1 to 100', '20')
    .option('--json', 'print JSON')
    .action(async (options: RunsOptions) => {
      const out = context.output(options);
      const client = await context.client();
      const body = await client.runs({
        page: options.page,
        page_size: options.pageSize,
        ...(options.model === undefined ? {} : { model: options.model }),
        ...(options.status === undefined ? {} : { status: options.status }),
      });
      out.data(body);
      if (body.runs.length === 0) out.say('No runs.');
      else out.say(runsTable(body.runs, out.colours));
      const pages = Math.ceil(body.total / body.page_size);
      if (pages > 1) out.say(out.colours.dim(`page ${body.page} of ${pages}, ${body.total} runs`));
    });
}

export function addStatusCommand(program: Command, context: CommandContext): void {
  program
    .command('status')
    .description('show what a run has come to, and what it waits for')
    .argument('<run>', "the run's id, or the beginning or end of it")
    .option('--follow', 'print its steps from the first, until it ends')
    .option('--json', 'print JSON')
    .action(async (written: string, options: { readonly follow?: boolean; readonly json?: boolean }) => {
      const out = context.output(options);
      const client = await context.client();
      const id = await findRunId(client, written);
      if (options.follow) {
        const ended = await printSteps(client.follow(id), out);
        if (ended?.status !== 'completed') context.exitWith(exitCodes.negative);
        return;
      }
      const body = await client.run(id);
      out.data(body);
      out.say(runText(body, out.colours));
      if (body.status === 'failed') context.exitWith(exitCodes.negative);
    });
}
