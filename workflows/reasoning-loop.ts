import type {
  JsonObject,
  PipelineState,
  ReasonerTurn,
  ReasonRequest,
  ToolCall,
  TranscriptEntry,
} from '@watchtower/contracts';
import { advance, allowedTools, type CheckedCall, guard } from '@watchtower/policy';
import { reasoning } from './activities.ts';
import { failureOf } from './failure-of.ts';
import type { StepEntry } from './pen.ts';
import { runTool } from './tools/run-tool.ts';
import type { Toolbox } from './tools/toolbox.ts';

type SummaryCall = Extract<CheckedCall, { readonly name: 'write_summary' }>;
type Reasoner = ReasonRequest['reasoner'];

export interface Reasoned {
  readonly state: PipelineState;
  readonly summary: SummaryCall['input'] & { readonly reasoner: Reasoner };
  /** Steps that belong before the summary and are written with it. */
  readonly unwritten: readonly StepEntry[];
}

/** The policy reasoner asks for each tool once at most; this is far more than it can need. */
const policyTurns = 20;

/**
 * The reasoner sees the evidence and the tools allowed now, and picks; the guard decides; a tool is carried out; until the
 * summary. A reasoner that breaks down, stops early or runs out of turns is replaced by the policy reasoner.
 */
export class ReasoningLoop {
  readonly #toolbox: Toolbox;
  readonly #transcript: TranscriptEntry[] = [];
  /** What has happened so far, also where the loop is broken off. */
  state: PipelineState;
  #reasoner: Reasoner;
  #turn = 0;

  constructor(toolbox: Toolbox, state: PipelineState, reasoner: Reasoner) {
    this.#toolbox = toolbox;
    this.state = state;
    this.#reasoner = reasoner;
  }

  async run(): Promise<Reasoned> {
    const { max_turns } = this.#toolbox.context;
    for (let left = max_turns; left > 0; left -= 1) {
      const answer = await this.#ask();
      const done = answer === null ? null : await this.#act(answer);
      if (done) return done;
      if (answer === null || answer.stopped || answer.calls.length === 0) break;
    }
    return this.#policyAlone();
  }

  /** The rest of the run by the policy reasoner, which always ends. */
  async #policyAlone(): Promise<Reasoned> {
    await this.#toolbox.pen.write([
      {
        kind: 'status',
        name: 'reasoner_replaced',
        message: `Reasoner ${this.#reasoner} ended without a summary; the policy reasoner does the rest.`,
        payload: { reasoner: this.#reasoner, turns: this.#turn },
      },
    ]);
    this.#reasoner = 'policy';
    for (let left = policyTurns; left > 0; left -= 1) {
      const answer = await this.#ask();
      const done = answer === null ? null : await this.#act(answer);
      if (done) return done;
    }
    throw new Error('The policy reasoner came to no end; see the steps of the run.');
  }

  /** One turn; null where the reasoner broke down. */
  async #ask(): Promise<ReasonerTurn | null> {
    this.#turn += 1;
    const { context, gathered } = this.#toolbox;
    try {
      return await reasoning.reason.executeWithOptions(
        { summary: `Turn ${this.#turn} of reasoner ${this.#reasoner}` },
        [
          {
            run_id: context.run_id,
            reasoner: this.#reasoner,
            turn: this.#turn,
            evidence: gathered.evidence,
            evidence_steps: [...gathered.steps],
            state: this.state,
            transcript: this.#transcript,
            allowed_tools: allowedTools(this.state),
          },
        ],
      );
    } catch (error) {
      if (this.#reasoner === 'policy') throw error;
      const { code, message } = failureOf(error);
      await this.#toolbox.pen.write([
        {
          kind: 'status',
          name: 'reasoner_failed',
          message: `Reasoner ${this.#reasoner} broke down: ${message}`.slice(0, 2000),
          payload: { code },
        },
      ]);
      return null;
    }
  }

  /** Writes the texts before the calls they explain, and carries the calls out in order. */
  async #act({ texts, calls }: ReasonerTurn): Promise<Reasoned | null> {
    let before: StepEntry[] = texts.map((text) => ({
      kind: 'reasoning',
      name: this.#reasoner,
      message: text.slice(0, 2000),
      payload: { text },
    }));
    let spoken = texts;
    for (const call of calls) {
      const answer = guard(this.state, call);
      const entries: StepEntry[] = [...before, callStep(call)];
      before = [];
      if (answer.allowed && answer.call.name === 'write_summary') {
        this.state = advance(this.state, { type: 'summary_written' });
        return {
          state: this.state,
          summary: { ...answer.call.input, reasoner: this.#reasoner },
          unwritten: entries,
        };
      }
      const numbers = await this.#toolbox.pen.write(entries);
      this.#remember(spoken, numbers, call);
      spoken = [];
      await this.#carryOut(call, answer);
    }
    if (before.length > 0) this.#remember(spoken, await this.#toolbox.pen.write(before), null);
    return null;
  }

  async #carryOut(call: ToolCall, answer: ReturnType<typeof guard>): Promise<void> {
    const outcome =
      answer.allowed && answer.call.name !== 'write_summary'
        ? await runTool(this.#toolbox, this.state, answer.call)
        : { result: refusal(answer), is_error: true, event: null };
    if (outcome.event) this.state = advance(this.state, outcome.event);
    const message = outcome.is_error ? `${call.name}: ${textOf(outcome.result)}` : `${call.name} answered.`;
    const [step = 0] = await this.#toolbox.pen.write([
      {
        kind: 'tool_result',
        name: call.name.slice(0, 100) || 'unnamed',
        message: message.slice(0, 2000),
        payload: { call_id: call.id, is_error: outcome.is_error, result: outcome.result },
      },
    ]);
    this.#transcript.push({
      type: 'tool_result',
      step,
      call_id: call.id,
      name: call.name,
      is_error: outcome.is_error,
      result: outcome.result,
    });
  }

  #remember(texts: readonly string[], numbers: readonly number[], call: ToolCall | null): void {
    texts.forEach((text, index) => {
      this.#transcript.push({ type: 'reasoning', step: numbers[index] ?? 0, text });
    });
    if (call) this.#transcript.push({ type: 'tool_call', step: numbers.at(-1) ?? 0, call });
  }
}

const callStep = (call: ToolCall): StepEntry => ({
  kind: 'tool_call',
  name: call.name.slice(0, 100) || 'unnamed',
  message: `Call ${call.name}`.slice(0, 2000),
  payload: { call_id: call.id, input: call.input },
});

const refusal = (answer: ReturnType<typeof guard>) =>
  answer.allowed ? {} : { error: answer.code, message: answer.reason };

function textOf({ message, detail }: JsonObject): string {
  if (typeof message === 'string') return message;
  return typeof detail === 'string' ? detail : 'failed';
}
