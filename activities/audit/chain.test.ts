import { describe, expect, test } from '@jest/globals';
import { genesisHash, type RunId, type Step, type StepDraft, stepKind } from '@watchtower/contracts';
import fc from 'fast-check';
import { chainProblems, linkStep } from './chain.ts';

const run = '0198a1b2-0000-7000-8000-000000000001' as RunId;
const other = '0198a1b2-0000-7000-8000-000000000002' as RunId;

const contents = fc.record({
  kind: fc.constantFrom(...stepKind.options),
  name: fc.string({ minLength: 1, maxLength: 20 }),
  message: fc.string({ maxLength: 40 }),
  payload: fc.dictionary(fc.string({ maxLength: 8 }), fc.oneof(fc.integer(), fc.boolean(), fc.string())),
  at: fc
    .date({ min: new Date('2026-01-01'), max: new Date('2027-01-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
});

function chainOf(drafts: readonly Omit<StepDraft, 'number'>[], runId: RunId = run): Step[] {
  const steps: Step[] = [];
  drafts.forEach((draft, index) => {
    const temporal = {
      workflow_id: `pipeline/${runId}`,
      workflow_run_id: 'r',
      activity_id: String(index + 1),
    };
    steps.push(linkStep(runId, { ...draft, number: index + 1 }, temporal, steps.at(-1)?.hash ?? null));
  });
  return steps;
}

const chains = fc.array(contents, { minLength: 1, maxLength: 12 }).map((drafts) => chainOf(drafts));
/** A chain and the place in it that something happens to. */
const places = chains.chain((steps) =>
  fc.tuple(fc.constant(steps), fc.integer({ min: 0, max: steps.length - 1 })),
);

/** Each changes one field of a step and leaves the hash as it was. */
const changes: readonly ((step: Step) => Step)[] = [
  (step) => ({ ...step, message: `${step.message}.` }),
  (step) => ({ ...step, name: `${step.name}_` }),
  (step) => ({ ...step, kind: step.kind === 'decision' ? 'outcome' : 'decision' }),
  (step) => ({ ...step, payload: { ...step.payload, added: true } }),
  (step) => ({ ...step, at: new Date(Date.parse(step.at) + 1).toISOString() }),
  (step) => ({ ...step, run_id: other }),
  (step) => ({ ...step, temporal: { ...step.temporal, activity_id: `${step.temporal.activity_id}0` } }),
];

describe('the hash chain', () => {
  test('of steps as they were written is whole', () => {
    fc.assert(fc.property(chains, (steps) => expect(chainProblems(steps)).toEqual([])));
  });

  test('begins at 64 zeros', () => {
    expect(
      chainOf([{ kind: 'status', name: 'a', message: '', payload: {}, at: '2026-01-01T00:00:00.000Z' }]),
    ).toMatchObject([{ number: 1, previous_hash: genesisHash }]);
    expect(chainProblems([])).toEqual([]);
  });

  test('tells any change of any step', () => {
    fc.assert(
      fc.property(places, fc.constantFrom(...changes), ([steps, index], change) => {
        const tampered = steps.map((step, at) => (at === index ? change(step) : step));
        expect(chainProblems(tampered)).toContain(`step ${index + 1} was changed after it was written`);
      }),
    );
  });

  test('tells a change whose hash was recomputed, unless it was the last step', () => {
    fc.assert(
      fc.property(places, fc.constantFrom(...changes), ([steps, index], change) => {
        fc.pre(index < steps.length - 1);
        const tampered = steps.map((step, at) => {
          if (at !== index) return step;
          const { run_id, temporal, previous_hash, hash: _, ...draft } = change(step);
          return linkStep(run_id, draft, temporal, previous_hash);
        });
        expect(chainProblems(tampered)).toContain(`step ${index + 2} does not continue the step before it`);
      }),
    );
  });

  test('tells a step that was removed, wherever it stood but last', () => {
    fc.assert(
      fc.property(places, ([steps, index]) => {
        fc.pre(index < steps.length - 1);
        expect(chainProblems(steps.toSpliced(index, 1))).toContain(
          `step ${index + 1} is missing: step ${index + 2} stands in its place`,
        );
      }),
    );
  });

  test('tells two steps that changed places, also where they took each other’s numbers', () => {
    fc.assert(
      fc.property(places, fc.nat(), fc.boolean(), ([steps, index], distance, renumbered) => {
        fc.pre(steps.length > 1);
        const partner = (index + 1 + (distance % (steps.length - 1))) % steps.length;
        const first = steps[index];
        const second = steps[partner];
        if (!first || !second) throw new Error('both places lie in the chain');
        const number = (step: Step, at: number) => (renumbered ? { ...step, number: at + 1 } : step);
        const exchanged = steps.with(index, number(second, index)).with(partner, number(first, partner));
        expect(chainProblems(exchanged)).not.toEqual([]);
      }),
    );
  });

  test('tells a step put in between', () => {
    fc.assert(
      fc.property(places, contents, ([steps, index], draft) => {
        const before = steps[index - 1]?.hash ?? null;
        const [forged] = chainOf([draft]);
        if (!forged) throw new Error('one draft makes one step');
        const inserted = linkStep(run, { ...draft, number: index + 1 }, forged.temporal, before);
        expect(chainProblems(steps.toSpliced(index, 0, inserted))).not.toEqual([]);
      }),
    );
  });

  test('of one run does not pass for another’s', () => {
    fc.assert(
      fc.property(fc.array(contents, { minLength: 1, maxLength: 4 }), (drafts) => {
        expect(chainOf(drafts).at(-1)?.hash).not.toBe(chainOf(drafts, other).at(-1)?.hash);
      }),
    );
  });
});
