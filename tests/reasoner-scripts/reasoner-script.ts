import type { JsonObject, ReplacementCause, RunDetail, RunOutcome, Step } from '@watchtower/contracts';
import type { DefinitionChanges } from '../lab.ts';
import type { RecordedRequest, Script, ScriptedAnswer, SeenRequest } from '../scripted-providers/index.ts';

export const interfaces = ['anthropic', 'openai'] as const;
export type Interface = (typeof interfaces)[number];

/** Stands in the environment of the worker under test, and must be found nowhere else. */
export const key = 'sk-scripted-2b9e61c07d3f48aa-only-here';

/** What a language model or its provider does in a run, and what must come of it. */
export interface ReasonerScript {
  readonly name: string;
  /** For the table of docs/reference/reasoner-scripts.md. */
  readonly story: string;
  readonly answers: Script;
  readonly through: readonly Interface[];
  /** The order of the run; a dry run where it is left out. */
  readonly order?: JsonObject;
  /** The definition's `reasoner`, beside the provider and its address. */
  readonly reasoner?: JsonObject;
  /** @param folder for files that it names */
  readonly definition?: (folder: string) => DefinitionChanges;
  readonly ends: Ending;
  /** What else must be true of it. */
  readonly check?: (told: Told) => void;
}

export interface Ending {
  readonly outcome: RunOutcome;
  /** That reached the provider. */
  readonly requests: number;
  /** Times the model was told what was wrong with its turn; default 0. */
  readonly corrected?: number;
  /** Why the policy reasoner did the rest; default: it did not. */
  readonly replaced?: ReplacementCause;
  /** Codes of the calls that were answered with an error, in order. */
  readonly refused?: readonly string[];
}

/** What a run left behind. */
export interface Told {
  readonly detail: RunDetail;
  readonly steps: readonly Step[];
  readonly requests: readonly RecordedRequest[];
}

/** A script whose answers may look at the conversation. */
export const turns =
  (...answers: readonly (ScriptedAnswer | ((seen: SeenRequest) => ScriptedAnswer))[]): Script =>
  (seen) => {
    const answer = answers[seen.index] ?? {
      status: 400,
      error: { type: 'script_ended', message: `The script has ${answers.length} answers.` },
    };
    return typeof answer === 'function' ? answer(seen) : answer;
  };

const proposal = {
  urgency: 'immediate',
  confidence: 90,
  root_cause: 'x1 and x2 are higher than they were.',
  rationale: 'The inputs are not those the model learned from.',
  strategy: 'full_retrain',
};
const summary = { headline: 'x1 moved', summary: 'What moved was looked at, and decided on.', cites: [2, 3] };

export const say = (text: string, call: string, input: object): ScriptedAnswer => ({
  say: [{ text }, { call, input }],
});
export const look = say('x1 moved most. I look at it.', 'inspect_feature_drift', { column: 'x1' });
export const decide = (changes: object = {}): ScriptedAnswer =>
  say('The inputs moved, so I decide.', 'decide_retraining', { ...proposal, ...changes });
export const sumUp = (changes: object = {}): ScriptedAnswer =>
  say('That is all. I sum up.', 'write_summary', { ...summary, ...changes });

/** A row of the docs' table. */
export function tableRow({ name, story, through, ends }: ReasonerScript): string {
  const { outcome, requests, corrected = 0, replaced, refused = [] } = ends;
  const cells = [
    name,
    through.join(', '),
    story,
    String(requests),
    corrected === 0 ? '' : String(corrected),
    refused.map((code) => `\`${code}\``).join(', '),
    replaced === undefined ? '' : `\`${replaced}\``,
    `\`${outcome}\``,
  ];
  return `| ${cells.join(' | ')} |`;
}
