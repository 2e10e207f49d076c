import type {
  PipelineState,
  ReasonerSettings,
  ReasonerTurn,
  ReasoningUsage,
  ReasonRequest,
  RunId,
  ToolCall,
  TurnMark,
} from '@watchtower/contracts';
import {
  advance,
  allowedTools,
  type CheckedCall,
  factsInWords,
  type GuardAnswer,
  guard,
  mostPolicyTurns,
  nothingSpent,
  policySettings,
  type Refusal,
  replacementOnTurn,
  spendTurn,
  turnProblem,
} from '@watchtower/policy';
import type { Replacement } from './ask-reasoner.ts';
import type { GatheredEvidence } from './evidence.ts';
import type { Pen, RecordedSummary, StepEntry } from './pen.ts';
import type { ActingCall } from './tools/run-tool.ts';
import type { ToolAnswer } from './tools/toolbox.ts';
import { callStep, resultStep, textStep, textSteps, turnMark } from './turn-steps.ts';

/** A run as the loop sees it. What is asked, done and written lies behind these: the loop itself only decides what is next. */
export interface ReasonedRun {
  readonly run_id: RunId;
  /** Who reasons first. */
  readonly reasoner: ReasonerSettings;
  readonly gathered: Pick<GatheredEvidence, 'evidence' | 'steps'>;
  readonly pen: Pick<Pen, 'state' | 'write'>;
  /** One turn of a reasoner, or why another takes over. */
  readonly ask: (request: ReasonRequest) => Promise<ReasonerTurn | Replacement>;
  /** Carries out a call that the guard has allowed. */
  readonly carryOut: (state: PipelineState, call: ActingCall) => Promise<ToolAnswer>;
}

export interface Reasoned {
  readonly state: PipelineState;
  readonly summary: RecordedSummary;
  /** Steps that belong before the summary and are written with it. */
  readonly unwritten: readonly StepEntry[];
  readonly reasoning: ReasoningUsage;
}

/**
 * The reasoner sees the evidence and the tools allowed now, and picks; the guard decides; a tool is carried out; until
 * the summary. A reasoner that breaks down, stops early, does not make itself understood or has spent what it may is
 * replaced by the policy reasoner (docs/decisions/0004-the-agent.md).
 */
export class ReasoningLoop {
  readonly #run: ReasonedRun;
  readonly #begin: number;
  /** What has happened so far, also where the loop is broken off. */
  state: PipelineState;
  #reasoner: ReasonerSettings;
  #turn = 0;
  #usage: ReasoningUsage = nothingSpent;
  /** What was wrong with the turn before, which the reasoner has been told. */
  #corrected = false;

  constructor(run: ReasonedRun, state: PipelineState) {
    this.#run = run;
    this.#begin = run.pen.state.next - 1;
    this.state = state;
    this.#reasoner = run.reasoner;
  }

  get evidence_steps(): number[] {
    return [...this.#run.gathered.steps];
  }

  async run(): Promise<Reasoned> {
    const first = await this.#untilSummary();
    if ('summary' in first) return first;
    await this.#replace(first);
    const second = await this.#untilSummary();
    if ('summary' in second) return second;
    throw new Error('The policy reasoner came to no end; see the steps of the run.');
  }

  async #untilSummary(): Promise<Reasoned | Replacement> {
    const { name, max_turns: allowed } = this.#reasoner;
    // The policy reasoner always ends, however few turns a language model is allowed.
    const max_turns = name === 'policy' ? Math.max(allowed, mostPolicyTurns) : allowed;
    for (let turns = 0; turns < max_turns; turns += 1) {
      const answer = await this.#ask();
      if ('cause' in answer) return answer;
      const ended = await this.#act(answer);
      if (ended) return ended;
    }
    return { cause: 'turns_spent', detail: `It has had its ${max_turns} turns.` };
  }

  async #ask(): Promise<ReasonerTurn | Replacement> {
    const { run_id, gathered, pen, ask } = this.#run;
    this.#turn += 1;
    const answer = await ask({
      run_id,
      reasoner: this.#reasoner,
      turn: this.#turn,
      evidence: gathered.evidence,
      evidence_steps: [...gathered.steps],
      state: this.state,
      after_step: this.#begin,
      through_step: pen.state.next - 1,
      allowed_tools: allowedTools(this.state),
      spent: { tokens: this.#usage.tokens, cost: this.#usage.cost },
    });
    if (!('cause' in answer)) this.#usage = spendTurn(this.#usage, answer);
    return answer;
  }

