// npm run up: the embedded stack alone, until Ctrl-C.
import { launch } from './launch.mjs';

await launch('up', {
  usage: `npm run up

Sets everything up and starts the embedded stack: PostgreSQL, Temporal, MLflow, worker and gateway. Ctrl-C stops it.`,
});
