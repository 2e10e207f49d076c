import {
  type Evidence,
  type ToolCall,
  type TurnBlock,
  toolName,
  trainingStrategy,
} from '@watchtower/contracts';
import fc from 'fast-check';
import { z } from 'zod';
import type { World } from './carried-out.ts';
import { declined, driftedColumn, quiet } from './evidence.ts';
import type { ModelTurn, Play } from './simulated-run.ts';
import { call, decide, evaluate, gate, promote, retrain, summary } from './states.ts';

/** Arbitrary runs: any evidence, any world, any sequence of a model's actions. */

export const psi = fc.double({ min: 0, max: 1, noNaN: true });
export const share = fc.double({ min: 0, max: 1, noNaN: true });
export const columnNames = ['dep_delay', 'temperature', 'wind', 'origin'] as const;

const seldom = fc.integer({ min: 0, max: 4 }).map((drawn) => drawn === 4);

export const arbitraryEvidence: fc.Arbitrary<Evidence> = fc
  .record({
    dry_run: seldom,
    psis: fc.array(fc.option(psi), { maxLength: 4 }),
    health: fc.constantFrom('healthy' as const, 'at_risk' as const, 'critical' as const),
    worst_severity: fc.constantFrom('stable' as const, 'medium' as const, 'high' as const),
    drift_detected: fc.boolean(),
    score: share,
    target: fc.option(fc.boolean()),
    decline: fc.option(fc.double({ min: -1, max: 2, noNaN: true })),
    champion: fc.boolean(),
    cooling: seldom,
    retrain_rule: fc.constantFrom(
      'dataset_drift' as const,
      'dataset_drift' as const,
      'urgency_soon' as const,
      'urgency_soon' as const,
      'never' as const,
    ),
  })
  .map((drawn) => ({
    ...quiet,
    dry_run: drawn.dry_run,
    champion: drawn.champion ? quiet.champion : null,
    cooling_down_until: drawn.cooling ? '2013-08-02T00:00:00.000Z' : null,
    dataset: {
      ...quiet.dataset,
      features_drifted: drawn.psis.length,
      drift_detected: drawn.drift_detected,
      score: drawn.score,
      health: drawn.health,
    },
    columns: drawn.psis.map((value, index) => driftedColumn(columnNames[index] ?? 'other', value)),
    target:
      drawn.target === null
        ? null
        : { name: 'late', drifted: drawn.target, kl: 0.2, mean_shift: null, reason: 'it happens more often' },
    worst_severity: drawn.worst_severity,
    performance: drawn.decline === null ? null : declined(drawn.decline),
    retrain_rule: drawn.retrain_rule,
  }));

const versions = fc.constantFrom('1', '2', '3');
/** Mostly this one. */
const versionsAround = (version: string): fc.Arbitrary<string> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(version) }, { weight: 1, arbitrary: versions });
const gates = fc.array(fc.constantFrom('passed', 'failed', 'inconclusive').map(gate), { maxLength: 3 });

export const arbitraryWorld: fc.Arbitrary<World> = fc.record({
  inspections: fc.constantFrom('work', 'fail'),
  training: fc.oneof(
    { weight: 3, arbitrary: fc.constant('succeeded' as const) },
    { weight: 1, arbitrary: fc.constantFrom('failed' as const, 'refused' as const) },
  ),
  version: versions,
  evaluation: fc.oneof(
    { weight: 3, arbitrary: fc.constant({ outcome: 'promote' as const, gates: [gate('passed')] }) },
    {
      weight: 3,
      arbitrary: fc.record({
        outcome: fc.constantFrom('promote' as const, 'keep' as const, 'inconclusive' as const),
        gates,
      }),
    },
    { weight: 1, arbitrary: fc.constant('failed' as const) },
  ),
  people: fc.constantFrom('approved', 'rejected', 'expired'),
  promotion: fc.constantFrom('promoted', 'kept', 'void', 'superseded', 'failed'),
});

