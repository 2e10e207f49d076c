import { type Colours, printable } from '@watchtower/client/colours';
import type { AuditAnswer } from '@watchtower/contracts';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { findRunId } from '../find-run.ts';

export function addAuditCommand(program: Command, context: CommandContext): void {
  program
    .command('audit')
    .description('the audit log')
    .command('verify')
    .description("prove a run's audit log; ends with code 1 where it is broken")
    .argument('<run>', "the run's id, or the beginning or end of it")
    .option('--json', 'print JSON')
    .action(async (written: string, options: { readonly json?: boolean }) => {
      const out = context.output(options);
      const client = await context.client();
      const id = await findRunId(client, written);
      const body = await client.audit(id);
      out.data(body);
      out.say(auditText(body, out.colours));
      if (!body.ok) context.exitWith(exitCodes.negative);
    });
}

function auditText(audit: AuditAnswer, colours: Colours): string {
  const part = (name: string, { ok, problems }: AuditAnswer['chain']) => [
    `${ok ? colours.green('✔') : colours.red('✘')} ${name}`,
    ...problems.map((problem) => `    ${printable(problem)}`),
  ];
  const source = audit.history.source === 'temporal' ? "Temporal's history" : 'the exported history';
  return [
    ...part(`hash chain of ${audit.steps} steps`, audit.chain),
    ...part(`agreement with ${source} (${audit.history.compared} steps)`, audit.history),
    ...part("agreement of the run's rows with its steps", audit.rows),
    `head ${audit.head_hash ?? '(no steps)'}`,
  ].join('\n');
}
