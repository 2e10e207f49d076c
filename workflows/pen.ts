import { CancellationScope, setCurrentDetails, upsertMemo } from '@temporalio/workflow';
import type { RecordChanges } from '@watchtower/activities';
import type {
  Digest,
  JsonObject,
  ReasonerName,
  RunId,
  RunStatus,
  StepKind,
  SummaryInput,
} from '@watchtower/contracts';
import { genesisHash } from '@watchtower/contracts';
import { audit } from './activities.ts';
import { hasCode } from './failure-of.ts';
import { showStatus } from './search-attributes.ts';

export interface StepEntry {
  readonly kind: StepKind;
  readonly name: string;
  readonly message: string;
  readonly payload?: JsonObject;
}

/** A summary as its step and the run's row have it. */
export interface RecordedSummary extends SummaryInput {
  readonly reasoner: ReasonerName;
  /** Our own account of what happened. */
  readonly facts: string;
}

/** What a child gives back with its result. */
export interface PenState {
  readonly next: number;
  readonly head: Digest;
}

const shownLines = 40;

/**
 * The right to write a run's steps. One workflow has it at a time: the pipeline lends it to a child and does not write
 * until it is back (docs/decisions/0001-contracts.md, section 4). Writing is never cancelled.
 */
export class Pen {
  readonly #runId: RunId;
  readonly #lines: string[] = [];
  #next: number;
  #head: Digest;
  /** Writers queue behind each other: a step's number is taken when the one before is written. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(runId: RunId, state: PenState = { next: 1, head: genesisHash }) {
    this.#runId = runId;
    this.#next = state.next;
    this.#head = state.head;
  }

  get state(): PenState {
    return { next: this.#next, head: this.#head };
  }

  /**
   * Appends steps, with the changes of rows that belong to them.
   *
   * @returns the numbers they got
   */
  write(entries: readonly StepEntry[], changes?: RecordChanges): Promise<readonly number[]> {
    const written = this.#last.then(() =>
      CancellationScope.nonCancellable(() => this.#write(entries, changes)),
    );
    this.#last = written.catch(() => undefined);
    return written;
  }

  /** Takes the pen up again after a child that ended with it in hand. */
  async recover(): Promise<void> {
    const state = await CancellationScope.nonCancellable(() =>
      audit.readPen.executeWithOptions({ summary: 'Take the pen up again' }, [{ run_id: this.#runId }]),
    );
    this.takeBack(state);
  }

  takeBack(state: PenState): void {
    this.#next = state.next;
    this.#head = state.head;
  }

  async #write(entries: readonly StepEntry[], changes?: RecordChanges): Promise<readonly number[]> {
    const at = new Date(Date.now()).toISOString();
    const summary =
      entries
        .map((entry) => entry.message)
        .join(' · ')
        .slice(0, 180) || 'Change of the run';
    for (let attempt = 1; ; attempt += 1) {
      const steps = entries.map(({ payload = {}, ...entry }, index) => ({
        ...entry,
        payload,
        number: this.#next + index,
        at,
      }));
      try {
        const recorded = await audit.record.executeWithOptions({ summary }, [
          { run_id: this.#runId, steps, ...(changes && { changes }) },
        ]);
        const last = recorded.at(-1);
        if (last) this.takeBack({ next: last.number + 1, head: last.hash });
        this.#show(steps, changes?.status);
        return recorded.map((step) => step.number);
      } catch (error) {
        // Another writer was here (a reset, or a terminated child's last write): write behind it.
        if (!hasCode(error, 'StepConflict') || attempt >= 5) throw error;
        await this.recover();
      }
    }
  }

  /** Tells the story in the Temporal UI; the head goes into the memo whenever the run's status changes. */
  #show(steps: readonly { readonly number: number; readonly message: string }[], status?: RunStatus): void {
    this.#lines.push(...steps.map((step) => `${step.number}. ${step.message}`));
    setCurrentDetails(this.#lines.slice(-shownLines).join('\n'));
    if (!status) return;
    showStatus(status);
    upsertMemo({ audit_head: this.#head, audit_step: this.#next - 1, status });
  }
}
