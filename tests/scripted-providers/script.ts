/** What a scripted language model does, turn by turn, in the words of neither interface. */

export type ScriptedBlock =
  | { readonly text: string }
  /** Of the Messages API; null is thinking that is not shown. */
  | { readonly thinking: string | null }
  | { readonly call: string; readonly input: object }
  /** The arguments as text, as they are on the wire of Chat Completions: they may be no JSON. */
  | { readonly call: string; readonly text_input: string };

/**
 * A turn that reaches us. The provider's stop reason, and its own counts, are told from the blocks unless
 * given.
 */
export interface SpokenAnswer {
  readonly say: readonly ScriptedBlock[];
  readonly stop?: 'length' | 'refusal';
  /** Tokens as the interface names them; null for an endpoint that counts nothing. */
  readonly usage?: object | null;
  readonly model?: string;
  /** Milliseconds before the answer begins. */
  readonly delay?: number;
  /** What the answer waits for before it begins. */
  readonly held?: Promise<unknown>;
}

/** What may come instead of one. */
export type ScriptedFailure =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly error?: {
        readonly type?: string;
        readonly message?: string;
        readonly [field: string]: unknown;
      };
    }
  /** Bytes that are no answer of the interface. */
  | { readonly body: string; readonly status?: number; readonly content_type?: string }
  /** The connection breaks before a byte was sent, or in the middle of the body. */
  | { readonly drop: 'at once' | 'within the body' }
  /** Begins in time and goes on so slowly that it does not end. */
  | { readonly trickle: true };

export type ScriptedAnswer = SpokenAnswer | ScriptedFailure;

/** A tool's result as it stands in a request: what our side said of the call that the script made. */
export interface SeenResult {
  readonly id: string;
  readonly name: string;
  readonly is_error: boolean;
  readonly data: unknown;
}

/** What a script may look at before it answers. */
export interface SeenRequest {
  /** Counts the requests that were answered by the script, from 0. */
  readonly index: number;
  /** The whole request body. */
  readonly body: unknown;
  /** Results of all calls so far, in order. */
  readonly results: readonly SeenResult[];
  /** What the user's side said last. */
  readonly last: string;
}

/** A list of answers, used up in order, or a function for language models that react (or never stop). */
export type Script = readonly ScriptedAnswer[] | ((request: SeenRequest) => ScriptedAnswer);

export function nextAnswer(script: Script, request: SeenRequest): ScriptedAnswer {
  if (typeof script === 'function') return script(request);
  const answer = script[request.index];
  if (answer !== undefined) return answer;
  const message = `The script has ${script.length} answers and was asked for number ${request.index + 1}.`;
  return { status: 400, error: { type: 'script_ended', message } };
}

/** The JSON inside `<data …>` and `</data>`; the text itself where there is no fence. */
export function fencedData(text: string): unknown {
  const inside = /<data [^>]*>\n([^\n]*)\n<\/data>/.exec(text)?.[1];
  return inside === undefined ? text : (JSON.parse(inside) as unknown);
}

/** The last result of a tool, which a script that goes on from it cannot do without. */
export function lastResult(results: readonly SeenResult[], name: string): SeenResult {
  const found = results.findLast((result) => result.name === name);
  if (found === undefined) throw new Error(`The conversation holds no result of ${name}.`);
  return found;
}
