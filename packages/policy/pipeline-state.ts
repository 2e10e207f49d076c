import type { PipelineState, RetrainingDecision, ToolName } from '@watchtower/contracts';

type Inspection = Extract<ToolName, `inspect_${string}`>;
type Training = PipelineState['training'];
type Evaluation = NonNullable<PipelineState['evaluation']>;
type Promotion = NonNullable<PipelineState['promotion']>;
type FailedPromotion = Extract<Promotion, { status: 'failed' }>;

/** What can happen in a run that the guard must know of. An event is told after the fact, never before. */
export type PipelineEvent =
  | { readonly type: 'inspected'; readonly tool: Inspection }
  /** `decide_retraining` was allowed; the decision is the one after the rules (`decisionOf`). */
  | { readonly type: 'decided'; readonly decision: RetrainingDecision }
  | ({ readonly type: 'training_refused' } & Omit<Extract<Training, { status: 'refused' }>, 'status'>)
  | ({ readonly type: 'training_failed' } & Omit<Extract<Training, { status: 'failed' }>, 'status'>)
  | { readonly type: 'training_succeeded'; readonly version: string }
  | ({ readonly type: 'evaluated' } & Omit<Extract<Evaluation, { status: 'done' }>, 'status'>)
  | ({ readonly type: 'evaluation_failed' } & Omit<Extract<Evaluation, { status: 'failed' }>, 'status'>)
  /** How `promote_model` ended, people's decision included; `status` says which. */
  | ({ readonly type: 'promotion_ended' } & Exclude<Promotion, FailedPromotion>)
  | ({ readonly type: 'promotion_failed' } & Omit<FailedPromotion, 'status'>)
  | { readonly type: 'summary_written' };

export const initialState = (run: {
  readonly dry_run: boolean;
  readonly verdict: PipelineState['verdict'];
  readonly approval_required: PipelineState['approval_required'];
}): PipelineState => ({
  dry_run: run.dry_run,
  verdict: run.verdict,
  approval_required: run.approval_required,
  decision: null,
  training: { status: 'none' },
  evaluation: null,
  promotion: null,
  inspected: [],
  summary_written: false,
});

/** The state after an event. The state before is left as it was. */
export function advance(state: PipelineState, event: PipelineEvent): PipelineState {
  switch (event.type) {
    case 'inspected':
      return state.inspected.includes(event.tool)
        ? state
        : { ...state, inspected: [...state.inspected, event.tool] };
    case 'decided':
      return { ...state, decision: event.decision };
    case 'training_refused':
      return { ...state, training: { status: 'refused', reason: event.reason, detail: event.detail } };
    case 'training_failed':
      return { ...state, training: { status: 'failed', code: event.code, detail: event.detail } };
    case 'training_succeeded':
      return { ...state, training: { status: 'succeeded', version: event.version } };
    case 'evaluated': {
      const { version, outcome, gates, improvement } = event;
      return { ...state, evaluation: { status: 'done', version, outcome, gates: [...gates], improvement } };
    }
    case 'evaluation_failed':
      return { ...state, evaluation: { status: 'failed', code: event.code, detail: event.detail } };
    case 'promotion_ended': {
      const { status, version, detail } = event;
      return { ...state, promotion: { status, version, detail } };
    }
    case 'promotion_failed': {
      const { version, code, detail } = event;
      return { ...state, promotion: { status: 'failed', version, code, detail } };
    }
    case 'summary_written':
      return { ...state, summary_written: true };
  }
}
