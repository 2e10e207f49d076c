import type {
  Evidence,
  PipelineState,
  ReasonerTurn,
  ReplacementCause,
  ToolCall,
  TranscriptEntry,
} from '@watchtower/contracts';
import { type GuardAnswer, guard } from '../guard.ts';
import { advance, initialState, type PipelineEvent } from '../pipeline-state.ts';
import { policyReasoner } from '../policy-reasoner.ts';
import type { Refusal } from '../refusal.ts';
import { replacementOnTurn } from '../replacement.ts';
import type { CheckedCall } from '../tool-call.ts';
import { turnProblem } from '../turn-problem.ts';
import { verdictOf } from '../verdict.ts';
import { carriedOut, type Deed, type World } from './carried-out.ts';
import { reasonerInput } from './reasoner-input.ts';

/** A turn of a reasoner that stands in for a language model. */
export type ModelTurn = Pick<ReasonerTurn, 'blocks' | 'stop'>;

export interface Play {
  readonly evidence: Evidence;
  readonly approval_required: PipelineState['approval_required'];
  readonly model: readonly ModelTurn[];
  readonly max_turns: number;
  readonly world: World;
}

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
    if (call.name === 'write_summary') {
      this.deeds.push({ did: 'summarise', cites: call.input.cites, last_step });
      return { type: 'summary_written' };
    }
    const { deeds, event } = carriedOut(this.#play.world, this.state, call);
    this.deeds.push(...deeds);
    return event;
  }
}
