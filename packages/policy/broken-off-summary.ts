import type { PipelineState, SummaryInput } from '@watchtower/contracts';
import { factsInWords } from './facts-in-words.ts';
import { shortened } from './words.ts';

/** The tool's limits: `write_summary` in the contracts. The API reads every summary by them. */
const most = { headline: 300, summary: 8000 } as const;

/**
 * The summary of a run that nobody came to sum up, because it was cancelled or something broke: what had happened until
 * then, in our own words. Within the limits of the tool, however long the details of what failed are.
 *
 * @param cites steps that hold the evidence
 */
export function brokenOffSummary(
  ending: string,
  state: PipelineState,
  cites: readonly number[],
): SummaryInput & { readonly reasoner: 'policy'; readonly facts: string } {
  const headline = shortened(ending, most.headline);
  const facts = factsInWords(state);
  return {
    headline,
    summary: shortened(`${headline} ${facts}`, most.summary),
    cites: [...cites],
    reasoner: 'policy',
    facts,
  };
}
