/**
 * `npm run record-histories`: drives real runs and writes every workflow's history to tests/histories, where
 * `replay.test.ts` holds the workflows to them. Where a change of the workflows breaks the replay, it would break
 * the runs under way as well: keep the old path by `patched`, and record again when no such run can be left.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { type RunId, runId, scheduleIds, workflowIds } from '@watchtower/contracts';
import { repositoryRoot } from '@watchtower/stack/repository';
import globalTeardown from './global-teardown.ts';
import { type Lab, openLab } from './lab.ts';
import { neutralHistory } from './neutral-history.ts';
import { startSharedStack } from './start-shared-stack.ts';

const folder = join(repositoryRoot, 'tests', 'histories');
/** Takes the folder's place when all is recorded: what breaks off leaves the old histories. */
const aside = mkdtempSync(`${folder}-`);
const slowly = { retrain: { environment: { TRAIN_SLEEP_SECONDS: '8' } } };

async function keep(lab: Lab, name: string, workflowId: string, workflowRunId?: string): Promise<void> {
  const handle = lab.temporal.workflow.getHandle(workflowId, workflowRunId);
  // A run's row is closed a moment before its workflow is; the entity has no end, and the sweep's is far.
  if (!/^(champion|sweep)/.test(workflowId)) await handle.result().catch(() => undefined);
  const history: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()));
  const content = JSON.stringify({
    workflow_id: workflowId,
    history: neutralHistory(history, lab.stack),
  });
  writeFileSync(join(aside, `${name}.json`), `${content}\n`);
  console.log(`${name}: ${Math.round(content.length / 1024)} KiB`);
}

async function keepRun(
  lab: Lab,
  name: string,
  run: RunId,
  types: readonly ('pipeline' | 'retrain' | 'promotion')[],
): Promise<void> {
  for (const type of types) await keep(lab, `${name}.${type}`, workflowIds[type](run));
}

async function waitingRun(lab: Lab): Promise<RunId> {
  await lab.resetChampion();
  const run = await lab.startRun();
  await lab.until(run, (detail) => detail.status === 'waiting_for_approval');
  return run;
}

async function checks(lab: Lab): Promise<void> {
  const dry = await lab.startRun({ dry_run: true });
  await lab.ended(dry);
  await keepRun(lab, 'dry-run', dry, ['pipeline']);

  await lab.apply({ schedule: { cron: '0 6 * * 1', dry_run: true } });
  await lab.temporal.schedule.getHandle(scheduleIds.model(lab.model)).trigger();
  const scheduled = await scheduledRun(lab);
  await lab.ended(scheduled);
  const { raw } = await lab.temporal.workflow.getHandle(workflowIds.pipeline(scheduled)).describe();
  await keep(lab, 'scheduled.scheduledRun', raw.workflowExecutionInfo?.parentExecution?.workflowId ?? '');
}

async function decisions(lab: Lab): Promise<void> {
  await lab.apply();
  const promoted = await waitingRun(lab);
  await lab.decide(promoted, 'approve');
  await lab.ended(promoted);
  await keepRun(lab, 'promoted', promoted, ['pipeline', 'retrain', 'promotion']);
  await keep(lab, 'leases.champion', workflowIds.champion(lab.model));

  const rejected = await waitingRun(lab);
  const handle = lab.temporal.workflow.getHandle(workflowIds.pipeline(rejected));
  await handle.signal('reject', { reason: 'Not on a Friday.', actor: 'ada' });
  await lab.ended(rejected);
  await keepRun(lab, 'rejected-by-signal', rejected, ['pipeline']);

  await lab.apply({ approval: { deadline: '2s', reminder: '1s' } });
  const expired = await waitingRun(lab);
  await lab.ended(expired);
  await keepRun(lab, 'expired', expired, ['pipeline']);

  await lab.apply();
  await removeChampion(lab);
  const first = await lab.startRun();
  await lab.until(first, (detail) => detail.status === 'waiting_for_approval');
  await lab.decide(first, 'approve');
  await lab.ended(first);
  await keepRun(lab, 'first-champion', first, ['pipeline', 'promotion']);
}

async function interruptions(lab: Lab): Promise<void> {
  await lab.apply(slowly);
  await lab.resetChampion();
  const cancelled = await lab.startRun();
  await lab.step(cancelled, 'training_started');
  const refused = await lab.startRun();
  await lab.ended(refused);
  await lab.request('POST', `/pipeline/${cancelled}/cancel`);
  await lab.ended(cancelled);
  await keepRun(lab, 'refused', refused, ['pipeline', 'retrain']);
  await keepRun(lab, 'cancelled-in-training', cancelled, ['pipeline', 'retrain']);

  const terminated = await lab.startRun();
  await lab.step(terminated, 'training_started');
  await lab.temporal.workflow.getHandle(workflowIds.pipeline(terminated)).terminate('for the record');
  await lab.ended(terminated);
  const closing = await lab.step(terminated, 'run_closed');
  await keep(lab, 'closing.sweep', closing.temporal.workflow_id, closing.temporal.workflow_run_id);
}

async function resets(lab: Lab): Promise<void> {
  await lab.apply({ retrain: { command: ['sleep', '60'] } });
  const reset = await lab.startRun();
  await lab.step(reset, 'training_started');
  await lab.resetPipeline(reset);
  await lab.awaitsEarlier(reset);
  await lab.request('POST', `/pipeline/${reset}/cancel`);
  await lab.ended(reset);
  await keepRun(lab, 'reset-in-training', reset, ['pipeline']);
}

async function scheduledRun(lab: Lab): Promise<RunId> {
  for (;;) {
    const row = await lab.database.run.findFirst({ where: { trigger_source: 'schedule' } });
    if (row) return runId.parse(row.id);
    await sleep(100);
  }
}

async function removeChampion(lab: Lab): Promise<void> {
  const answer = await fetch(`${lab.stack.mlflow}/api/2.0/mlflow/registered-models/alias`, {
    method: 'DELETE',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: lab.model, alias: 'champion' }),
  });
  if (!answer.ok) throw new Error(`The alias could not be removed: ${await answer.text()}`);
}

await startSharedStack();
try {
  const lab = await openLab('recorded');
  try {
    await lab.apply();
    await lab.seedChampion();
    await checks(lab);
    await decisions(lab);
    await interruptions(lab);
    await resets(lab);
    rmSync(folder, { recursive: true, force: true });
    renameSync(aside, folder);
  } finally {
    await lab.close();
  }
} finally {
  rmSync(aside, { recursive: true, force: true });
  await globalTeardown();
}
