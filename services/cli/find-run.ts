import type { GatewayClient } from '@watchtower/client';
import { WatchtowerError } from '@watchtower/contracts/watchtower-error';

/** Runs are told apart by their last digits; the first ones are a time and much alike. */
const shortest = 4;
const whole = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * A run's id, where the beginning or the end of it was given. Looked for among the latest hundred runs.
 *
 * @throws WatchtowerError where none or several fit
 */
export async function findRunId(client: GatewayClient, written: string): Promise<string> {
  const text = written.toLowerCase();
  if (whole.test(text)) return text;
  if (text.length < shortest || !/^[0-9a-f-]+$/.test(text)) {
    throw new WatchtowerError(
      'InvalidRequest',
      `"${written}" is not a run's id; give all of it, or at least ${shortest} digits of its beginning or end. ` +
        '"watchtower runs" lists them.',
    );
  }
  const { runs } = await client.runs({ page_size: '100' });
  const fitting = runs.map(({ run_id }) => run_id).filter((id) => id.endsWith(text) || id.startsWith(text));
  const [found, second] = fitting;
  if (found === undefined) {
    throw new WatchtowerError(
      'RunNotFound',
      `None of the latest 100 runs begins or ends with "${written}". "watchtower runs" lists them.`,
    );
  }
  if (second !== undefined) {
    throw new WatchtowerError(
      'InvalidRequest',
      `${fitting.length} runs begin or end with "${written}"; give more of it: ${fitting.slice(0, 3).join(', ')}.`,
    );
  }
  return found;
}
