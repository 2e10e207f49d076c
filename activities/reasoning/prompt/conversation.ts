import type { JsonObject, ReasonerInput, TranscriptEntry } from '@watchtower/contracts';
import { callableName } from '../calls.ts';
import { fenced } from './fence.ts';

/**
 * What was said, in the form that both interfaces share: roles alternate, beginning and ending with the
 * user's.
 */
export type Message = AssistantMessage | UserMessage;
export interface AssistantMessage {
  readonly role: 'assistant';
  readonly parts: readonly (
    | { readonly type: 'text'; readonly text: string }
    | { readonly type: 'call'; readonly id: string; readonly name: string; readonly input: JsonObject }
  )[];
}
export interface UserMessage {
  readonly role: 'user';
  /** The answers to all calls of the assistant's message before, in their order. */
  readonly results: readonly { readonly id: string; readonly is_error: boolean; readonly content: string }[];
  readonly texts: readonly string[];
}

export interface Conversation {
  readonly messages: readonly Message[];
  /** Ends the last message. It changes from turn to turn and so is no part of what can be cached. */
  readonly tail: string;
}

/** Of a tool's result, this much is said again in every later turn, in bytes of JSON. */
const largestResult = 24 * 1024;

/**
 * The conversation of a run so far: the evidence first, then turn by turn what was said, called and
 * answered.
 */
export function conversationOf(input: ReasonerInput): Conversation {
  const messages: Message[] = [];
  let user: Mutable<UserMessage> = { role: 'user', results: [], texts: [openingOf(input)] };
  for (const turn of turnsOf(input.transcript)) {
    if (turn.parts.length > 0) {
      messages.push(user, { role: 'assistant', parts: turn.parts });
      user = { role: 'user', results: turn.calls.map(resultOf), texts: [] };
    }
    user.texts.push(...turn.corrections);
    if (user.results.length + user.texts.length === 0) user.texts.push('Go on: call a tool.');
  }
  return { messages: [...messages, user], tail: tailOf(input) };
}

type Mutable<M extends UserMessage> = { role: 'user'; results: M['results'][number][]; texts: string[] };
type Call = Extract<AssistantMessage['parts'][number], { readonly type: 'call' }>;
type Result = Extract<TranscriptEntry, { readonly type: 'tool_result' }>;

interface MadeCall {
  readonly call: Call;
  /** Its id in the transcript. */
  readonly said: string;
  readonly problem: string | undefined;
  answer: Result | null;
}
interface Turn {
  readonly number: number | null;
  readonly parts: AssistantMessage['parts'][number][];
  readonly calls: MadeCall[];
  readonly corrections: string[];
}

/** Results stand between the calls of a turn in the log; here they come after all of them. */
function turnsOf(transcript: readonly TranscriptEntry[]): readonly Turn[] {
  const turns: Turn[] = [];
  const open: MadeCall[] = [];
  const ids = new Set<string>();
  const current = (number: number | null): Turn => {
    const last = turns.at(-1);
    if (last !== undefined && (number === null || last.number === number)) return last;
    const turn: Turn = { number, parts: [], calls: [], corrections: [] };
    turns.push(turn);
    return turn;
  };
  for (const entry of transcript) {
    switch (entry.type) {
      case 'reasoning': {
        const { text, turn } = entry;
        // Neither interface takes a text of blanks.
        if (text.trim() !== '') current(turn).parts.push({ type: 'text', text });
        break;
      }
      case 'tool_call': {
        const { id, name, input, problem } = entry.call;
        const call: Call = {
          type: 'call',
          id: freshId(id, ids),
          name: callableName(name),
          input: isObject(input) ? input : {},
        };
        const made: MadeCall = { call, said: id, problem, answer: null };
        const turn = current(entry.turn);
        turn.parts.push(call);
        turn.calls.push(made);
        open.push(made);
        break;
      }
      case 'tool_result': {
        const made = open.find(({ said, answer }) => said === entry.call_id && answer === null);
        if (made !== undefined) made.answer = entry;
        break;
      }
      case 'correction':
        if (entry.text.trim() !== '') current(null).corrections.push(entry.text);
        break;
    }
  }
  return turns;
}

/** Ids of ours are unique already; whatever else a log may hold, a conversation has each id once. */
function freshId(id: string, ids: Set<string>): string {
  const fits = /^[A-Za-z0-9_-]{1,40}$/.test(id) && !ids.has(id);
  let fresh = fits ? id : `call_${ids.size + 1}`;
  while (ids.has(fresh)) fresh = `${fresh}x`;
  ids.add(fresh);
  return fresh;
}

function resultOf({ call, problem, answer }: MadeCall): UserMessage['results'][number] {
  if (answer === null) {
    const message = problem ?? 'This call was not carried out.';
    return { id: call.id, is_error: true, content: fenced(call.name, { message }) };
  }
  const { is_error, result, step } = answer;
  return { id: call.id, is_error, content: fenced(call.name, shortened(result), step) };
}

function shortened(result: JsonObject): unknown {
  const json = JSON.stringify(result);
  const bytes = Buffer.byteLength(json);
  if (bytes <= largestResult) return result;
  const beginning = Buffer.from(json).subarray(0, largestResult);
  return {
    beginning: new TextDecoder().decode(beginning, { stream: true }),
    bytes_left_out: bytes - largestResult,
  };
}

function openingOf({ run_id, evidence, evidence_steps, state }: ReasonerInput): string {
  const kind = evidence.dry_run
    ? 'a dry run: nothing outside may be changed, and acting is refused'
    : 'a real run';
  return [
    `This is run ${run_id} of model ${JSON.stringify(evidence.model)}, ${kind}. The evidence, which steps ` +
      `${evidence_steps.join(', ')} hold:`,
    fenced('evidence', evidence),
    'What the rules make of it:',
    fenced('verdict', state.verdict),
    `Promotions by people: ${state.approval_required.replaceAll('_', ' ')}.`,
  ].join('\n');
}

function tailOf({ allowed_tools, turn, reasoner }: ReasonerInput): string {
  const allowed = allowed_tools.length === 0 ? 'none' : allowed_tools.join(', ');
  return `Tools allowed now: ${allowed}. This is turn ${turn}; a run has at most ${reasoner.max_turns} turns of yours.`;
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
