import { canonicalJson, type ToolCall, type TurnBlock } from '@watchtower/contracts';
import type { ArtifactStore } from '../audit/artifact-store.ts';

/** What one turn may put into Temporal's history: far below its limit of 2 MB a payload. */
export const limits = {
  /** Texts and calls: each is one or two steps. */
  blocks: 24,
  /** Bytes of a text; the whole of a longer one is an artifact. */
  text: 8 * 1024,
  /** Bytes of one call's input as JSON. */
  input: 64 * 1024,
  /** Bytes of all inputs of a turn. */
  inputs: 256 * 1024,
  /** Lists and objects within one another. No tool takes more than six; Postgres and V8 walk them on their stacks. */
  depth: 32,
} as const;

/**
 * Blocks small enough for a step: the beginning of a long text, with the whole of it in the artifact store,
 * and calls whose input is too large or too deep with the problem instead of the input. Where there are too many blocks,
 * the last one says how many were left out.
 */
export async function clipped(
  blocks: readonly TurnBlock[],
  artifacts: Pick<ArtifactStore, 'put'>,
): Promise<TurnBlock[]> {
  const kept: TurnBlock[] = [];
  let inputs = 0;
  const fits = blocks.length <= limits.blocks;
  const taken = fits ? blocks : blocks.slice(0, limits.blocks - 1);
  for (const block of taken) {
    if (block.type === 'text') {
      kept.push(await clippedText(block, artifacts));
      continue;
    }
    const deep = !isWithin(limits.depth, block.call.input);
    const bytes = deep ? 0 : Buffer.byteLength(canonicalJson(block.call.input));
    const problem = deep ? tooDeep : problemOf(bytes, inputs + bytes);
    if (problem === null) {
      inputs += bytes;
      kept.push(block);
    } else {
      kept.push({ type: 'call', call: { ...block.call, input: {}, problem } });
    }
  }
  if (!fits) kept.push(leftOut(blocks.length - taken.length));
  return kept;
}

const leftOut = (count: number): TurnBlock => ({
  type: 'text',
  text: `[Watchtower left out ${count} more texts and calls of this turn: it reads at most ${limits.blocks}.]`,
});

async function clippedText(
  block: Extract<TurnBlock, { readonly type: 'text' }>,
  artifacts: Pick<ArtifactStore, 'put'>,
): Promise<TurnBlock> {
  const content = Buffer.from(block.text);
  if (content.length <= limits.text) return block;
  // A character cut in two at the end is left out.
  const text = new TextDecoder().decode(content.subarray(0, limits.text), { stream: true });
  return { type: 'text', text, artifact: await artifacts.put(content) };
}

const tooDeep = `The input nests more than ${limits.depth} lists and objects. Give what the tool asks for, as it asks for it.`;

const isWithin = (depth: number, value: ToolCall['input']): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((item) => isWithin(depth - 1, item));
};

function problemOf(bytes: number, bytesOfTurn: number): string | null {
  if (bytes > limits.input) {
    return `The input is ${bytes} bytes of JSON; at most ${limits.input} are read. Say it in fewer words.`;
  }
  if (bytesOfTurn > limits.inputs) {
    return `The inputs of this turn are more than ${limits.inputs} bytes of JSON together. Make fewer calls a turn.`;
  }
  return null;
}
