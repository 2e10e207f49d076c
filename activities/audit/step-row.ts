import { type Step, step } from '@watchtower/contracts';
import type { StepModel } from '@watchtower/database';

/** A row of `steps` in the form of the contract. @throws ZodError on a row that no step could be */
export function stepFromRow(row: StepModel): Step {
  return step.parse({
    run_id: row.run_id,
    number: row.number,
    kind: row.kind,
    name: row.name,
    message: row.message,
    payload: row.payload,
    at: row.at.toISOString(),
    temporal: {
      workflow_id: row.workflow_id,
      workflow_run_id: row.workflow_run_id,
      activity_id: row.activity_id,
    },
    previous_hash: row.previous_hash,
    hash: row.hash,
  });
}
