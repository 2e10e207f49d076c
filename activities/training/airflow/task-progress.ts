import type { AirflowClient } from './airflow-client.ts';
import type { AirflowHandle } from './airflow-handle.ts';
import { type DagRun, listTasks, readTaskLog } from './dag-runs.ts';

/** What has moved since the look before: a task's state, its try, or its log. */
export function followTasks(client: AirflowClient, { dag_id, dag_run_id }: AirflowHandle) {
  let known = '';
  let changed_at = 0;
  let last_line = '';
  return {
    read: async (run: DagRun, now: number) => {
      const tasks = await listTasks(client, dag_id, dag_run_id);
      const running = tasks.find(({ state }) => state === 'running');
      const read = running ? await readTaskLog(client, dag_id, dag_run_id, running) : { text: '' };
      const log = 'text' in read ? read.text : '';
      last_line = log.trimEnd().split('\n').at(-1)?.trim().slice(0, 500) || last_line;
      const states = tasks.map(({ task_id, map_index, state, try_number }) => [
        task_id,
        map_index,
        state,
        try_number,
      ]);
      const now_known = JSON.stringify([run.state, states, log.length, last_line]);
      // Who can't be heard is not silent.
      if (now_known !== known || 'unreadable' in read) changed_at = now;
      known = now_known;
      const settled = tasks.filter(({ state }) => state === 'success').length;
      return {
        tasks: settled,
        /** Whether a task runs. */
        busy: running !== undefined,
        last_line: last_line || `${run.state}, ${settled} tasks done`,
        changed_at,
      };
    },
  };
}

/** The tasks' logs one after the other; what failed comes last, so that the end tells why. */
export async function wholeLog(
  client: AirflowClient,
  { dag_id, dag_run_id }: AirflowHandle,
): Promise<string> {
  const tasks = await listTasks(client, dag_id, dag_run_id);
  const failed = (state: string | null | undefined) => state === 'failed' || state === 'up_for_retry';
  const ordered = [
    ...tasks.filter(({ state }) => !failed(state)),
    ...tasks.filter(({ state }) => failed(state)),
  ];
  const logs: string[] = [];
  for (const task of ordered) {
    const read = await readTaskLog(client, dag_id, dag_run_id, task);
    const text = 'text' in read ? read.text : `[watchtower: no log: ${read.unreadable}]`;
    if (text) logs.push(`[task ${task.task_id}, ${task.state ?? 'no state'}]\n${text.trimEnd()}\n`);
  }
  return logs.join('');
}
