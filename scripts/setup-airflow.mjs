// The Airflow that tests/trainers.test.ts starts. Apart from the rest: a demo, or a worker, needs none.
import { setupAirflow } from './setup/airflow.mjs';
import { abortOnSignal } from './setup/interruption.mjs';
import { SetupError } from './setup/run-command.mjs';

const controller = new AbortController();
abortOnSignal(controller);
try {
  await setupAirflow({ signal: controller.signal });
  process.exit();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exit(error.exitCode);
}
