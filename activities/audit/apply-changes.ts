import { isTerminal } from '@watchtower/contracts';
import type { Prisma, RunModel, Transaction } from '@watchtower/database';
import type { RecordChanges } from '../interfaces/audit.ts';

interface Head {
  readonly number: number;
  readonly hash: string | null;
  /** Time of the newest step, the workflow's own. */
  readonly at: string | null;
}

/** Changes the rows that belong to the steps just written. Runs inside their transaction. */
export async function applyChanges(
  transaction: Transaction,
  run: RunModel,
  changes: RecordChanges,
  head: Head,
): Promise<void> {
  // The run goes last: its trigger refuses changes once it has ended.
  await changeApproval(transaction, run, changes.approval);
  await changePromotion(transaction, run, changes.promotion, head);
  await changeTraining(transaction, run, changes.training);
  if (changes.status && isTerminal(changes.status)) await voidApproval(transaction, run);
  // Not `update`, which would read the whole row back.
  await transaction.run.updateMany({ where: { id: run.id }, data: runData(run, changes, head) });
}

function runData(run: RunModel, changes: RecordChanges, head: Head): Prisma.RunUpdateManyMutationInput {
  const {
    status,
    outcome,
    failure,
    urgency,
    health,
    evaluation_outcome,
    flags,
    summary,
    decision,
    reasoning,
  } = changes;
  const at = head.at ?? new Date().toISOString();
  return {
    head_number: head.number,
    head_hash: head.hash,
    ...(status && { status }),
    ...(status === 'running' && !run.started_at && { started_at: at }),
    ...(status && isTerminal(status) && { completed_at: at }),
    ...(outcome && { outcome }),
    ...(failure && { failure }),
    ...(urgency && { urgency }),
    ...(health && { health }),
    ...(evaluation_outcome && { evaluation_outcome }),
    ...(flags && { ...flags }),
    ...(summary && { summary: { ...summary } }),
    ...(decision && { decision }),
    ...(reasoning && { reasoning }),
  };
}

async function changeApproval(
  transaction: Transaction,
  run: RunModel,
  approval: RecordChanges['approval'],
): Promise<void> {
  if (!approval) return;
  // Asked again after a reset of the workflow: what was decided before no longer counts.
  const undecided = { decided_at: null, decided_by: null, channel: null, reason: null };
  await transaction.approval.upsert({
    where: { run_id: run.id },
    create: { run_id: run.id, ...approval },
    update: { ...(approval.status === 'waiting' && undecided), ...approval },
  });
}

/** A run that ends while it asks (cancelled, terminated) asks nobody any more. */
async function voidApproval(transaction: Transaction, run: RunModel): Promise<void> {
  await transaction.approval.updateMany({
    where: { run_id: run.id, status: 'waiting' },
    data: { status: 'void', reason: 'The run ended before anybody decided.' },
  });
}

async function changePromotion(
  transaction: Transaction,
  run: RunModel,
  promotion: RecordChanges['promotion'],
  head: Head,
): Promise<void> {
  if (!promotion) return;
  const at = head.at ?? new Date().toISOString();
  const settled = promotion.status === 'intended' ? {} : { settled_at: at };
  await transaction.promotion.upsert({
    where: { run_id: run.id },
    create: { run_id: run.id, model: run.model, intended_at: at, ...promotion, ...settled },
    update: { status: promotion.status, detail: promotion.detail ?? null, ...settled },
  });
}

async function changeTraining(
  transaction: Transaction,
  run: RunModel,
  training: RecordChanges['training'],
): Promise<void> {
  if (!training) return;
  await transaction.training.updateMany({ where: { run_id: run.id }, data: { ...training } });
}
