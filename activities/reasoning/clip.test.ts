import { describe, expect, test } from '@jest/globals';
import type { ToolCall, TurnBlock } from '@watchtower/contracts';
import { sha256 } from '@watchtower/contracts/digest';
import fc from 'fast-check';
import { clipped, limits } from './clip.ts';

const store = () => {
  const kept = new Map<string, string>();
  const put = async (content: string | Uint8Array) => {
    const name = sha256(content);
    kept.set(name, Buffer.from(content).toString('utf8'));
    return name;
  };
  return { kept, put };
};
const call = (id: string, bytes: number): TurnBlock => ({
  type: 'call',
  call: { id, name: 'write_summary', input: { summary: 'x'.repeat(bytes) } },
});

describe('what a turn puts into the history', () => {
  test('is left alone while it is small', async () => {
    const blocks: TurnBlock[] = [{ type: 'text', text: 'It moved.' }, call('turn_1_1', 100)];
    const artifacts = store();
    await expect(clipped(blocks, artifacts)).resolves.toEqual(blocks);
    expect(artifacts.kept.size).toBe(0);
  });

  test('is the beginning of a long text, with the whole of it in the store', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), async (unit) => {
        const text = unit.repeat(Math.ceil((limits.text * 1.5) / Buffer.byteLength(unit)));
        const artifacts = store();
        const [block] = await clipped([{ type: 'text', text }], artifacts);
        if (block?.type !== 'text' || block.artifact === undefined) throw new Error('It was not clipped.');
        expect(Buffer.byteLength(block.text)).toBeLessThanOrEqual(limits.text);
        expect(text.startsWith(block.text)).toBe(true);
        expect(artifacts.kept.get(block.artifact)).toBe(text);
      }),
      { numRuns: 50 },
    );
  });

  test('is no input that is too large, but what is wrong with it', async () => {
    const [large] = await clipped([call('turn_1_1', limits.input)], store());
    expect(large).toMatchObject({
      call: { id: 'turn_1_1', input: {}, problem: expect.stringContaining('at most 65536') },
    });
  });

  test.each([
    ['lists', (inner: ToolCall['input']): ToolCall['input'] => [inner]],
    ['objects', (inner: ToolCall['input']): ToolCall['input'] => ({ inner })],
  ])('is no input of %s within one another that nobody could walk', async (_, within) => {
    const nested = (depth: number): TurnBlock => {
      let input: ToolCall['input'] = 1;
      for (let level = 0; level < depth; level += 1) input = within(input);
      return { type: 'call', call: { id: 'turn_1_1', name: 'write_summary', input } };
    };
    const most = nested(limits.depth);
    await expect(clipped([most], store())).resolves.toEqual([most]);
    for (const depth of [limits.depth + 1, 20_000]) {
      await expect(clipped([nested(depth)], store())).resolves.toMatchObject([
        { call: { input: {}, problem: expect.stringContaining('nests more than 32') } },
      ]);
    }
  });

  test('stays far below what Temporal takes, however much a language model writes', async () => {
    const many = Array.from({ length: 200 }, (_, index) => call(`turn_1_${index}`, 60_000));
    const texts = Array.from({ length: 10 }, (): TurnBlock => ({ type: 'text', text: 'y'.repeat(100_000) }));
    const blocks = await clipped([...texts, ...many], store());
    expect(blocks).toHaveLength(limits.blocks);
    expect(Buffer.byteLength(JSON.stringify(blocks))).toBeLessThan(600_000);
    expect(blocks.at(-2)).toMatchObject({ call: { problem: expect.stringContaining('fewer calls') } });
    expect(blocks.at(-1)).toMatchObject({ text: expect.stringContaining('left out 187 more') });
  });
});
