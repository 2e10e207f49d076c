import { historyPage, type RunId, runId } from '@watchtower/contracts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { GatewayClient } from './gateway-client.ts';

/** Runs are told apart by their last digits; the first ones are a time and much alike. */
const shortest = 4;

/**
 * A run's id, where the beginning or the end of it was given. Looked for among the latest hundred runs.
 *
 * @throws CommandFailure `usage` where none or several fit
 */
export async function findRunId(client: GatewayClient, written: string): Promise<RunId> {
  const text = written.toLowerCase();
  const whole = runId.safeParse(text);
  if (whole.success) return whole.data;
  if (text.length < shortest || !/^[0-9a-f-]+$/.test(text)) {
    throw new CommandFailure(
      exitCodes.usage,
      `"${written}" is not a run's id; give all of it, or at least ${shortest} digits of its beginning or end.`,
    );
  }
  const { runs } = await client.get('/pipeline/history?page_size=100', historyPage);
  const fitting = runs.map(({ run_id }) => run_id).filter((id) => id.endsWith(text) || id.startsWith(text));
  const [found, second] = fitting;
  if (found === undefined) {
    throw new CommandFailure(
      exitCodes.usage,
      `None of the latest 100 runs begins or ends with "${written}".`,
    );
  }
  if (second !== undefined) {
    throw new CommandFailure(
      exitCodes.usage,
      `${fitting.length} runs begin or end with "${written}"; give more of it: ${fitting.slice(0, 3).join(', ')}.`,
    );
  }
  return found;
}
