/**
 * `npm run flights-by-trainer [-- process docker airflow]`: the flights example to promotion through each trainer, one after the
 * other, from the same first champion; ends with a table of what each came to, and with 1 where they differ.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readDefinitionFile } from '@watchtower/client';
import { type EvaluationReport, type JsonObject, storedEvaluation, trainerName } from '@watchtower/contracts';
import { repositoryRoot } from '@watchtower/stack/repository';
import { z } from 'zod';
import { type AirflowServer, retrainDag, startAirflow } from './airflow-server.ts';
import { pythonImage } from './docker-image.ts';
import globalTeardown from './global-teardown.ts';
import { type Lab, openLab } from './lab.ts';
import { startSharedStack } from './start-shared-stack.ts';

const minutes = 60_000;
const flights = join(repositoryRoot, 'examples', 'flights');
const asked = process.argv.slice(2);
const trainers = z.array(trainerName).parse(asked.length === 0 ? trainerName.options : asked);
const run = promisify(execFile);

interface Outcome {
  readonly trainer: string;
  readonly outcome: string;
  readonly champion: string;
  readonly challenger: string;
  readonly training_seconds: string;
}

async function definitionFor(trainer: string): Promise<JsonObject> {
  const written = await readDefinitionFile(join(flights, 'watchtower.yaml'));
  const retrain = z.looseObject({}).parse(written.retrain);
  // The folder above: what the examples share lies there. A container gets a copy of it.
  const command = ['{python}', 'flights/train.py'];
  return { ...written, retrain: { ...retrain, trainer, working_directory: '..', command } };
}

async function promote(lab: Lab, trainer: string): Promise<Outcome> {
  await run(lab.stack.environment.PYTHON ?? 'python3', ['seed_champion.py'], {
    cwd: flights,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, MLFLOW_TRACKING_URI: lab.stack.mlflow },
  });
  const definition = await definitionFor(trainer);
  const { status, body } = await lab.request('POST', '/api/v1/models', { definition });
  if (status >= 300) throw new Error(`The definition was refused: ${JSON.stringify(body)}`);
  const id = await lab.startRun({ model: 'flights' });
  await lab.until(id, (detail) => detail.status === 'waiting_for_approval', 10 * minutes);
  await lab.decide(id, 'approve');
  const { outcome } = await lab.ended(id, 2 * minutes);
  const { report } = storedEvaluation.parse((await lab.request('GET', `/reports/eval/${id}`)).body);
  const settled = (await lab.steps(id)).find(({ name }) => name === 'training_settled')?.payload;
  const { seconds } = z.object({ seconds: z.number() }).parse(settled);
  return {
    trainer,
    outcome: outcome ?? 'none',
    champion: rocAuc(report.champion),
    challenger: rocAuc(report.challenger),
    training_seconds: seconds.toFixed(1),
  };
}

const rocAuc = (side: EvaluationReport['champion']): string => side?.metrics.roc_auc?.toFixed(4) ?? 'none';

let airflow: AirflowServer | undefined;
await startSharedStack();
try {
  const lab = await openLab('flights', async ({ environment: { PYTHON = 'python3' }, workspaces }) => {
    await run(PYTHON, ['prepare.py'], { cwd: flights });
    if (trainers.includes('airflow')) airflow = await startAirflow(join(workspaces, 'airflow'));
    const requirements = ['mlflow-skinny', 'scikit-learn', 'pandas', 'pyarrow'];
    return {
      ...airflow?.variables,
      ...(trainers.includes('docker') && {
        EXECUTION_DOCKER_IMAGE: await pythonImage({ python: PYTHON, requirements }),
      }),
    };
  });
  try {
    await airflow?.ready;
    await airflow?.startScheduler({
      WATCHTOWER_EXAMPLE: flights,
      WATCHTOWER_TRAIN_PYTHON: lab.stack.environment.PYTHON ?? 'python3',
    });
    await airflow?.unpause(retrainDag);
    const outcomes: Outcome[] = [];
    for (const trainer of trainers) outcomes.push(await promote(lab, trainer));
    console.table(outcomes);
    const told = new Set(
      outcomes.map(({ outcome, champion, challenger }) => `${outcome} ${champion} ${challenger}`),
    );
    if (told.size !== 1 || outcomes.some(({ outcome }) => outcome !== 'promoted')) process.exitCode = 1;
  } finally {
    await lab.close();
  }
} finally {
  await airflow?.stop();
  await globalTeardown();
}
