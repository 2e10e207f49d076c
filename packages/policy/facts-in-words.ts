import type { PipelineState } from '@watchtower/contracts';
import { decisionSentence, resultSentences } from './results-in-words.ts';

/**
 * Our own account of a run, for the `facts` of its summary: made of what happened alone, never of what a
 * reasoner wrote. For a dry run it says what would have happened.
 */
export function factsInWords(state: PipelineState): string {
  const { verdict, decision } = state;
  const demanded = verdict.retrain ? 'demand a retraining' : 'demand no retraining';
  return [
    `The rules call this urgency "${verdict.urgency}" and ${demanded}.`,
    decision === null ? 'Nothing was decided about a retraining.' : decisionSentence(decision),
    ...resultSentences(state),
  ].join(' ');
}
