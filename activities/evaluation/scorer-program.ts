import path from 'node:path';

/** File of one of the scorer's Python programs; they lie beside this module, in the source as in what was built of it. */
export const scorerProgram = (name: 'build_environment' | 'download_model' | 'score'): string =>
  path.join(import.meta.dirname, 'scorer', `${name}.py`);
