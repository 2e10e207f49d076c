import type {
  EvaluationOutcome,
  Evidence,
  Gate,
  PipelineState,
  ReasonerTurn,
  ReplacementCause,
  ToolCall,
  TranscriptEntry,
} from '@watchtower/contracts';
import { approvalNeeded } from '../approval.ts';
import { decisionOf } from '../decision.ts';
import { type GuardAnswer, guard } from '../guard.ts';
import { advance, initialState, type PipelineEvent } from '../pipeline-state.ts';
import { policyReasoner } from '../policy-reasoner.ts';
import type { Refusal } from '../refusal.ts';
import { replacementOnTurn } from '../replacement.ts';
import type { CheckedCall } from '../tool-call.ts';
import { turnProblem } from '../turn-problem.ts';
import { verdictOf } from '../verdict.ts';
import { reasonerInput } from './reasoner-input.ts';

/** A turn of a reasoner that stands in for a language model. */
export type ModelTurn = Pick<ReasonerTurn, 'blocks' | 'stop'>;

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

export interface Play {
  readonly evidence: Evidence;
  readonly approval_required: PipelineState['approval_required'];
  readonly model: readonly ModelTurn[];
  readonly max_turns: number;
  readonly world: World;
}

/** What was really done, in order: kept apart from the state, so that the state can be checked against it. */
export type Deed =
  | { readonly did: 'train'; readonly came: World['training'] }
  | { readonly did: 'evaluate'; readonly version: string }
  | { readonly did: 'ask_people'; readonly version: string; readonly came: World['people'] }
  | { readonly did: 'promote'; readonly version: string; readonly came: World['promotion'] }
  | { readonly did: 'summarise'; readonly cites: readonly number[]; readonly last_step: number };

/** The loop of docs/decisions/0004-the-agent.md without Temporal: first the model, then the policy reasoner. */
export class SimulatedRun {
  readonly #play: Play;
  readonly transcript: TranscriptEntry[] = [];
  readonly deeds: Deed[] = [];
  readonly answers: GuardAnswer[] = [];
  state: PipelineState;
  /** Why the model was replaced; null where it ended the run, or never had a turn. */
  cause: ReplacementCause | null = null;
  policyTurns = 0;
  /** The champion, the report and the verdict. */
  #step = 4;
  #turn = 0;

  constructor(play: Play) {
    this.#play = play;
    const { evidence, approval_required } = play;
    const { dry_run } = evidence;
    this.state = initialState({ dry_run, verdict: verdictOf(evidence), approval_required });
  }

  /** The model's turns, until it summed up, is replaced, or has no more to say (which is a breakdown). */
  byModel(): this {
    let corrected = false;
    for (const turn of this.#play.model) {
      if (this.#turn >= this.#play.max_turns) {
        this.cause = 'turns_spent';
        return this;
      }
      this.#turn += 1;
      const refusals = turn.stop === 'refusal' ? [] : this.#act(turn, 'anthropic');
      if (this.state.summary_written) return this;
      const problem = turnProblem(turn, refusals);
      this.cause = replacementOnTurn(turn, problem, corrected);
      if (this.cause !== null) return this;
      if (problem !== null) {
        this.#step += 1;
        this.transcript.push({ type: 'correction', step: this.#step, text: problem.correction });
      }
      corrected = problem !== null;
    }
    if (this.#play.model.length > 0) this.cause = 'failed';
    return this;
  }

  /** The rest, by the policy reasoner, at most this many turns. */
  byPolicy(most: number): this {
    const { evidence } = this.#play;
    while (!this.state.summary_written && this.policyTurns < most) {
      this.policyTurns += 1;
      this.#turn += 1;
      const { state, transcript } = this;
      const turn = policyReasoner(
        reasonerInput({ evidence, state, transcript, turn: this.#turn, through_step: this.#step }),
      );
      this.#act(turn, 'policy');
    }
    return this;
  }

  #act({ blocks }: ModelTurn, reasoner: 'anthropic' | 'policy'): readonly Refusal[] {
    const refusals: Refusal[] = [];
    let callsAfter = blocks.filter(({ type }) => type === 'call').length;
    for (const block of blocks) {
      const step = this.#step + 1;
      const said = { step, turn: this.#turn, reasoner };
      if (block.type === 'text') {
        this.#step = step;
        this.transcript.push({ type: 'reasoning', ...said, text: block.text });
        continue;
      }
      callsAfter -= 1;
      const position = { last_step: this.#step, calls_after: callsAfter };
      const answer = guard(this.state, block.call, position);
      this.answers.push(answer);
      this.#step = step;
      this.transcript.push({ type: 'tool_call', ...said, call: block.call });
      if (!answer.allowed) refusals.push(answer);
      const event = answer.allowed ? this.#carryOut(answer.call, position.last_step) : null;
      if (event !== null) this.state = advance(this.state, event);
      if (this.state.summary_written) return refusals;
      this.#answer(block.call, event === null);
    }
    return refusals;
  }

  #answer({ id, name }: ToolCall, is_error: boolean): void {
    this.#step += 1;
    this.transcript.push({ type: 'tool_result', step: this.#step, call_id: id, name, is_error, result: {} });
  }

  #carryOut(call: CheckedCall, last_step: number): PipelineEvent | null {
    const { world } = this.#play;
    switch (call.name) {
      case 'inspect_statistical_drift':
      case 'inspect_feature_drift':
      case 'inspect_target_drift':
        return world.inspections === 'work' ? { type: 'inspected', tool: call.name } : null;
      case 'decide_retraining':
        return { type: 'decided', decision: decisionOf(this.state.verdict, call.input) };
      case 'trigger_retrain':
        this.deeds.push({ did: 'train', came: world.training });
        return trainingEvents[world.training](world.version);
      case 'evaluate_model': {
        const { version } = call.input;
        this.deeds.push({ did: 'evaluate', version });
        if (world.evaluation === 'failed') {
          return { type: 'evaluation_failed', code: 'ScoringFailed', detail: 'it broke' };
        }
        const { outcome, gates } = world.evaluation;
        return { type: 'evaluated', version, outcome, gates: [...gates], improvement: null };
      }
      case 'promote_model':
        return this.#putForward(call.input.version, call.input.ask_people);
      case 'write_summary':
        this.deeds.push({ did: 'summarise', cites: call.input.cites, last_step });
        return { type: 'summary_written' };
    }
  }

  #putForward(version: string, askPeople: boolean): PipelineEvent {
    const { evaluation } = this.state;
    const { people, promotion } = this.#play.world;
    if (evaluation?.status !== 'done') throw new Error('The guard let an unevaluated version through.');
    if (approvalNeeded(this.state, evaluation, askPeople)) {
      this.deeds.push({ did: 'ask_people', version, came: people });
      if (people !== 'approved') return { type: 'promotion_ended', status: people, version, detail: '' };
    }
    this.deeds.push({ did: 'promote', version, came: promotion });
    return promotion === 'failed'
      ? { type: 'promotion_failed', version, code: 'MlflowRejected', detail: 'it broke' }
      : { type: 'promotion_ended', status: promotion, version, detail: '' };
  }
}

const trainingEvents: Readonly<Record<World['training'], (version: string) => PipelineEvent>> = {
  succeeded: (version) => ({ type: 'training_succeeded', version }),
  failed: () => ({ type: 'training_failed', code: 'TrainingFailed', detail: 'it broke' }),
  refused: () => ({ type: 'training_refused', reason: 'busy', detail: 'another run trains' }),
};
