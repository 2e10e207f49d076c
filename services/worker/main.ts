import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { EnvironmentError, parseEnvironment } from '@watchtower/contracts';
import { pino } from 'pino';
import { runWorker } from './run-worker.ts';

const logger = pino({ name: 'worker', level: process.env.LOG_LEVEL || 'info' });

try {
  const environment = parseEnvironment(process.env);
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
  if (error instanceof EnvironmentError) logger.fatal(error.message);
  else logger.fatal({ err: error }, 'worker stopped');
  process.exitCode = 1;
}
