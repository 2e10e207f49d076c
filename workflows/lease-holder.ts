import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { Instant, LeaseAnswer, LeasePurpose, ModelName, RunId } from '@watchtower/contracts';
import { leases } from './activities.ts';

/** A workflow's side of the leases that `champion/<model>` grants. */
export class LeaseHolder {
  readonly #model: ModelName;
  readonly #request: { readonly purpose: LeasePurpose; readonly holder: string; readonly run_id: RunId };
  #requests = 0;

  constructor(model: ModelName, purpose: LeasePurpose, runId: RunId) {
    this.#model = model;
    this.#request = { purpose, holder: workflowInfo().workflowId, run_id: runId };
  }

  acquire(): Promise<LeaseAnswer> {
    const summary = `Ask for the ${this.#request.purpose} lease of ${this.#model}`;
    return leases.acquireLease.executeWithOptions({ summary }, [
      { model: this.#model, request: this.#request, request_id: this.#requestId() },
    ]);
  }

  /** Never cancelled: a lease that is not given back would have to be reclaimed. */
  release(coolDownUntil: Instant | null = null): Promise<void> {
    const summary = `Give back the ${this.#request.purpose} lease of ${this.#model}`;
    const release = { ...this.#request, cool_down_until: coolDownUntil };
    return CancellationScope.nonCancellable(() =>
      leases.releaseLease.executeWithOptions({ summary }, [
        { model: this.#model, release, request_id: this.#requestId() },
      ]),
    );
  }

  /** An Update id that repeated would be answered with the outcome of long ago. */
  #requestId(): string {
    this.#requests += 1;
    return `${this.#request.holder}/${workflowInfo().runId}/${this.#requests}`;
  }
}
