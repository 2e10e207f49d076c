import { createRequire } from 'node:module';
import path from 'node:path';

const manifest = createRequire(import.meta.url).resolve('@watchtower/activities/package.json');

/** File of one of the scorer's Python programs: in the package's folder, whether this runs from its source or from `dist`. */
export const scorerProgram = (
  name: 'build_environment' | 'check_requirements' | 'download_model' | 'fork_server' | 'score',
): string => path.join(path.dirname(manifest), 'evaluation', 'scorer', `${name}.py`);
