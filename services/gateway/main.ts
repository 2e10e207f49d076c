import { EnvironmentError, parseEnvironment } from '@watchtower/contracts';
import { serveGateway } from './serve.ts';

/** The role `gateway`: serves until SIGTERM or SIGINT. */
try {
  await serveGateway(parseEnvironment(process.env));
} catch (error) {
  if (!(error instanceof EnvironmentError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
