import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { findPython } from './prerequisites.mjs';
import { installRequirements } from './python-packages.mjs';
import { runCommand } from './run-command.mjs';
import { createStages, digestOfFiles } from './stages.mjs';

/** An Airflow of the tests' own, kept apart from MLflow's packages; nothing else needs it. */
const root = resolve(import.meta.dirname, '..', '..');
const home = join(root, '.watchtower', 'airflow');
const venv = join(home, 'venv');
const dags = join(root, 'infra', 'airflow', 'dags');
const requirements = 'infra/airflow/requirements.txt';

/** Where Airflow is once it is installed. `database` is migrated and knows the DAGs of infra/airflow: start from a copy. */
export const airflowParts = {
  program: join(venv, 'bin', 'airflow'),
  database: join(home, 'airflow.db'),
  dags,
};

/**
 * What every Airflow process of one folder shares.
 *
 * @param {string} folder that of its configuration, database and logs
 * @param {NodeJS.ProcessEnv} variables
 * @returns {NodeJS.ProcessEnv}
 */
export const airflowEnvironment = (folder, variables) => ({
  ...variables,
  // Airflow starts itself by name.
  PATH: `${join(venv, 'bin')}:${variables.PATH ?? ''}`,
  AIRFLOW_HOME: folder,
  AIRFLOW__CORE__DAGS_FOLDER: dags,
  AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
  AIRFLOW__CORE__EXECUTOR: 'LocalExecutor',
  AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `sqlite:///${join(folder, 'airflow.db')}`,
});

/**
 * Installs Airflow and makes its database, where that is not done already.
 *
 * @param {{ variables?: NodeJS.ProcessEnv, say?: (line: string) => void, signal?: AbortSignal }} options
 * @throws {SetupError}
 */
export async function setupAirflow({ variables = process.env, say = console.log, signal } = {}) {
  const keys = keysOf(variables);
  mkdirSync(home, { recursive: true });
  const stages = await createStages(home, say, signal);
  try {
    await stages.run({
      name: 'Airflow',
      key: keys.Airflow,
      isPresent: () => existsSync(airflowParts.program),
      work: () =>
        installRequirements({
          python: findPython(variables).program,
          venv,
          requirements: join(root, requirements),
          variables,
          say,
          signal,
        }),
    });
    await stages.run({
      name: 'Airflow database',
      key: keys['Airflow database'],
      isPresent: () => existsSync(airflowParts.database),
      work: () => makeDatabase(variables, signal),
    });
  } finally {
    stages.close();
  }
}

/** @returns {string | undefined} why the tests can't use Airflow; undefined where they can */
export function missingAirflow(variables = process.env) {
  const notes = existsSync(join(home, 'setup.json')) ? readFileSync(join(home, 'setup.json'), 'utf8') : '{}';
  const done = JSON.parse(notes);
  const stale = Object.entries(keysOf(variables)).find(([name, key]) => done[name] !== key);
  return stale && `${stale[0]} is not set up as it is now: \`npm run setup:airflow\` does that`;
}

function keysOf(variables) {
  const machine = [process.platform, process.arch, venv, findPython(variables).version];
  const packages = digestOfFiles(root, [requirements, 'scripts/setup/python-packages.mjs'], machine);
  const files = readdirSync(dags).filter((file) => file.endsWith('.py'));
  const inputs = ['scripts/setup/airflow.mjs', ...files.map((file) => `infra/airflow/dags/${file}`)];
  return { Airflow: packages, 'Airflow database': digestOfFiles(root, inputs, [packages]) };
}

async function makeDatabase(variables, signal) {
  const folder = mkdtempSync(join(home, 'database-'));
  const env = airflowEnvironment(folder, variables);
  const airflow = (...args) =>
    runCommand(airflowParts.program, args, {
      cwd: folder,
      env,
      signal,
      advice: 'Does a DAG of infra/airflow hold a mistake?',
    });
  try {
    await airflow('db', 'migrate');
    await airflow('dag-processor', '--num-runs', '1');
    copyFileSync(join(folder, 'airflow.db'), `${airflowParts.database}.new`);
    renameSync(`${airflowParts.database}.new`, airflowParts.database);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
