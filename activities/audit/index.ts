import { Context } from '@temporalio/activity';
import { digest, genesisHash, type TemporalCoordinates, WatchtowerError } from '@watchtower/contracts';
import type { ActivityContext } from '../context.ts';
import type { AuditActivities } from '../interfaces/audit.ts';
import { recordSteps } from './record.ts';

export function createAuditActivities({ database }: ActivityContext): AuditActivities {
  return {
    record: (input) => recordSteps(database, coordinates(), input),
    readPen: async ({ run_id }) => {
      const run = await database.run.findUnique({ where: { id: run_id } });
      if (!run) throw new WatchtowerError('RunNotFound', `There is no run ${run_id}.`);
      return { next: run.head_number + 1, head: run.head_hash ? digest.parse(run.head_hash) : genesisHash };
    },
  };
}

/** Where in Temporal's history the running activity stands. */
function coordinates(): TemporalCoordinates {
  const { workflowExecution, activityId } = Context.current().info;
  if (!workflowExecution) throw new WatchtowerError('Internal', 'Steps are recorded by workflows only.');
  return {
    workflow_id: workflowExecution.workflowId,
    workflow_run_id: workflowExecution.runId,
    activity_id: activityId,
  };
}
