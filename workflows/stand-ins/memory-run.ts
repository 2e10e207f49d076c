import type { RecordChanges } from '@watchtower/activities';
import {
  genesisHash,
  noTokens,
  type ReasonerInput,
  type ReasonerSettings,
  type ReasonerTurn,
  type ReasonRequest,
  type StopReason,
  type TranscriptEntry,
  type TurnBlock,
  toolCall,
  turnMark,
} from '@watchtower/contracts';
import { type CheckedCall, decisionOf, policyReasoner } from '@watchtower/policy';
import type { Replacement } from '../ask-reasoner.ts';
import type { StepEntry } from '../pen.ts';
import type { ReasonedRun } from '../reasoning-loop.ts';
import type { ToolAnswer } from '../tools/toolbox.ts';

interface WrittenStep extends StepEntry {
  readonly number: number;
}

/** What stands in for a language model: its next turn, or why it gives none. */
export type Spoken = Pick<ReasonerTurn, 'blocks' | 'stop'> | Replacement;

/**
 * A run in memory: a language model that follows a script, then the real policy reasoner; the
 * real decision; inspections and trainings that work.
 */
export class MemoryRun implements ReasonedRun {
  readonly run_id;
  readonly reasoner: ReasonerSettings;
  readonly gathered;
  readonly requests: ReasonRequest[] = [];
  /** Calls carried out, in order. */
  readonly done: string[] = [];
  /** The steps of evidence are written already. */
  readonly steps: WrittenStep[] = [1, 2, 3].map((number) => ({
    number,
    kind: 'evidence',
    name: 'evidence',
    message: '',
  }));
  readonly changes: RecordChanges[] = [];
  readonly #script: Spoken[];
  readonly #state;

  /** @param first what a reasoner is asked at the beginning of such a run */
  constructor(first: ReasonRequest, script: readonly Spoken[]) {
    const { run_id, reasoner, evidence, evidence_steps: steps, state } = first;
    this.run_id = run_id;
    this.reasoner = reasoner;
    this.gathered = { evidence, steps };
    this.#state = state;
    this.#script = [...script];
  }

  get begin() {
    return this.#state;
  }

  readonly pen: ReasonedRun['pen'] = {
    state: { next: 4, head: genesisHash },
    write: async (entries, changes) => {
      const numbers = entries.map((entry) => {
        const number = this.steps.length + 1;
        this.steps.push({ ...entry, number });
        return number;
      });
      Object.assign(this.pen.state, { next: this.steps.length + 1 });
      if (changes) this.changes.push(changes);
      return numbers;
    },
  };

  readonly ask = async (request: ReasonRequest): Promise<ReasonerTurn | Replacement> => {
    this.requests.push(request);
    if (request.reasoner.name === 'policy') {
      const input: ReasonerInput = { ...request, transcript: this.#transcript() };
      return turnOf(policyReasoner(input), 0);
    }
    const spoken = this.#script.shift() ?? { blocks: [], stop: 'end' };
    return 'cause' in spoken ? spoken : turnOf(spoken, 100);
  };

  readonly carryOut: ReasonedRun['carryOut'] = async (state, call) => {
    this.done.push(call.name);
    const [number = 0] =
      call.name === 'decide_retraining'
        ? await this.pen.write([{ kind: 'evidence', name: 'retraining_decided', message: '' }])
        : [];
    return { result: { step: number }, is_error: false, event: eventOf(state.verdict, call) };
  };

  /** Kind and name of the steps the loop wrote. */
  get written(): string[] {
    return this.steps.slice(3).map(({ kind, name }) => `${kind} ${name}`);
  }

  #transcript(): TranscriptEntry[] {
    return this.steps.flatMap(({ kind, number: step, payload = {} }): TranscriptEntry[] => {
      if (kind !== 'tool_call') return [];
      const { number: turn, reasoner } = turnMark.parse(payload.turn);
      const call = toolCall.parse({ id: payload.call_id, name: payload.tool, input: payload.input });
      return [{ type: 'tool_call', step, turn, reasoner, call }];
    });
  }
}

function eventOf(
  verdict: Parameters<typeof decisionOf>[0],
  call: Exclude<CheckedCall, { readonly name: 'write_summary' }>,
): ToolAnswer['event'] {
  switch (call.name) {
    case 'inspect_statistical_drift':
    case 'inspect_feature_drift':
    case 'inspect_target_drift':
      return { type: 'inspected', tool: call.name };
    case 'decide_retraining':
      return { type: 'decided', decision: decisionOf(verdict, call.input) };
    case 'trigger_retrain':
      return { type: 'training_refused', reason: 'busy', detail: 'Another run trains.' };
    case 'evaluate_model':
    case 'promote_model':
      throw new Error(`No version was trained for ${call.name}.`);
  }
}

const turnOf = ({ blocks, stop }: Pick<ReasonerTurn, 'blocks' | 'stop'>, output: number): ReasonerTurn => ({
  blocks,
  stop,
  model_id: output === 0 ? null : 'claude-sonnet-5-5',
  request_id: null,
  tokens: { ...noTokens, output },
  cost: output / 1000,
  exchange: null,
});

/** A turn of texts and calls in their order. */
export const turn = (
  stop: StopReason,
  ...parts: readonly (string | readonly [string, object])[]
): Spoken => ({
  stop,
  blocks: parts.map((part, index): TurnBlock => {
    if (typeof part === 'string') return { type: 'text', text: part };
    const [name, input] = part;
    return { type: 'call', call: { id: `call_${index}`, name, input: { ...input } } };
  }),
});
