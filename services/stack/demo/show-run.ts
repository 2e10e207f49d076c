import { type Colours, evaluationText, type GatewayClient, stepText } from '@watchtower/client';
import type { Run, Step } from '@watchtower/contracts';
import { StackError } from '../stack-error.ts';

export interface ShownRun {
  readonly gateway: GatewayClient;
  readonly runId: string;
  /** Decide instead of waiting for a person. */
  readonly approve: boolean;
  readonly colours: Colours;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
}

/** How long the gateway may stay away in the middle of a run: its supervisor starts it again. */
export const patienceMs = 60_000;

/** Prints each step as it comes until the run has ended; shows the evidence when people are asked. */
export async function showRun(
  shown: ShownRun,
): Promise<{ readonly run: Run; readonly steps: readonly Step[] }> {
  const { gateway, runId, colours, say, signal } = shown;
  const steps: Step[] = [];
  for await (const event of gateway.follow(runId, { signal, patienceMs })) {
    switch (event.event) {
      case 'step':
        steps.push(event.step);
        say(stepText(event.step, colours));
        if (event.step.name === 'approval_requested') await askForDecision(shown);
        break;
      case 'away':
        say(`· ${event.why}`);
        break;
      case 'back':
        say('· the gateway answers again');
        break;
      case 'run_complete':
      case 'run_failed':
        return { run: event.run, steps };
    }
  }
  throw new StackError(`Run ${runId} was left before it had ended.`);
}

async function askForDecision(shown: ShownRun): Promise<void> {
  const { gateway, runId, approve, colours, say } = shown;
  const { report } = await gateway.evaluation(runId);
  say('');
  say(evaluationText(report, colours));
  say('');
  if (approve) {
    await gateway.decide(runId, {
      decision: 'approve',
      reason: 'Approved by the demo, which was told to (--approve)',
      evidence_digest: report.evidence_digest,
    });
    return;
  }
  const { links } = await gateway.run(runId);
  say('The promotion waits for your decision. In another terminal, in this folder:');
  say(`  npx watchtower approve ${runId} --reason "the evidence is good"`);
  say(`  npx watchtower reject ${runId} --reason "…"`);
  say('or send the signal "approve" or "reject" in the Temporal UI:');
  say(`  ${links.temporal}`);
  say('');
}
