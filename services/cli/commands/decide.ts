import { evaluationText } from '@watchtower/client/evaluation-text';
import { isTerminal } from '@watchtower/contracts/run';
import { WatchtowerError } from '@watchtower/contracts/watchtower-error';
import type { Command } from 'commander';
import type { CommandContext } from '../command-context.ts';
import { findRunId } from '../find-run.ts';

interface DecisionOptions {
  readonly reason: string;
  readonly evidence?: string;
  readonly json?: boolean;
}

export function addDecisionCommands(program: Command, context: CommandContext): void {
  for (const decision of ['approve', 'reject'] as const) {
    program
      .command(decision)
      .description(`${decision} the promotion a run waits for, after showing its evidence`)
      .argument('<run>', "the run's id, or the beginning or end of it")
      .requiredOption('--reason <text>', 'why; it stands in the audit log')
      .option(
        '--evidence <digest>',
        'digest of the evidence you have seen; refused where the run shows other',
      )
      .option('--json', 'print JSON')
      .action((written: string, options: DecisionOptions) => decide(context, decision, written, options));
  }
}

/** Quotes the digest of the evidence that was shown: what changes in between makes the decision stale. */
async function decide(
  context: CommandContext,
  decision: 'approve' | 'reject',
  written: string,
  options: DecisionOptions,
): Promise<void> {
  const out = context.output(options);
  const client = await context.client();
  const id = await findRunId(client, written);
  const run = await client.run(id);
  if (run.approval === null) {
    throw new WatchtowerError(
      'ApprovalNotAwaited',
      `Run ${id} is "${run.status}" and waits for no decision; "watchtower status ${id}" shows what it does.`,
    );
  }
  const { report } = await client.evaluation(id);
  // Of a run that has ended there is nothing left to weigh, as the gateway will say.
  if (!isTerminal(run.status)) out.say(evaluationText(report, out.colours));
  const request = {
    decision,
    reason: options.reason,
    evidence_digest: options.evidence ?? report.evidence_digest,
  };
  const body = await client.decide(id, request);
  out.data(body);
  if ('decision' in body) out.say(`\n${decision === 'approve' ? 'Approved' : 'Rejected'}.`);
  else out.say('\nPassed on; no worker has answered yet. "watchtower status" will show the decision.');
}

export function addCancelCommand(program: Command, context: CommandContext): void {
  program
    .command('cancel')
    .description('cancel a run; its training is stopped')
    .argument('<run>', "the run's id, or the beginning or end of it")
    .option('--json', 'print JSON')
    .action(async (written: string, options: { readonly json?: boolean }) => {
      const out = context.output(options);
      const client = await context.client();
      const id = await findRunId(client, written);
      const body = await client.cancel(id);
      out.data(body);
      out.say(`Run ${id} was asked to stop.`);
    });
}
