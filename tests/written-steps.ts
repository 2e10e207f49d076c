import { recordSteps } from '@watchtower/activities/audit/record';
import { instant, type RunId, type StepDraft } from '@watchtower/contracts';
import type { Database } from '@watchtower/database';

/** Steps of a run as its workflow would write them, for tests of the gateway, which have no worker. */

const coordinates = { workflow_id: 'test', workflow_run_id: 'test', activity_id: '1' };

const draft = (number: number): StepDraft => ({
  number,
  kind: 'status',
  name: 'written_by_test',
  message: `step ${number}`,
  payload: { text: 'x'.repeat(number * 20) },
  at: instant.parse(new Date().toISOString()),
});

/** One after the other, from the first; the last of `count` ends the run. */
export async function writeSteps(database: Database, run_id: RunId, count: number): Promise<void> {
  for (let number = 1; number < count; number += 1) {
    await recordSteps(database, coordinates, { run_id, steps: [draft(number)] });
  }
  await endRun(database, run_id, count);
}

/** The last step closes the row, in one transaction. */
export async function endRun(database: Database, run_id: RunId, number: number): Promise<void> {
  await recordSteps(database, coordinates, {
    run_id,
    steps: [draft(number)],
    changes: { status: 'cancelled' },
  });
}
