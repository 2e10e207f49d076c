// Joins what `watchtower drift` loads, on its own thread and on the comparing one, to a few files: finding, reading and
// linking a hundred of them takes longer than opening DuckDB does. Run by setup, after the compiler; bin/watchtower.mjs
// takes what was built one by one where this was not done, or is older.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { isCurrent, noteInputs } from './bin/bundle-state.mjs';

const root = path.join(import.meta.dirname, '../..');
const folder = path.join(import.meta.dirname, 'dist/bundle');
const banner = [
  "import { createRequire as requireFrom } from 'node:module';",
  'const require = requireFrom(import.meta.url);',
].join(' ');

/** DuckDB's library cannot be joined to anything; it is the activities' dependency, not this package's. */
const duckdb = {
  name: 'duckdb',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@duckdb\/node-bindings$/ }, () => ({ path: 'duckdb', namespace: 'duckdb' }));
    onLoad({ filter: /.*/, namespace: 'duckdb' }, () => ({
      contents: [
        "import { createRequire } from 'node:module';",
        "const activities = createRequire(import.meta.url).resolve('@watchtower/activities/package.json');",
        "export default createRequire(activities)('@duckdb/node-bindings');",
      ].join('\n'),
    }));
  },
};

/** Of Zod's messages only the English ones: the others are a third of it. */
const english = {
  name: 'english',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

// A command that runs may be about to load a part of it.
if (isCurrent(pathToFileURL(`${folder}/`))) process.exit();
rmSync(folder, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['services/cli/dist/main.js', 'activities/dist/drift/comparison-thread.js'],
  outdir: folder,
  entryNames: '[name]',
  bundle: true,
  splitting: true,
  metafile: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // The roles, which bin/watchtower.mjs starts without the bundle.
  external: ['@watchtower/gateway/*', '@watchtower/stack', '@watchtower/worker/*'],
  plugins: [duckdb, english],
  banner: { js: banner },
  minifyWhitespace: true,
  logLevel: 'warning',
});
// Packages change with the lock file, and how they are joined with this one.
const inputs = Object.keys(metafile.inputs)
  .filter((file) => !file.includes('node_modules') && !file.startsWith('duckdb:'))
  .concat('pnpm-lock.yaml', 'services/cli/bundle.mjs')
  .map((file) => path.relative(folder, path.join(root, file)));
noteInputs(pathToFileURL(`${folder}/`), inputs);
