import { expect, test } from '@jest/globals';
import { step } from '@watchtower/contracts';
import { durationsOf } from './durations.ts';

test('the time of a run is told by its steps', () => {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  const steps = (
    [
      ['status', 'run_opened', 0],
      ['evidence', 'verdict', 3],
      ['tool_call', 'trigger_retrain', 4],
      ['tool_result', 'trigger_retrain', 24],
      ['status', 'approval_requested', 25],
      ['decision', 'approval_decided', 27],
      ['intent', 'promotion_intended', 27],
      ['outcome', 'promotion_settled', 28],
    ] as const
  ).map(([kind, name, second], index) =>
    step.parse({
      run_id: '01a208ac-0ef0-73a0-9eaa-d0458776e247',
      number: index + 1,
      kind,
      name,
      message: name,
      payload: {},
      at: at(second),
      temporal: { workflow_id: 'w', workflow_run_id: 'r', activity_id: '1' },
      previous_hash: '0'.repeat(64),
      hash: '0'.repeat(64),
    }),
  );
  expect(durationsOf(steps)).toEqual([
    { what: 'run: drift', seconds: 3 },
    { what: 'run: retraining', seconds: 20 },
    { what: 'run: approval', seconds: 2 },
    { what: 'run: promotion', seconds: 1 },
  ]);
});
