import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import type { RecordChanges } from '@watchtower/activities';
import {
  type Digest,
  digest,
  type FailureCode,
  genesisHash,
  type RecordedStep,
  type RunId,
  type StepDraft,
} from '@watchtower/contracts';

interface RecordInput {
  readonly run_id: RunId;
  readonly steps: readonly StepDraft[];
  readonly changes?: RecordChanges;
}

/**
 * The activities `record` and `readPen` over a log in memory, by the rules of docs/decisions/0001-contracts.md, section
 * 4, as far as a workflow sees them.
 */
export class MemoryLog {
  readonly steps: StepDraft[] = [];
  /** Changes of rows in their order. */
  readonly changes: RecordChanges[] = [];
  /** Called before each call of `record`: where somebody else may write, or an outage be. */
  before: () => void = () => undefined;

  readonly activities = {
    record: {
      executeWithOptions: async (_: unknown, [input]: readonly [RecordInput]) => this.#record(input),
    },
    readPen: {
      executeWithOptions: async () => ({ next: this.steps.length + 1, head: hashOf(this.steps.length) }),
    },
  };

  /** As for a new run. */
  clear(): void {
    this.steps.length = 0;
    this.changes.length = 0;
    this.before = () => undefined;
  }

  /** Another writer's step. */
  append(name: string): void {
    const at = new Date(0).toISOString();
    this.steps.push({ number: this.steps.length + 1, kind: 'status', name, message: name, payload: {}, at });
  }

  get names(): readonly string[] {
    return this.steps.map(({ name }) => name);
  }

  #record({ steps, changes }: RecordInput): readonly RecordedStep[] {
    this.before();
    if (steps[0] && steps[0].number !== this.steps.length + 1) {
      throw failed('StepConflict', `Step ${steps[0].number} was written by another writer.`);
    }
    this.steps.push(...steps);
    if (changes) this.changes.push(changes);
    return steps.map(({ number }) => ({ number, hash: hashOf(number) }));
  }
}

/** As a workflow is told of an activity that failed with a code of the catalogue. */
export const failed = (code: FailureCode, message: string): ActivityFailure =>
  new ActivityFailure(
    'Activity task failed',
    'record',
    '1',
    'NON_RETRYABLE_FAILURE',
    undefined,
    ApplicationFailure.nonRetryable(message, code),
  );

export const hashOf = (number: number): Digest =>
  number === 0 ? genesisHash : digest.parse(String(number).padStart(64, '0'));
