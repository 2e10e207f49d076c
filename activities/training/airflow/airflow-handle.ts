import { type AttemptHandle, type Environment, WatchtowerError } from '@watchtower/contracts';
import type { AttemptLedger } from '../attempt-ledger.ts';
import type { AttemptKey } from '../trainer.ts';
import type { AirflowClient } from './airflow-client.ts';

export type AirflowHandle = Extract<AttemptHandle, { trainer: 'airflow' }>;

export interface AirflowContext {
  readonly client: AirflowClient;
  readonly ledger: AttemptLedger;
  readonly environment: Environment;
}

/** Ours, so that a trigger that is repeated is the same run. Airflow allows letters, digits and `_.~:+-`. */
export const dagRunIdOf = ({ training_id, attempt }: AttemptKey): string =>
  `watchtower__${training_id}__${attempt}`;

/** A run of another Airflow can't be seen from here: what is not found is not gone. */
export function ownHandle(
  { AIRFLOW_API_URL }: Environment,
  { training_id, attempt }: AttemptKey,
  handle: AttemptHandle,
): AirflowHandle {
  if (handle.trainer === 'airflow' && handle.api_url === AIRFLOW_API_URL) return handle;
  const where = handle.trainer === 'airflow' ? handle.api_url : `the trainer ${handle.trainer}`;
  throw new WatchtowerError(
    'TrainerUnavailable',
    `Attempt ${attempt} of ${training_id} belongs to ${where}, and this worker's Airflow is ${AIRFLOW_API_URL}. It is tried again; set AIRFLOW_API_URL back until that attempt has ended.`,
  );
}
