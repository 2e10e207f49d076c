/**
 * The flights example retrained by the trainer `airflow`, in a real Airflow: the same outcome as `npm run demo`.
 *
 *     npm run setup:airflow
 *     node --conditions=source --import tsx tests/flights-through-airflow.ts
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readDefinitionFile } from '@watchtower/client/definition-file';
import { repositoryRoot } from '@watchtower/stack/repository';
import { type AirflowServer, startAirflow } from './airflow-server.ts';
import globalTeardown from './global-teardown.ts';
import { openLab } from './lab.ts';
import { startSharedStack } from './start-shared-stack.ts';

const minutes = 60_000;
const folder = join(repositoryRoot, 'examples', 'flights');
const dag = 'ml_retrain_pipeline';
let airflow: AirflowServer | undefined;

await startSharedStack();
try {
  const lab = await openLab('flights', async ({ workspaces }) => {
    airflow = await startAirflow(join(workspaces, 'airflow'));
    const { url: AIRFLOW_API_URL, username: AIRFLOW_USERNAME, password: AIRFLOW_PASSWORD } = airflow;
    return { AIRFLOW_API_URL, AIRFLOW_USERNAME, AIRFLOW_PASSWORD };
  });
  try {
    const python = lab.stack.environment.PYTHON ?? 'python3';
    const env = { ...process.env, NODE_OPTIONS: undefined, MLFLOW_TRACKING_URI: lab.stack.mlflow };
    await promisify(execFile)(python, ['prepare.py'], { cwd: folder, env });
    await promisify(execFile)(python, ['seed_champion.py'], { cwd: folder, env });
    const definition = await readDefinitionFile(join(folder, 'watchtower.yaml'));
    const retrain = { ...definition.retrain, trainer: 'airflow' };
    await lab.request('POST', '/api/v1/models', { definition: { ...definition, retrain } });
    await airflow?.ready;
    await airflow?.unpause(dag);
    await airflow?.startScheduler({ WATCHTOWER_EXAMPLE: folder, WATCHTOWER_TRAIN_PYTHON: python });
    const run = await lab.startRun();
    await lab.until(run, ({ status }) => status === 'waiting_for_approval', 10 * minutes);
    await lab.decide(run, 'approve');
    const { outcome } = await lab.ended(run);
    for (const { name, message } of await lab.steps(run)) console.log(`${name}: ${message}`);
    console.log(`The flights example, trained by Airflow: ${outcome}.`);
    if (outcome !== 'promoted') process.exitCode = 1;
  } finally {
    await Promise.all([lab.close(), airflow?.stop()]);
  }
} finally {
  await globalTeardown();
}
