// The set-up alone, as `npm test` and `npm run demo` begin with.
import { SetupError, setup } from './setup.mjs';

try {
  await setup();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\n${error.message}`);
  process.exitCode = error.exitCode;
}
