import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { checkReasonerEnvironment } from '@watchtower/activities/reasoning/settings';
import { type Environment, EnvironmentError, parseEnvironment } from '@watchtower/contracts';
import { pino } from 'pino';
import { runWorker } from './run-worker.ts';

try {
  // Before there is a log: a wrong value, LOG_LEVEL's too, is told in plain words.
  const environment = parseEnvironment(process.env);
  checkReasonerEnvironment(environment);
  await serve(environment);
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}

async function serve(environment: Environment): Promise<void> {
  const logger = pino({ name: 'worker', level: environment.LOG_LEVEL });
  try {
    Runtime.install({
      // The SDK's own lines in our log, one JSON object a line.
      logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
        const line = { sdk: meta };
        if (level === 'ERROR') logger.error(line, message);
        else logger.warn(line, message);
      }),
      telemetryOptions: {
        logging: { filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }), forward: {} },
      },
    });
    await runWorker(environment, logger);
  } catch (error) {
    logger.fatal({ err: error }, 'worker stopped');
    process.exitCode = 1;
  }
}
