import { describe, expect, test } from '@jest/globals';
import {
  definitionInput,
  type JsonObject,
  type ModelDefinition,
  resolveDefinition,
} from '@watchtower/contracts';
import fc from 'fast-check';
import { resolveWindows } from './resolve-windows.ts';

const reference = { from: '2026-01-01', to: '2026-03-01' };
const triggered = '2026-05-04T06:00:00.000Z';

function definition(windows: JsonObject, split: JsonObject): ModelDefinition {
  const input = definitionInput.parse({
    version: 1,
    model: 'tiny',
    data: { source: { type: 'synthetic' }, time_column: 'time', target: 'y' },
    windows: { reference, ...windows },
    retrain: { command: ['true'] },
    evaluate: { primary_metric: 'roc_auc', split },
  });
  return resolveDefinition(input, {
    task: 'binary_classification',
    shareThreshold: 0.2,
    minImprovement: 0.005,
  });
}

const fixed = {
  current: { from: '2026-03-01', to: '2026-05-01' },
  april: { from: '2026-04-01', to: '2026-05-01' },
};

describe('the windows of a run', () => {
  test('are those of the definition, as instants', () => {
    expect(resolveWindows(definition(fixed, { at: '2026-04-15' }), 'current', triggered)).toEqual({
      current_window: { from: '2026-03-01T00:00:00.000Z', to: '2026-05-01T00:00:00.000Z' },
      reference_window: { from: '2026-01-01T00:00:00.000Z', to: '2026-03-01T00:00:00.000Z' },
      split_at: '2026-04-15T00:00:00.000Z',
    });
  });

  test('slide to when the run was triggered', () => {
    const sliding = definition({ current: { last: '28d' } }, { fraction: 0.75 });
    expect(resolveWindows(sliding, 'current', triggered)).toMatchObject({
      current_window: { from: '2026-04-06T06:00:00.000Z', to: triggered },
      split_at: '2026-04-27T06:00:00.000Z',
    });
  });

  test('of another name are split in proportion where the fixed split lies outside', () => {
    const early = definition(fixed, { at: '2026-03-15' });
    expect(resolveWindows(early, 'april', triggered).split_at).toBe('2026-04-23T12:00:00.000Z');
    const inside = definition(fixed, { at: '2026-04-15' });
    expect(resolveWindows(inside, 'april', triggered).split_at).toBe('2026-04-15T00:00:00.000Z');
  });

  test('a fixed split that a sliding window has left behind is told', () => {
    const sliding = { ...fixed, current: { last: '30d' } };
    for (const at of ['2020-02-01', '2099-01-01']) {
      expect(() => resolveWindows(definition(sliding, { at }), 'current', triggered)).toThrow(
        expect.objectContaining({ code: 'InvalidDefinition' }),
      );
    }
  });

  test('a window that is not defined is told', () => {
    expect(() => resolveWindows(definition(fixed, { fraction: 0.5 }), 'june', triggered)).toThrow(
      expect.objectContaining({ code: 'UnknownWindow', message: expect.stringContaining('"june"') }),
    );
  });

  test('wherever the fraction lies, the split lies inside the window', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        fc.integer({ min: 2, max: 90 }),
        (fraction, days) => {
          const sliding = definition({ current: { last: `${days}d` } }, { fraction });
          const { current_window, split_at } = resolveWindows(sliding, 'current', triggered);
          expect(split_at > current_window.from && split_at < current_window.to).toBe(true);
        },
      ),
    );
  });
});
