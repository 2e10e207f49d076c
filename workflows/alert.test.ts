import { expect, test } from '@jest/globals';
import { alertSteps } from './alert.ts';

test('an urgency that asks people to act is a step that says why', () => {
  expect(alertSteps('immediate', null, { by: 'verdict', detail: 'x1 moved.' })).toEqual([
    {
      kind: 'status',
      name: 'alert_raised',
      message: 'Alert: urgency immediate. x1 moved.',
      payload: { urgency: 'immediate', by: 'verdict', detail: 'x1 moved.' },
    },
  ]);
});

test('what people know already is no step', () => {
  expect(alertSteps('soon', 'soon', { by: 'decision', detail: 'x1 moved.' })).toEqual([]);
  expect(alertSteps('monitor', null, { by: 'verdict', detail: 'x1 moved.' })).toEqual([]);
});
