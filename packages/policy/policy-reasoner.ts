import type { Evidence, PipelineState, ReasonerTurn, ReasonRequest, ToolCall } from '@watchtower/contracts';
import {
  columnSentence,
  overviewSentences,
  targetSentence,
  verdictSentences,
  worstColumn,
} from './evidence-in-words.ts';
import { allowedTools, guard } from './guard.ts';
import { evaluationSentences, headlineOf, resultSentences, trainingSentence } from './results-in-words.ts';
import { sentence, shortened } from './words.ts';

interface Move {
  readonly text: string;
  readonly action: Pick<ToolCall, 'name' | 'input'>;
}

const idPrefix = 'policy-';

/**
 * The built-in reasoner: looks at the evidence, does what the verdict demands, and sums up. Deterministic:
 * the same request gives the same turn. One call a turn, each tool at most once, so it ends within eight
 * turns of its own, whatever the tools answer; it can take over from another reasoner at any point.
 */
export function policyReasoner(request: ReasonRequest): ReasonerTurn {
  const { state } = request;
  if (state.summary_written) return { texts: [], calls: [], stopped: true };
  const tried = toolsTried(request);
  const allowed = new Set<string>(allowedTools(state));
  for (const move of movesOf(request)) {
    const { name, input } = move.action;
    if (tried.has(name) || !allowed.has(name)) continue;
    const call = { id: `${idPrefix}${request.turn}`, name, input };
    if (guard(state, call).allowed) return { texts: [move.text], calls: [call], stopped: false };
  }
  return { texts: ['There is nothing left that I may do in this run.'], calls: [], stopped: true };
}

/**
 * Inspections anybody made, and acts this reasoner asked for: what went wrong once is not asked for again.
 */
function toolsTried({ state, transcript }: ReasonRequest): ReadonlySet<string> {
  const tried = new Set<string>(state.inspected);
  for (const entry of transcript) {
    if (entry.type === 'tool_call' && entry.call.id.startsWith(idPrefix)) tried.add(entry.call.name);
  }
  return tried;
}

/** What it would do, in order; the first that is allowed and untried is done. */
function movesOf(request: ReasonRequest): readonly Move[] {
  const { evidence, state } = request;
  return [...inspections(evidence), ...acts(state), summaryOf(request)];
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

function acts({ verdict, training, evaluation, promotion }: PipelineState): readonly Move[] {
  if (training.status === 'none') {
    if (!verdict.retrain) return [];
    const reason = shortened(verdict.reasons.map(({ detail }) => sentence(detail)).join(' '), 4000);
    const text = `${verdictSentences(verdict)} So I have the model retrained on newer rows.`;
    const input = { reason: reason === '' ? 'The verdict demands it.' : reason, strategy: 'full_retrain' };
    return [{ text, action: { name: 'trigger_retrain', input } }];
  }
  if (training.status !== 'succeeded') return [];
  const { version } = training;
  if (evaluation === null) {
    const text =
      `${trainingSentence(training, verdict.retrain)} Before anything changes, it is compared with the` +
      ' champion on rows that neither has learned from.';
    return [{ text, action: { name: 'evaluate_model', input: { version } } }];
  }
  if (evaluation.status !== 'done' || promotion !== null) return [];
  const found = evaluationSentences(evaluation);
  const purpose = evaluation.outcome === 'promote' ? 'to become the champion' : 'so that people can decide';
  const input = { version, reason: shortened(found, 4000) };
  return [{ text: `${found} I put it forward ${purpose}.`, action: { name: 'promote_model', input } }];
}

function summaryOf({ evidence, evidence_steps, state, transcript }: ReasonRequest): Move {
  const worst = worstColumn(evidence);
  const paragraphs = [
    overviewSentences(evidence),
    ...(worst === null ? [] : [columnSentence(worst)]),
    ...(evidence.target === null ? [] : [targetSentence(evidence.target)]),
    verdictSentences(state.verdict),
    ...resultSentences(state),
  ];
  const results = transcript.flatMap((entry) =>
    entry.type === 'tool_result' && !entry.is_error ? [entry.step] : [],
  );
  const cites = [...new Set([...evidence_steps, ...results])].filter((step) => step >= 1);
  return {
    text: 'I have what I need and sum up.',
    action: {
      name: 'write_summary',
      input: {
        headline: shortened(headlineOf(evidence.model, state), 300),
        summary: shortened(paragraphs.join('\n'), 8000),
        cites: cites.toSorted((a, b) => a - b).slice(0, 100),
      },
    },
  };
}
