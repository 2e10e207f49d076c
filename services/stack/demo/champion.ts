import { z } from 'zod';
import { StackError } from '../stack-error.ts';

const answer = z.object({ model_version: z.object({ version: z.string() }) });

/** The version MLflow itself names under the alias: what the demo has to show for. */
export async function championVersion(mlflow: string, model: string, alias: string): Promise<string> {
  const query = new URLSearchParams({ name: model, alias });
  const url = `${mlflow}/api/2.0/mlflow/registered-models/alias?${query.toString()}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (response.ok) return answer.parse(await response.json()).model_version.version;
  throw new StackError(`MLflow names no version of ${model} under the alias ${alias} (${response.status}).`);
}
