import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Arguments for `node` that run the attempt-runner: the source through tsx in development, else what was built of it. */
export function runnerProgram(): readonly string[] {
  const here = fileURLToPath(import.meta.url);
  const program = path.join(path.dirname(here), `attempt-runner${path.extname(here)}`);
  if (path.extname(here) === '.js') return [program];
  const tsx = createRequire(import.meta.url).resolve('tsx');
  return ['--conditions=source', '--import', pathToFileURL(tsx).href, program];
}