  /** Writes the texts before the calls they explain, and carries the calls out in order. */
  async #act(turn: ReasonerTurn): Promise<Reasoned | Replacement | null> {
    const mark = turnMark(turn, this.#turn, this.#reasoner.name);
    const refusals: Refusal[] = [];
    let before: StepEntry[] = [];
    // What a provider broke off is not acted on.
    const blocks = turn.stop === 'refusal' ? turn.blocks.filter(({ type }) => type === 'text') : turn.blocks;
    for (const [index, block] of blocks.entries()) {
      if (block.type === 'text') {
        before.push(textStep(block, mark));
        continue;
      }
      const entries = [...before, callStep(block.call, mark)];
      before = [];
      const answer = this.#guard(block.call, blocks.slice(0, index), blocks.slice(index + 1));
      if (answer.allowed && answer.call.name === 'write_summary') {
        // What was said after it is not lost.
        return this.#end(answer.call, [...entries, ...textSteps(blocks.slice(index + 1), mark)]);
      }
      await this.#write(entries);
      if (!answer.allowed) refusals.push(answer);
      await this.#carryOut(block.call, answer);
    }
    if (before.length > 0) await this.#write(before);
    return this.#heed(turn, refusals, mark);
  }

  #guard(call: ToolCall, before: ReasonerTurn['blocks'], after: ReasonerTurn['blocks']): GuardAnswer {
    const last_step = this.#run.pen.state.next - 1;
    return guard(this.state, call, {
      last_step,
      calls_before: callsOf(before),
      calls_after: callsOf(after),
    });
  }

  async #carryOut(call: ToolCall, answer: GuardAnswer): Promise<void> {
    const outcome =
      answer.allowed && answer.call.name !== 'write_summary'
        ? await this.#run.carryOut(this.state, answer.call)
        : { result: refusal(answer), is_error: true, event: null };
    if (outcome.event) this.state = advance(this.state, outcome.event);
    await this.#run.pen.write([resultStep(call, outcome.result, outcome.is_error)]);
  }

  /** A turn that could not be understood is answered once with what was wrong; the next one in a row is one too many. */
  async #heed(turn: ReasonerTurn, refusals: readonly Refusal[], mark: TurnMark): Promise<Replacement | null> {
    const problem = turnProblem(turn, refusals);
    const cause = replacementOnTurn(turn, problem, this.#corrected);
    this.#corrected = problem !== null;
    const text = problem?.correction ?? 'The provider refused to answer.';
    if (cause !== null) return { cause, detail: text, mark };
    if (problem !== null) {
      await this.#write([
        {
          kind: 'status',
          name: 'reasoner_corrected',
          message: text.slice(0, 2000),
          payload: { text, turn: { ...mark } },
        },
      ]);
    }
    return null;
  }

  async #replace({ cause, detail, code, mark }: Replacement): Promise<void> {
    const { name } = this.#reasoner;
    const message = `Reasoner ${name} is replaced by the policy reasoner (${cause.replace('_', ' ')}): ${detail}`;
    await this.#write([
      {
        kind: 'status',
        name: 'reasoner_replaced',
        message: message.slice(0, 2000),
        payload: {
          reasoner: name,
          cause,
          detail,
          turns: this.#usage.turns,
          ...(code && { code }),
          ...(mark && { turn: { ...mark } }),
        },
      },
    ]);
    this.#reasoner = policySettings(this.#reasoner);
    this.#corrected = false;
  }

  #end(call: Extract<CheckedCall, { readonly name: 'write_summary' }>, unwritten: StepEntry[]): Reasoned {
    this.state = advance(this.state, { type: 'summary_written' });
    const summary = { ...call.input, reasoner: this.#reasoner.name, facts: factsInWords(this.state) };
    return { state: this.state, summary, unwritten, reasoning: this.#usage };
  }

  /** With the steps of a turn goes what reasoning has cost so far. */
  #write(entries: readonly StepEntry[]): Promise<readonly number[]> {
    return this.#run.pen.write(entries, { reasoning: this.#usage });
  }
}

const callsOf = (blocks: ReasonerTurn['blocks']): number =>
  blocks.filter(({ type }) => type === 'call').length;

const refusal = (answer: GuardAnswer) =>
  answer.allowed ? {} : { error: answer.code, message: answer.reason };
