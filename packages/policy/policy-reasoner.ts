import type { Evidence, PipelineState, ReasonerInput, ReasonerTurn, ToolCall } from '@watchtower/contracts';
import {
  columnSentence,
  overviewSentences,
  targetSentence,
  verdictSentences,
  worstColumn,
} from './evidence-in-words.ts';
import { allowedTools, guard } from './guard.ts';
import { policyProposal } from './policy-proposal.ts';
import {
  decisionSentence,
  evaluationSentences,
  headlineOf,
  resultSentences,
  trainingSentence,
} from './results-in-words.ts';
import { shortened } from './words.ts';

interface Move {
  readonly text: string;
  readonly action: Pick<ToolCall, 'name' | 'input'>;
}

/** Turns of its own after which the policy reasoner has ended, whatever the tools answer. */
export const mostPolicyTurns = 8;

/**
 * The built-in reasoner: looks at the evidence, decides what the verdict demands, acts by the decision of the
 * run, whoever made it, and sums up. Deterministic: the same input gives the same turn. One call a turn, each
 * tool at most once, so it ends within `mostPolicyTurns` turns of its own, whatever the tools answer; it can
 * take over from another reasoner at any point.
 */
export function policyReasoner(input: ReasonerInput): Pick<ReasonerTurn, 'blocks' | 'stop'> {
  const { state, turn, through_step } = input;
  if (state.summary_written) return { blocks: [], stop: 'end' };
  const tried = toolsTried(input);
  const allowed = new Set<string>(allowedTools(state));
  for (const { text, action } of movesOf(input)) {
    if (tried.has(action.name) || !allowed.has(action.name)) continue;
    const call = { id: `turn_${turn}_1`, ...action };
    if (!guard(state, call, { last_step: through_step }).allowed) continue;
    return {
      blocks: [
        { type: 'text', text },
        { type: 'call', call },
      ],
      stop: 'calls',
    };
  }
  const text = 'There is nothing left that I may do in this run.';
  return { blocks: [{ type: 'text', text }], stop: 'end' };
}

/**
 * Inspections anybody made, and acts this reasoner asked for: what went wrong once is not asked for again.
 */
function toolsTried({ state, transcript }: ReasonerInput): ReadonlySet<string> {
  const tried = new Set<string>(state.inspected);
  for (const entry of transcript) {
    if (entry.type === 'tool_call' && entry.reasoner === 'policy') tried.add(entry.call.name);
  }
  return tried;
}

/** What it would do, in order; the first that is allowed and untried is done. */
function movesOf(input: ReasonerInput): readonly Move[] {
  const { evidence, state } = input;
  return [...inspections(evidence), ...acts(evidence, state), summaryOf(input)];
}

function inspections(evidence: Evidence): readonly Move[] {
  const worst = worstColumn(evidence);
  const moves: Move[] = [
    {
      text: `${overviewSentences(evidence)} I look at all columns first.`,
      action: { name: 'inspect_statistical_drift', input: {} },
    },
  ];
  if (worst !== null) {
    moves.push({
      text: `${columnSentence(worst)} I look at where its values went.`,
      action: { name: 'inspect_feature_drift', input: { column: worst.name } },
    });
  }
  if (evidence.target !== null) {
    moves.push({
      text: 'The inputs are one side. I also look at whether what the model has to predict changed.',
      action: { name: 'inspect_target_drift', input: {} },
    });
  }
  return moves;
}

function acts(evidence: Evidence, state: PipelineState): readonly Move[] {
  const { decision, training, evaluation, promotion } = state;
  if (decision === null) {
    const proposal = policyProposal(evidence, state);
    const text = `${proposal.root_cause} ${proposal.rationale}`;
    return [{ text, action: { name: 'decide_retraining', input: proposal } }];
  }
  if (training.status === 'none') {
    if (decision.strategy === 'none') return [];
    const text = `${decisionSentence(decision)} So I have the model retrained on newer rows.`;
    return [{ text, action: { name: 'trigger_retrain', input: { reason: decision.rationale } } }];
  }
  if (training.status !== 'succeeded') return [];
  const { version } = training;
  if (evaluation === null) {
    const text =
      `${trainingSentence(training, true)} Before anything changes, it is compared with the` +
      ' champion on rows that neither has learned from.';
    return [{ text, action: { name: 'evaluate_model', input: { version } } }];
  }
  if (evaluation.status !== 'done' || promotion !== null) return [];
  const found = evaluationSentences(evaluation);
  const purpose = evaluation.outcome === 'promote' ? 'to become the champion' : 'so that people can decide';
  const input = { version, reason: shortened(found, 4000) };
  return [{ text: `${found} I put it forward ${purpose}.`, action: { name: 'promote_model', input } }];
}

function summaryOf(input: ReasonerInput): Move {
  const { evidence, state } = input;
  const worst = worstColumn(evidence);
  const paragraphs = [
    overviewSentences(evidence),
    ...(worst === null ? [] : [columnSentence(worst)]),
    ...(evidence.target === null ? [] : [targetSentence(evidence.target)]),
    verdictSentences(state.verdict),
    ...(state.decision === null ? [] : [decisionSentence(state.decision)]),
    ...resultSentences(state),
  ];
  const cites = citesOf(input);
  return {
    text: 'I have what I need and sum up.',
    action: {
      name: 'write_summary',
      input: {
        headline: shortened(headlineOf(evidence.model, state), 300),
        summary: shortened(paragraphs.join('\n'), 8000),
        cites,
      },
    },
  };
}

/** The steps of the evidence and of the results; where there is none of either, the last step there is. */
function citesOf({ evidence_steps, transcript, through_step }: ReasonerInput): number[] {
  const results = transcript.flatMap((entry) =>
    entry.type === 'tool_result' && !entry.is_error ? [entry.step] : [],
  );
  const steps = [...new Set([...evidence_steps, ...results])];
  const cites = steps.filter((step) => step >= 1 && step <= through_step).toSorted((a, b) => a - b);
  return cites.length === 0 ? [through_step] : cites.slice(0, 100);
}
