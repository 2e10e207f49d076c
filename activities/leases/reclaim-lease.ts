import { type Lease, type TrainingId, trainingIdOf } from '@watchtower/contracts';
import { type WorkflowDirectory, workflowState } from '../runs/workflow-state.ts';

interface Reclaiming {
  readonly client: WorkflowDirectory;
  /** Kills what is left of a training and forbids one still starting. */
  readonly stopTraining: (trainingId: TrainingId) => Promise<unknown>;
  /** A promotion recorded its intent and nobody has yet written what became of it. */
  readonly promotionUnsettled: (runId: string) => Promise<boolean>;
}

/**
 * Whether a lease's holder is certainly gone and has left nothing half done: its training is stopped first; a
 * promotion between intent and outcome is settled by its run's pipeline or by the sweep, which wait out late writes, and
 * until then the lease stays.
 */
export async function reclaimLease(
  lease: Lease,
  { client, stopTraining, promotionUnsettled }: Reclaiming,
): Promise<boolean> {
  if ((await workflowState(client, lease.holder)) === 'open') return false;
  switch (lease.purpose) {
    case 'retrain':
      await stopTraining(trainingIdOf(lease.run_id));
      return true;
    case 'promotion':
    case 'rollback':
      return !(await promotionUnsettled(lease.run_id));
  }
}
