import { expect, test } from '@jest/globals';
import { isAlert } from './alert.ts';

test.each([
  ['none', null, false],
  ['monitor', null, false],
  ['soon', null, true],
  ['immediate', null, true],
  ['soon', 'monitor', true],
  ['immediate', 'soon', true],
  ['soon', 'soon', false],
  ['immediate', 'immediate', false],
  ['soon', 'immediate', false],
  ['monitor', 'none', false],
] as const)('urgency %s after %s alerts: %s', (urgency, told, alert) => {
  expect(isAlert(urgency, told)).toBe(alert);
});
