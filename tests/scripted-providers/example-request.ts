import {
  noTokens,
  type ReasonerInput,
  type ReasonerSettings,
  reasonRequest,
  type TranscriptEntry,
} from '@watchtower/contracts';

export const exampleSettings: ReasonerSettings = {
  name: 'anthropic',
  model_id: 'claude-sonnet-5-5',
  base_url: 'http://127.0.0.1:1',
  max_turns: 20,
  token_budget: 100_000,
  cost_budget: null,
  timeout_seconds: 5,
  max_output_tokens: 4096,
  price: null,
};

/** A reasoner's first question in a run whose data drifted, changed where a test says so. */
export function exampleRequest(
  changes: {
    readonly reasoner?: Partial<ReasonerSettings>;
    readonly columns?: readonly string[];
    readonly spent?: ReasonerInput['spent'];
    readonly turn?: number;
  } = {},
) {
  const columns = (changes.columns ?? ['dep_delay', 'distance']).map((name) => ({
    name,
    type: 'numeric',
    status: 'drifted',
    severity: 'high',
    reason: 'its values are higher',
    psi: 0.31,
    effect: 0.4,
  }));
  const verdict = {
    urgency: 'immediate',
    health: 'at_risk',
    retrain: true,
    reasons: [{ rule: 'psi_high', detail: 'PSI of dep_delay is 0.31' }],
    triggers: [{ kind: 'drift', severity: 'high', detail: 'dep_delay' }],
  };
  const version = {
    registered_model: 'flights',
    version: '1',
    mlflow_run_id: null,
    source: 'models:/m-1',
    training_window: null,
  };
  return reasonRequest.parse({
    run_id: '018f3c1e-0000-7000-8000-000000000001',
    reasoner: { ...exampleSettings, ...changes.reasoner },
    turn: changes.turn ?? 1,
    evidence: {
      run_id: '018f3c1e-0000-7000-8000-000000000001',
      model: 'flights',
      task: 'binary_classification',
      dry_run: false,
      reference_window: { from: '2013-01-01T00:00:00.000Z', to: '2013-04-01T00:00:00.000Z' },
      current_window: { from: '2013-04-01T00:00:00.000Z', to: '2013-08-01T00:00:00.000Z' },
      champion: version,
      cooling_down_until: null,
      dataset: {
        rows_reference: 1000,
        rows_current: 1000,
        columns: 4,
        features_drifted: columns.length,
        drifted_share: 0.5,
        drift_detected: true,
        score: 0.5,
        health: 'at_risk',
      },
      columns,
      target: null,
      worst_severity: 'high',
      max_psi: 0.31,
      performance: null,
      retrain_rule: 'dataset_drift',
    },
    evidence_steps: [2, 3],
    state: {
      dry_run: false,
      verdict,
      approval_required: 'always',
      decision: null,
      training: { status: 'none' },
      evaluation: null,
      promotion: null,
      inspected: [],
      summary_written: false,
    },
    after_step: 0,
    through_step: 3,
    allowed_tools: ['inspect_statistical_drift', 'inspect_feature_drift', 'decide_retraining'],
    spent: changes.spent ?? { tokens: noTokens, cost: null },
  });
}

export const exampleInput = (
  changes: Parameters<typeof exampleRequest>[0] = {},
  transcript: readonly TranscriptEntry[] = [],
): ReasonerInput => ({ ...exampleRequest(changes), transcript });

/** Two turns: one call explained and answered, then two calls of which the second was not allowed. */
export const exampleTranscript: readonly TranscriptEntry[] = [
  { type: 'reasoning', step: 4, turn: 1, reasoner: 'anthropic', text: 'dep_delay moved most. I look at it.' },
  call(5, 1, 'turn_1_1', 'inspect_feature_drift', { column: 'dep_delay' }),
  result(6, 'turn_1_1', 'inspect_feature_drift', { psi: 0.31 }),
  { type: 'reasoning', step: 7, turn: 2, reasoner: 'anthropic', text: 'Now the whole, and a training.' },
  call(8, 2, 'turn_2_1', 'inspect_statistical_drift', {}),
  result(9, 'turn_2_1', 'inspect_statistical_drift', { columns: 4 }),
  call(10, 2, 'turn_2_2', 'trigger_retrain', { reason: 'it moved' }),
  result(11, 'turn_2_2', 'trigger_retrain', { message: 'Decide first.' }, true),
];

function call(step: number, turn: number, id: string, name: string, input: object): TranscriptEntry {
  const made = { id, name, input: { ...input } };
  return { type: 'tool_call', step, turn, reasoner: 'anthropic', call: made };
}

function result(
  step: number,
  call_id: string,
  name: string,
  answer: TranscriptEntry extends infer E ? (E extends { result: infer R } ? R : never) : never,
  is_error = false,
): TranscriptEntry {
  return { type: 'tool_result', step, call_id, name, is_error, result: answer };
}