const decisions = fc
  .record({
    urgency: fc.constantFrom('none', 'monitor', 'soon', 'immediate'),
    strategy: fc.constantFrom('none', ...trainingStrategy.options),
  })
  .map((drawn) => decide(drawn));

/** Calls of the right form, at any time. */
const formedCalls = (version: string): fc.Arbitrary<ToolCall> =>
  fc.oneof(
    decisions,
    fc.constantFrom(retrain, call('inspect_statistical_drift'), call('inspect_target_drift')),
    fc.constantFrom(...columnNames).map((column) => call('inspect_feature_drift', { column })),
    versionsAround(version).map(evaluate),
    fc.tuple(versionsAround(version), fc.boolean()).map(([put, ask_people]) => promote(put, { ask_people })),
    fc
      .array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 3 })
      .map((cites) => summary(...cites)),
  );

/** Tools that do not exist, inputs of any form, inputs that could not be read. */
const wildCalls: fc.Arbitrary<ToolCall> = fc
  .record({
    name: fc.oneof(fc.constantFrom(...toolName.options), fc.string({ maxLength: 200 })),
    input: fc.jsonValue({ maxDepth: 2 }).map((value) => z.json().parse(JSON.parse(JSON.stringify(value)))),
    problem: fc.option(fc.string({ maxLength: 50 })),
  })
  .map(({ name, input, problem }) => ({ ...call(name, input), ...(problem !== null && { problem }) }));

const asBlock = (calls: fc.Arbitrary<ToolCall>): fc.Arbitrary<TurnBlock> =>
  fc.record({ type: fc.constant('call' as const), call: calls });

const turns = (version: string): fc.Arbitrary<ModelTurn> =>
  fc.record({
    blocks: fc.array(
      fc.oneof(
        { weight: 1, arbitrary: fc.record({ type: fc.constant('text' as const), text: fc.string() }) },
        { weight: 12, arbitrary: asBlock(formedCalls(version)) },
        { weight: 1, arbitrary: asBlock(wildCalls) },
      ),
      { maxLength: 5 },
    ),
    stop: fc.oneof(
      { weight: 20, arbitrary: fc.constant('calls' as const) },
      { weight: 1, arbitrary: fc.constantFrom('end' as const, 'length' as const, 'refusal' as const) },
    ),
  });

/**
 * Calls that carry a run on, as far as is drawn, with random turns strewn in: what is drawn at random alone
 * seldom gets beyond a training.
 */
const purposeful = (version: string): fc.Arbitrary<ModelTurn[]> => {
  const calls = [decide(), retrain, evaluate(version), promote(version), summary(1, 2)];
  const onwards = calls.map((each): ModelTurn => ({ blocks: [{ type: 'call', call: each }], stop: 'calls' }));
  const strewn = fc.array(fc.tuple(fc.nat(calls.length), turns(version)), { maxLength: 6 });
  return fc
    .tuple(fc.integer({ min: 1, max: calls.length }), strewn)
    .map(([reach, others]) =>
      others.reduce((all, [at, turn]) => all.toSpliced(at, 0, turn), onwards.slice(0, reach)),
    );
};

export const arbitraryPlay: fc.Arbitrary<Play> = fc
  .record({
    evidence: arbitraryEvidence,
    approval_required: fc.constantFrom('always' as const, 'when_inconclusive' as const, 'never' as const),
    max_turns: fc.oneof({ weight: 3, arbitrary: fc.constant(20) }, fc.integer({ min: 1, max: 6 })),
    world: arbitraryWorld,
  })
  .chain((play) => {
    const anyTurns = fc.array(turns(play.world.version), { maxLength: 20 });
    const model = fc.oneof(
      { weight: 1, arbitrary: anyTurns },
      { weight: 2, arbitrary: purposeful(play.world.version) },
    );
    return model.map((drawn): Play => ({ ...play, model: drawn }));
  });
