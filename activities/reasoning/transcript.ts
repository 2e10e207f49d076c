import {
  digest,
  jsonObject,
  type ReasonRequest,
  reasonerName,
  type TranscriptEntry,
  WatchtowerError,
} from '@watchtower/contracts';
import { z } from 'zod';
import type { ActivityContext } from '../context.ts';

/** Of a text that stands in the artifact store, this much is read, in bytes. */
const longestText = 64 * 1024;

type Stores = Pick<ActivityContext, 'artifacts' | 'database'>;

/**
 * What was said and done in a run up to a step, from its steps alone: they are immutable, so a repeated
 * attempt sees the same conversation, and nothing can be said to a language model that the audit log does
 * not hold.
 *
 * @throws WatchtowerError `Internal` on a step that no workflow of ours writes
 */
export async function readTranscript(
  { artifacts, database }: Stores,
  { run_id, after_step, through_step }: Pick<ReasonRequest, 'run_id' | 'after_step' | 'through_step'>,
): Promise<readonly TranscriptEntry[]> {
  const rows = await database.step.findMany({
    where: {
      run_id,
      number: { gt: after_step, lte: through_step },
      OR: [{ kind: { in: ['reasoning', 'tool_call', 'tool_result'] } }, { name: 'reasoner_corrected' }],
    },
    orderBy: { number: 'asc' },
    select: { number: true, kind: true, name: true, payload: true },
  });
  return Promise.all(rows.map((row) => entryOf(row, (payload) => wholeText(payload, artifacts))));
}

/**
 * Of a text whose rest is gone from the store, what the step holds: a run is not to fail for it. Exported for tests.
 *
 * @throws WatchtowerError what reading fails with otherwise
 */
export async function wholeText(
  { text, artifact }: { readonly text: string; readonly artifact?: unknown },
  artifacts: Pick<ActivityContext['artifacts'], 'read'>,
): Promise<string> {
  if (artifact === undefined) return text;
  try {
    return beginning(await artifacts.read(digest.parse(artifact)));
  } catch (error) {
    if (error instanceof WatchtowerError && error.code === 'ArtifactMissing') return text;
    throw error;
  }
}

export interface StepRow {
  readonly number: number;
  readonly kind: string;
  readonly name: string;
  readonly payload: unknown;
}

/** A step's entry. Exported for tests. */
export async function entryOf(
  row: StepRow,
  wholeText: (payload: { readonly text: string; readonly artifact?: unknown }) => Promise<string>,
): Promise<TranscriptEntry> {
  const read = written.safeParse(row);
  if (!read.success) {
    throw new WatchtowerError(
      'Internal',
      `Step ${row.number} (${row.kind} ${row.name}) is not of the form that a reasoner's conversation is built from: ` +
        `${z.prettifyError(read.error).split('\n')[0]}. Look at it with \`watchtower audit verify\`.`,
    );
  }
  const { data } = read;
  const step = data.number;
  switch (data.kind) {
    case 'reasoning': {
      const { number: turn, reasoner } = data.payload.turn;
      return { type: 'reasoning', step, turn, reasoner, text: await wholeText(data.payload) };
    }
    case 'tool_call': {
      const { call_id: id, tool, input, problem, turn } = data.payload;
      const call = { id, name: tool ?? data.name, input, ...(problem !== undefined && { problem }) };
      return { type: 'tool_call', step, turn: turn.number, reasoner: turn.reasoner, call };
    }
    case 'tool_result': {
      const { call_id, tool, is_error, result } = data.payload;
      return { type: 'tool_result', step, call_id, name: tool ?? data.name, is_error, result };
    }
    case 'status':
      return { type: 'correction', step, text: data.payload.text };
  }
}

/** Of a turn's mark, what the conversation needs. */
const mark = z.object({ number: z.int(), reasoner: reasonerName });
const header = { number: z.int(), name: z.string() };
const written = z.discriminatedUnion('kind', [
  z.object({
    ...header,
    kind: z.literal('reasoning'),
    payload: z.object({ text: z.string(), artifact: z.string().optional(), turn: mark }),
  }),
  z.object({
    ...header,
    kind: z.literal('tool_call'),
    payload: z.object({
      call_id: z.string(),
      tool: z.string().optional(),
      input: z.json(),
      problem: z.string().optional(),
      turn: mark,
    }),
  }),
  z.object({
    ...header,
    kind: z.literal('tool_result'),
    payload: z.object({
      call_id: z.string(),
      tool: z.string().optional(),
      is_error: z.boolean(),
      result: jsonObject,
    }),
  }),
  z.object({ ...header, kind: z.literal('status'), payload: z.object({ text: z.string() }) }),
]);

function beginning(content: Uint8Array): string {
  // A character cut in two at the end becomes nothing, not a replacement character.
  return new TextDecoder().decode(content.subarray(0, longestText), { stream: true });
}
