import type {
  EvaluationOutcome,
  Gate,
  PipelineState,
  RetrainingDecision,
  RetrainingProposal,
  ToolCall,
} from '@watchtower/contracts';
import { decisionOf } from '../decision.ts';
import { advance, initialState } from '../pipeline-state.ts';
import { verdictOf } from '../verdict.ts';
import { drifted } from './evidence.ts';

/** States of a run and calls for tests. The run's challenger is version 2. */

export const proposal: RetrainingProposal = {
  urgency: 'immediate',
  confidence: 80,
  root_cause: 'Delays grew in summer.',
  rationale: 'The flights of this summer are not those the model knows.',
  strategy: 'full_retrain',
  plan: {
    dataset: '',
    features_to_review: [],
    evaluation_requirements: [],
    promotion_criteria: [],
    training: {},
  },
};

export const begin = (over: Partial<PipelineState> = {}): PipelineState => ({
  ...initialState({ dry_run: false, verdict: verdictOf(drifted), approval_required: 'always' }),
  ...over,
});

const decision = (state: PipelineState, over: Partial<RetrainingProposal> = {}): RetrainingDecision =>
  decisionOf(state.verdict, { ...proposal, ...over });

export const decided = (state = begin(), over: Partial<RetrainingProposal> = {}): PipelineState =>
  advance(state, { type: 'decided', decision: decision(state, over) });

export const trained = (state = decided()): PipelineState =>
  advance(state, { type: 'training_succeeded', version: '2' });

export const gate = (status: Gate['status']): Gate => ({
  name: 'improvement',
  metric: 'roc_auc',
  status,
  value: 0.1,
  threshold: 0.005,
  reason: 'it is better',
});

const gateOf = { promote: 'passed', keep: 'failed', inconclusive: 'inconclusive' } as const;

export const evaluated = (outcome: EvaluationOutcome, state = trained()): PipelineState =>
  advance(state, {
    type: 'evaluated',
    version: '2',
    outcome,
    gates: [gate(gateOf[outcome])],
    improvement: null,
  });

export const call = (name: string, input: ToolCall['input'] = {}): ToolCall => ({
  id: 'turn_1_1',
  name,
  input,
});
export const decide = (over: { readonly urgency?: string; readonly strategy?: string } = {}): ToolCall =>
  call('decide_retraining', {
    urgency: 'soon',
    confidence: 80,
    root_cause: proposal.root_cause,
    rationale: proposal.rationale,
    strategy: 'full_retrain',
    ...over,
  });
export const retrain = call('trigger_retrain', { reason: 'the data changed' });
export const evaluate = (version: string): ToolCall => call('evaluate_model', { version });
export const promote = (version: string, more: { readonly ask_people?: boolean } = {}): ToolCall =>
  call('promote_model', { version, reason: 'it is better', ...more });
export const summary = (...cites: number[]): ToolCall =>
  call('write_summary', {
    headline: 'Promoted',
    summary: 'The new model was trained twice, is the champion now, and nothing drifted.',
    cites,
  });
