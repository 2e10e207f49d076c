import type { EvaluationOutcome, Gate, PipelineState } from '@watchtower/contracts';
import { approvalNeeded } from '../approval.ts';
import { decisionOf } from '../decision.ts';
import type { PipelineEvent } from '../pipeline-state.ts';
import type { CheckedCall } from '../tool-call.ts';

/** What comes of the acts. */
export interface World {
  readonly inspections: 'work' | 'fail';
  readonly training: 'succeeded' | 'failed' | 'refused';
  /** Of the version that a training registers. */
  readonly version: string;
  readonly evaluation: { readonly outcome: EvaluationOutcome; readonly gates: readonly Gate[] } | 'failed';
  readonly people: 'approved' | 'rejected' | 'expired';
  readonly promotion: 'promoted' | 'kept' | 'void' | 'superseded' | 'failed';
}

/** What was really done, in order: kept apart from the state, so that the state can be checked against it. */
export type Deed =
  | { readonly did: 'train'; readonly came: World['training'] }
  | { readonly did: 'evaluate'; readonly version: string }
  | { readonly did: 'ask_people'; readonly version: string; readonly came: World['people'] }
  | { readonly did: 'promote'; readonly version: string; readonly came: World['promotion'] }
  | { readonly did: 'summarise'; readonly cites: readonly number[]; readonly last_step: number };

interface CarriedOut {
  readonly deeds: readonly Deed[];
  readonly event: PipelineEvent | null;
}

/** A call that the guard has allowed, in such a world. */
export function carriedOut(
  world: World,
  state: PipelineState,
  call: Exclude<CheckedCall, { readonly name: 'write_summary' }>,
): CarriedOut {
  switch (call.name) {
    case 'inspect_statistical_drift':
    case 'inspect_feature_drift':
    case 'inspect_target_drift':
      return {
        deeds: [],
        event: world.inspections === 'work' ? { type: 'inspected', tool: call.name } : null,
      };
    case 'decide_retraining':
      return { deeds: [], event: { type: 'decided', decision: decisionOf(state.verdict, call.input) } };
    case 'trigger_retrain':
      return {
        deeds: [{ did: 'train', came: world.training }],
        event: trainingEvents[world.training](world.version),
      };
    case 'evaluate_model': {
      const { version } = call.input;
      return { deeds: [{ did: 'evaluate', version }], event: evaluationEvent(world, version) };
    }
    case 'promote_model':
      return putForward(world, state, call.input);
  }
}

function evaluationEvent({ evaluation }: World, version: string): PipelineEvent {
  if (evaluation === 'failed') {
    return { type: 'evaluation_failed', code: 'ScoringFailed', detail: 'it broke' };
  }
  const { outcome, gates } = evaluation;
  return { type: 'evaluated', version, outcome, gates: [...gates], improvement: null };
}

function putForward(
  { people, promotion }: World,
  state: PipelineState,
  { version, ask_people }: { readonly version: string; readonly ask_people: boolean },
): CarriedOut {
  const { evaluation } = state;
  if (evaluation?.status !== 'done') throw new Error('The guard let an unevaluated version through.');
  const deeds: Deed[] = [];
  if (approvalNeeded(state, evaluation, ask_people)) {
    deeds.push({ did: 'ask_people', version, came: people });
    if (people !== 'approved') {
      return { deeds, event: { type: 'promotion_ended', status: people, version, detail: '' } };
    }
  }
  deeds.push({ did: 'promote', version, came: promotion });
  const event: PipelineEvent =
    promotion === 'failed'
      ? { type: 'promotion_failed', version, code: 'MlflowRejected', detail: 'it broke' }
      : { type: 'promotion_ended', status: promotion, version, detail: '' };
  return { deeds, event };
}

const trainingEvents: Readonly<Record<World['training'], (version: string) => PipelineEvent>> = {
  succeeded: (version) => ({ type: 'training_succeeded', version }),
  failed: () => ({ type: 'training_failed', code: 'TrainingFailed', detail: 'it broke' }),
  refused: () => ({ type: 'training_refused', reason: 'busy', detail: 'another run trains' }),
};
