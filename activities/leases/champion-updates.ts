import { type Client, WithStartWorkflowOperation } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import {
  type LeaseAnswer,
  type LeaseRelease,
  type LeaseRequest,
  leaseAnswer,
  type ModelName,
  taskQueues,
  workflowIds,
} from '@watchtower/contracts';
import { searchAttributes } from '../runs/search-attributes.ts';

const answerLimit = 20_000;

/** Asks `champion/<model>`, starting it where it does not run. */
export async function updateChampion(
  client: Client,
  model: ModelName,
  update:
    | { readonly name: 'acquireLease'; readonly argument: LeaseRequest }
    | { readonly name: 'releaseLease'; readonly argument: LeaseRelease },
  updateId: string,
): Promise<unknown> {
  const ask = () =>
    client.workflow.executeUpdateWithStart<() => Promise<void>, unknown, [unknown]>(update.name, {
      args: [update.argument],
      updateId,
      startWorkflowOperation: new WithStartWorkflowOperation('champion', {
        workflowId: workflowIds.champion(model),
        taskQueue: taskQueues.main,
        args: [{ model }],
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: `Leases and cool-downs of ${model}`,
        memo: { model },
        typedSearchAttributes: new TypedSearchAttributes([
          { key: searchAttributes.model, value: model },
          { key: searchAttributes.kind, value: 'champion' },
        ]),
      }),
    });
  // Waiting for the entity holds a worker's slot that the entity's own activities may need.
  return client.withDeadline(Date.now() + answerLimit, ask);
}

export async function acquireLease(
  client: Client,
  model: ModelName,
  request: LeaseRequest,
  requestId: string,
): Promise<LeaseAnswer> {
  const id = `acquire/${request.purpose}/${requestId}`;
  return leaseAnswer.parse(
    await updateChampion(client, model, { name: 'acquireLease', argument: request }, id),
  );
}

export async function releaseLease(
  client: Client,
  model: ModelName,
  release: LeaseRelease,
  requestId: string,
): Promise<void> {
  const id = `release/${release.purpose}/${requestId}`;
  await updateChampion(client, model, { name: 'releaseLease', argument: release }, id);
}
