import {
  decisionAccepted,
  decisionPending,
  type Run,
  run,
  type Step,
  step,
  storedEvaluation,
} from '@watchtower/contracts';
import type { Endpoints } from '../endpoints.ts';
import { StackError } from '../stack-error.ts';
import { evidenceLines } from './evidence.ts';
import type { GatewayClient } from './gateway-client.ts';

export interface FollowOptions {
  readonly gateway: GatewayClient;
  readonly runId: string;
  readonly endpoints: Pick<Endpoints, 'temporal_ui'>;
  readonly approve: boolean;
  readonly say: (line: string) => void;
}

/** Prints each step as it comes until the run has ended; shows the evidence when people are asked. */
export async function followRun(
  options: FollowOptions,
): Promise<{ readonly run: Run; readonly steps: readonly Step[] }> {
  const { gateway, runId, say } = options;
  const steps: Step[] = [];
  for await (const { event, data } of gateway.follow(runId)) {
    const content: unknown = JSON.parse(data);
    if (event === 'step') {
      const taken = step.parse(content);
      steps.push(taken);
      say(stepLine(taken));
      if (taken.name === 'approval_requested') await askForDecision(options);
    } else if (event === 'run_complete' || event === 'run_failed') {
      return { run: run.parse(content), steps };
    }
  }
  throw new StackError(`Run ${runId} was left before it had ended.`);
}

export const stepLine = ({ number, kind, message, at }: Step): string =>
  `  ${at.slice(11, 19)}  ${String(number).padStart(3)}  ${kind.padEnd(11)}  ${message}`;

async function askForDecision({ gateway, runId, endpoints, approve, say }: FollowOptions): Promise<void> {
  const { report } = await gateway.get(`/reports/eval/${runId}`, storedEvaluation);
  say('');
  for (const line of evidenceLines(report)) say(line);
  say('');
  if (approve) {
    const decision = {
      decision: 'approve',
      reason: 'Approved by the demo, which was told to (--approve)',
      evidence_digest: report.evidence_digest,
    };
    await gateway.post(`/pipeline/${runId}/decision`, decision, decisionAccepted.or(decisionPending));
    return;
  }
  const workflow = encodeURIComponent(`pipeline/${runId}`);
  say('  The promotion waits for your decision. In another terminal, in this folder:');
  say(`    npx watchtower approve ${runId} --reason "the evidence is good"`);
  say(`    npx watchtower reject ${runId} --reason "…"`);
  say(`  or send the signal "approve" or "reject" in the Temporal UI:`);
  say(`    ${endpoints.temporal_ui}/namespaces/default/workflows/${workflow}`);
  say('');
}
