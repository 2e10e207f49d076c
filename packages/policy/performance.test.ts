import { describe, expect, test } from '@jest/globals';
import { performance } from '@watchtower/contracts';
import fc from 'fast-check';
import { performanceOf } from './performance.ts';
import { quiet } from './testing/evidence.ts';

const measured_by = quiet.run_id;
const score = (at_promotion: number, latest: number) =>
  performanceOf({ metric: 'roc_auc', direction: 'maximize', at_promotion, latest, measured_by }).decline;
const error = (at_promotion: number, latest: number) =>
  performanceOf({ metric: 'rmse', direction: 'minimize', at_promotion, latest, measured_by }).decline;

describe('performanceOf', () => {
  test('is a share of the value at promotion, positive for the worse', () => {
    expect(score(0.7, 0.665)).toBe(0.05);
    expect(score(0.8, 0.88)).toBe(-0.1);
    expect(error(2, 2.2)).toBe(0.1);
    expect(error(2, 1)).toBe(-0.5);
  });

  test('measures a score that was negative, such as R², by its size', () => {
    expect(score(-0.5, -0.6)).toBe(0.2);
  });

  test('does not blow a score near zero up, and takes a small error seriously', () => {
    expect(score(0.0001, 0)).toBe(0.01);
    expect(error(0.0001, 0.0002)).toBe(1);
  });

  test('has an answer for a value of zero', () => {
    expect(score(0, 0)).toBe(0);
    expect(error(0, 0)).toBe(0);
    expect(score(0, -0.001)).toBe(0.1);
    expect(error(0, 0.3)).toBe(100);
  });

  test('is finite, keeps its sign and survives JSON for any two numbers', () => {
    const value = fc.double({ noNaN: true, min: -1e300, max: 1e300 });
    fc.assert(
      fc.property(value, value, fc.boolean(), (at_promotion, latest, maximize) => {
        const direction = maximize ? 'maximize' : 'minimize';
        const found = performanceOf({ metric: 'r2', direction, at_promotion, latest, measured_by });
        expect(performance.parse(JSON.parse(JSON.stringify(found))).decline).toBe(found.decline);
        const worse = maximize ? latest < at_promotion : latest > at_promotion;
        if (found.decline > 0) expect(worse).toBe(true);
        if (found.decline < 0) expect(worse).toBe(false);
        expect(Math.abs(found.decline)).toBeLessThanOrEqual(100);
      }),
    );
  });
});
