import {
  evaluationReport,
  type Metrics,
  type ModelDefinition,
  metrics,
  type TimeWindow,
} from '@watchtower/contracts';
import type { Comparison, Contender, Scores } from '@watchtower/evaluation';
import { runOnThread } from '../threads/run-on-thread.ts';

/** What the judging thread is asked. */
export type JudgingTask =
  | { readonly kind: 'metrics'; readonly scores: Scores }
  | {
      readonly kind: 'comparison';
      readonly settings: ModelDefinition['evaluate'];
      readonly window: TimeWindow;
      readonly challenger: Contender;
      readonly champion: Contender | null;
    };

const comparison = evaluationReport.pick({
  rows: true,
  improvement: true,
  gates: true,
  outcome: true,
  reason: true,
});

/** A URL of this folder, in the source as in what was built of it. */
const program = new URL(
  `./judging-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/** `metricsOf`, on a thread of its own. */
export async function judgeModel(scores: Scores, signal: AbortSignal): Promise<Metrics> {
  const task: JudgingTask = { kind: 'metrics', scores };
  return metrics.parse(await runOnThread(program, task, signal));
}

/** `compare`, on a thread of its own: at 100,000 rows it takes two to twelve seconds. */
export async function judgeBoth(
  question: Omit<Extract<JudgingTask, { kind: 'comparison' }>, 'kind'>,
  signal: AbortSignal,
): Promise<Comparison> {
  const task: JudgingTask = { kind: 'comparison', ...question };
  return comparison.parse(await runOnThread(program, task, signal));
}
