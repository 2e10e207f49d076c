import path from 'node:path';
import type { Environment, ModelDefinition } from '@watchtower/contracts';

const inherited = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'TZ',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
] as const;
const mlflow = [
  'MLFLOW_TRACKING_URI',
  'MLFLOW_TRACKING_USERNAME',
  'MLFLOW_TRACKING_PASSWORD',
  'MLFLOW_TRACKING_TOKEN',
] as const;

type Variables = Record<string, string>;

const set = (entries: readonly (readonly [string, string | undefined])[]): Variables =>
  Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

/** What every job finds in its environment, wherever it runs; the definition's own variables come last. */
export function jobVariables({ retrain }: ModelDefinition): Variables {
  return {
    LANG: 'C.UTF-8',
    // A line of progress counts when it is written, not when a buffer is full.
    PYTHONUNBUFFERED: '1',
    PYTHONIOENCODING: 'utf-8',
    MLFLOW_DISABLE_TELEMETRY: 'true',
    // Beside our own services OpenMP's spinning threads starve each other: forty times slower was measured.
    OMP_WAIT_POLICY: 'PASSIVE',
    ...retrain.environment,
  };
}

/** Where a job that may reach MLflow logs, and as whom. */
export function mlflowVariables(environment: Environment, mlflowRunId: string): Variables {
  return { ...set(mlflow.map((name) => [name, environment[name]])), MLFLOW_RUN_ID: mlflowRunId };
}

/** All a trainer gets to see: neither our keys nor the database's address. What we set wins over the definition's. */
export function trainerEnvironment(
  environment: Environment,
  definition: ModelDefinition,
  training: { readonly requestFile: string; readonly mlflowRunId: string },
  own: NodeJS.ProcessEnv = process.env,
): Variables {
  const named = new Set(Object.keys(definition.retrain.environment));
  return {
    ...jobVariables(definition),
    ...set(inherited.filter((name) => !named.has(name)).map((name) => [name, own[name]])),
    ...mlflowVariables(environment, training.mlflowRunId),
    WATCHTOWER_TRAINING_REQUEST: training.requestFile,
  };
}

/** The command with `{python}` filled in; a relative path of it starts from our folder, not from the trainer's. */
export function trainerCommand(environment: Environment, definition: ModelDefinition): readonly string[] {
  const python = environment.PYTHON.includes('/') ? path.resolve(environment.PYTHON) : environment.PYTHON;
  return definition.retrain.command.map((part) => part.replaceAll('{python}', python));
}
