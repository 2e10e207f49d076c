import {
  type Digest,
  isTerminal,
  type RecordedStep,
  type RunId,
  runStatus,
  type StepDraft,
  type TemporalCoordinates,
  WatchtowerError,
} from '@watchtower/contracts';
import type { Database, Transaction } from '@watchtower/database';
import type { RecordChanges } from '../interfaces/audit.ts';
import { applyChanges } from './apply-changes.ts';
import { linkStep } from './chain.ts';
import { sameStep, storableDraft } from './same-step.ts';
import { stepFromRow } from './step-row.ts';
import { storableJson } from './storable-json.ts';

export interface RecordInput {
  readonly run_id: RunId;
  readonly steps: readonly StepDraft[];
  readonly changes?: RecordChanges;
}

/**
 * Appends steps to a run's chain and changes the records that belong to them, in one transaction under the run's
 * advisory lock. Repeating it changes nothing and returns the same hashes.
 *
 * @throws WatchtowerError `StepConflict` where a number is taken by another step or would leave a gap, `RunFinished`
 *   where the run has ended, `RunNotFound`
 */
export async function recordSteps(
  database: Database,
  temporal: TemporalCoordinates,
  input: RecordInput,
): Promise<RecordedStep[]> {
  const drafts = input.steps.map(storableDraft);
  return database.$transaction(
    async (transaction) => {
      // Whoever listens hears of it at the commit, and looks.
      await transaction.$queryRaw`
        SELECT pg_advisory_xact_lock(hashtextextended(${input.run_id}, 0))::text,
               pg_notify('watchtower_steps', ${input.run_id})::text`;
      const run = await transaction.run.findUnique({ where: { id: input.run_id } });
      if (!run)
        throw new WatchtowerError('RunNotFound', `There is no run ${input.run_id} to record steps of.`);

      const known = await writtenAlready(transaction, input.run_id, drafts, run.head_number);
      const fresh = drafts.slice(known.length);
      if (drafts.length > 0 && fresh.length === 0) return known;
      if (isTerminal(runStatus.parse(run.status))) {
        throw new WatchtowerError(
          'RunFinished',
          `Run ${input.run_id} has ended as ${run.status}; nothing can follow.`,
        );
      }
      const first = fresh[0];
      if (first && first.number !== run.head_number + 1) {
        throw new WatchtowerError(
          'StepConflict',
          `Step ${first.number} of run ${input.run_id} cannot follow step ${run.head_number}.`,
          { details: { head: run.head_number } },
        );
      }

      let head = run.head_hash as Digest | null;
      const linked = fresh.map((draft) => {
        const step = linkStep(input.run_id, draft, temporal, head);
        head = step.hash;
        return step;
      });
      if (linked.length > 0) {
        await transaction.step.createMany({
          data: linked.map(({ temporal: coordinates, payload, ...step }) => ({
            ...step,
            ...coordinates,
            payload: { ...payload },
          })),
        });
      }
      const added = linked.map(({ number, hash }): RecordedStep => ({ number, hash }));
      await applyChanges(transaction, run, storableJson(input.changes ?? {}), {
        number: run.head_number + added.length,
        hash: head,
        at: drafts.at(-1)?.at ?? null,
      });
      return [...known, ...added];
    },
    { timeout: 20_000, maxWait: 10_000 },
  );
}

/** Those of the drafts that stand in the log: a retry of ours, or another's steps, which is a conflict. */
async function writtenAlready(
  transaction: Transaction,
  runId: RunId,
  drafts: readonly StepDraft[],
  head: number,
): Promise<RecordedStep[]> {
  const numbers = drafts.map((draft) => draft.number).filter((number) => number <= head);
  if (numbers.length === 0) return [];
  const rows = await transaction.step.findMany({
    where: { run_id: runId, number: { in: numbers } },
    orderBy: { number: 'asc' },
  });
  return rows.map((row, index) => {
    const written = stepFromRow(row);
    const draft = drafts[index];
    if (!draft || !sameStep(draft, written)) {
      throw new WatchtowerError(
        'StepConflict',
        `Step ${row.number} of run ${runId} was written by another writer.`,
        {
          details: { head },
        },
      );
    }
    return { number: written.number, hash: written.hash };
  });
}
