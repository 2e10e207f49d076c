import { mkdir } from 'node:fs/promises';
import type { ModelDefinition } from '@watchtower/contracts';
import { attemptFolder } from '../attempt-folder.ts';
import { type AttemptProgress, reasonToStop, watchedEarlier } from '../attempt-progress.ts';
import { outcomeOf } from '../stop-reason.ts';
import { look, type Watched } from '../time-awake.ts';
import type { AttemptEnd, AttemptKey, AttemptWatch } from '../trainer.ts';
import { writeLog } from '../written-log.ts';
import { type AirflowContext, type AirflowHandle, ownHandle } from './airflow-handle.ts';
import { type DagRun, failDagRun, isOver, readDagRun, reasonToWait } from './dag-runs.ts';
import { followTasks, wholeLog } from './task-progress.ts';

/** A look asks for the run, its tasks and a log: no more of Airflow than people see move. */
const defaultLookEveryMs = 5_000;

/** Waits for the DAG run's end. */
export async function observeAttempt(
  context: AirflowContext,
  key: AttemptKey,
  definition: ModelDefinition,
  watch: AttemptWatch,
  { clock = Date.now, lookEveryMs = defaultLookEveryMs } = {},
): Promise<AttemptEnd> {
  const { client, ledger, environment } = context;
  const claimed = await ledger.handle(key);
  if (!claimed) return endOf(context, key, null, null);
  const handle = ownHandle(environment, key, claimed);
  const progress = followTasks(client, handle);
  let seen: Watched | null = watchedEarlier(watch.earlier);
  for (;;) {
    const run = await readDagRun(client, handle.dag_id, handle.dag_run_id);
    if (!run || isOver(run)) return endOf(context, key, handle, run);
    const at = clock();
    const { tasks, busy, last_line, changed_at } = await progress.read(run, at);
    const problem = busy ? null : await reasonToWait(client, handle.dag_id);
    const next = look(seen, { at, log_changed_at: changed_at }, lookEveryMs);
    // Nobody is stuck who has not been let begin, for want of a scheduler or of a free place among the DAG's runs.
    seen = problem !== null || run.state === 'queued' ? { ...next, quiet_ms: 0 } : next;
    watch.beat({
      seconds: Math.round((at - Date.parse(handle.started_at)) / 1000),
      log_lines: tasks,
      last_line: problem ?? last_line,
      watched: seen,
    } satisfies AttemptProgress);
    const reason = reasonToStop(definition, seen, 0);
    if (reason) {
      await ledger.noteStop(key, reason);
      await failDagRun(client, handle.dag_id, handle.dag_run_id);
    }
    await watch.pause(lookEveryMs);
  }
}

async function endOf(
  { client, ledger, environment }: AirflowContext,
  key: AttemptKey,
  handle: AirflowHandle | null,
  run: DagRun | null,
): Promise<AttemptEnd> {
  const stopped = await ledger.stopped(key.training_id);
  const reason = stopped ? 'TrainingCancelled' : await ledger.stopReason(key);
  const succeeded = run?.state === 'success';
  const began = run?.start_date ?? null;
  const told = handle && run ? await wholeLog(client, handle) : '';
  const log = run && began === null ? `${told}[watchtower: Airflow never began the DAG run]\n` : told;
  const folder = attemptFolder(environment.WORKSPACE_BASE_DIR, key);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const written = await writeLog(folder, Buffer.from(log));
  const ended = run?.end_date ?? null;
  return {
    attempt: key.attempt,
    ...outcomeOf(run ? { code: succeeded ? 0 : null } : null, reason),
    exit_code: null,
    ...written,
    seconds: began === null || ended === null ? 0 : Math.max(0, (ended - began) / 1000),
    output_file: null,
    made: [written.log_file],
  };
}
