import { expect, test } from '@jest/globals';
import { turnMark } from '@watchtower/contracts';
import { initialState, verdictOf } from '@watchtower/policy';
import fc from 'fast-check';
import { arbitraryPlay } from '../packages/policy/testing/arbitrary-run.ts';
import { carriedOut, type Deed } from '../packages/policy/testing/carried-out.ts';
import type { Play } from '../packages/policy/testing/simulated-run.ts';
import { exampleRequest } from '../tests/scripted-providers/index.ts';
import { type ReasonedRun, ReasoningLoop } from './reasoning-loop.ts';
import { MemoryRun } from './stand-ins/memory-run.ts';

/** The loop that runs in Temporal, with whatever a language model says and whatever comes of it. */
async function played({ evidence, approval_required, model, max_turns, world }: Play) {
  const { dry_run } = evidence;
  const first = exampleRequest({ reasoner: { max_turns } });
  const state = initialState({ dry_run, verdict: verdictOf(evidence), approval_required });
  const run = new MemoryRun({ ...first, evidence, state }, model);
  const deeds: Deed[] = [];
  const carryOut: ReasonedRun['carryOut'] = async (now, call) => {
    const { deeds: done, event } = carriedOut(world, now, call);
    deeds.push(...done);
    return { result: {}, is_error: event === null, event };
  };
  const { run_id, reasoner, gathered, pen, ask } = run;
  const loop = new ReasoningLoop({ run_id, reasoner, gathered, pen, ask, carryOut }, state);
  const reasoned = await loop.run();
  return { run, deeds, reasoned, steps: [...run.steps.slice(3), ...reasoned.unwritten] };
}

type Played = Awaited<ReturnType<typeof played>>;
const holds = (property: (played: Played, play: Play) => void) =>
  fc.assert(
    fc.asyncProperty(arbitraryPlay, async (play) => property(await played(play), play)),
    { numRuns: 150 },
  );

test('whatever a model asks for, one version is trained, evaluated and promoted at most, and only as it may be', () =>
  holds(({ deeds, reasoned: { state } }, { world, evidence, approval_required }) => {
    const order = ['train', 'evaluate', 'ask_people', 'promote'];
    const ranks = deeds.map(({ did }) => order.indexOf(did));
    expect(ranks).toEqual([...new Set(ranks)].toSorted((a, b) => a - b));
    for (const deed of deeds) if ('version' in deed) expect(deed.version).toBe(world.version);
    if (evidence.dry_run) expect(deeds).toEqual([]);
    if (state.verdict.retrain && !evidence.dry_run) expect(ranks).toContain(0);
    if (!deeds.some(({ did }) => did === 'promote')) return;
    if (world.evaluation === 'failed') throw new Error('promoted without an evaluation');
    const { outcome, gates } = world.evaluation;
    expect(outcome).not.toBe('keep');
    expect(gates.map(({ status }) => status)).not.toContain('failed');
    const open = outcome !== 'promote' || gates.some(({ status }) => status !== 'passed');
    const approved = deeds.some((deed) => deed.did === 'ask_people' && deed.came === 'approved');
    if (open || approval_required === 'always') expect(approved).toBe(true);
  }));

test('every call is answered before the next, and the summary, which cites what there is, comes last', () =>
  holds(({ run, steps, reasoned: { summary, state } }) => {
    const exchanged = steps.filter(({ kind }) => kind === 'tool_call' || kind === 'tool_result');
    const last = exchanged.pop();
    expect(last).toMatchObject({ kind: 'tool_call', name: 'write_summary' });
    for (const [index, { kind, payload, name }] of exchanged.entries()) {
      expect(kind).toBe(index % 2 === 0 ? 'tool_call' : 'tool_result');
      if (kind === 'tool_result')
        expect(exchanged[index - 1]).toMatchObject({ name, payload: { call_id: payload?.call_id } });
    }
    expect(state.summary_written).toBe(true);
    expect(Math.max(...summary.cites)).toBeLessThanOrEqual(run.steps.length);
  }));

test('what a model said stands in its order, under its turn, and what its provider broke off is not acted on', () =>
  holds(({ run, steps }, { model }) => {
    const asked = run.requests.filter(({ reasoner }) => reasoner.name !== 'policy').length;
    for (const [index, { blocks, stop }] of model.slice(0, asked).entries()) {
      const said = blocks.flatMap((block): unknown[] => {
        if (block.type === 'text') return [block.text];
        return stop === 'refusal' ? [] : [block.call.name];
      });
      const written = steps.flatMap(({ kind, payload }) => {
        const mark = turnMark.safeParse(payload?.turn);
        if (!mark.success || mark.data.number !== index + 1) return [];
        if (kind === 'reasoning') return [payload?.text];
        return kind === 'tool_call' ? [payload?.tool] : [];
      });
      expect(written).toEqual(said);
    }
  }));
