import type { ReasonerTurn } from '@watchtower/contracts';
import { isMalformed, type Refusal } from './refusal.ts';
import { shortened } from './words.ts';

/** What makes a turn malformed, and what the reasoner is told. */
export interface TurnProblem {
  /** Why the reasoner is replaced where it is the second such turn in a row. */
  readonly cause: 'malformed' | 'stopped';
  /** Names what was wrong, by field, and what to do. */
  readonly correction: string;
}

/** At most this many characters of a correction: a call may be wrong in as many places as it has fields. */
const mostCharacters = 4000;

/**
 * What was wrong with the form of a turn, or null. Malformed is a turn that was cut off by the limit of
 * tokens, that has neither a call nor a summary, or of which a call's input could not be read or has the
 * wrong form. A refusal for any other reason is not: it is an answer. A turn that the provider refused is
 * not malformed either (`replacementOnTurn`).
 *
 * @param refusals what the guard refused of this turn, in the turn's order
 */
export function turnProblem(
  { blocks, stop }: Pick<ReasonerTurn, 'blocks' | 'stop'>,
  refusals: readonly Refusal[],
): TurnProblem | null {
  if (stop === 'refusal') return null;
  const malformed = refusals.filter(isMalformed).map(({ reason }) => reason);
  const faults = [...new Set(malformed)];
  if (stop === 'length') {
    const cut = 'Your answer was cut off by the limit of tokens for one answer.';
    return correctionOf('malformed', [cut, ...faults], 'Answer more briefly, with one tool call.');
  }
  if (!blocks.some(({ type }) => type === 'call')) {
    const none = 'Your answer has no tool call, and the run is not summed up yet.';
    return correctionOf('stopped', [none], 'Call one of the tools; write_summary ends the run.');
  }
  if (faults.length === 0) return null;
  return correctionOf('malformed', faults, 'Make the call again with an input that fits the tool.');
}

function correctionOf(cause: TurnProblem['cause'], faults: readonly string[], advice: string): TurnProblem {
  const said = shortened(faults.join(' '), mostCharacters - advice.length - 1);
  return { cause, correction: `${said} ${advice}` };
}
