import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { sourceFilesOf } from './source-files.ts';

const require = createRequire(import.meta.url);

/** What goes into the bundle: a change in any of these makes another bundle. */
const bundled = [
  'workflows',
  'packages/contracts',
  'packages/policy',
  'packages/drift',
  'packages/evaluation',
];

/**
 * The workflows as one file for the sandbox. Bundling takes seconds, so the result is kept under `cacheDir`, named by the
 * hash of the sources and of the SDK's version.
 *
 * @returns path of the bundle, for `WorkerOptions.workflowBundle.codePath`
 */
export async function workflowBundle(cacheDir: string): Promise<string> {
  const workflowsPath = fileURLToPath(import.meta.resolve('@watchtower/workflows'));
  const root = path.resolve(path.dirname(workflowsPath), workflowsPath.includes('/dist/') ? '../..' : '..');
  const file = path.join(cacheDir, `workflows-${await keyOf(root)}.cjs`);
  if (await readable(file)) return file;

  const { code } = await bundleWorkflowCode({
    workflowsPath,
    // Webpack's own account of its work would stand between the log's JSON lines.
    logger: new DefaultLogger('WARN'),
    webpackConfigHook: (config) => ({
      ...config,
      // Packages resolve to their sources in development, as they do in Node.
      resolve: {
        ...config.resolve,
        conditionNames: [
          ...(process.execArgv.includes('--conditions=source') ? ['source'] : []),
          'import',
          'require',
          'default',
        ],
      },
    }),
  });
  await mkdir(cacheDir, { recursive: true });
  const aside = `${file}.${process.pid}`;
  await writeFile(aside, code);
  await rename(aside, file);
  return file;
}

async function keyOf(root: string): Promise<string> {
  const hash = createHash('sha256');
  const sdk: unknown = require('@temporalio/worker/package.json');
  hash.update(JSON.stringify(sdk));
  // Packages from outside are bundled too; where there is no lock file (an image), they do not change.
  hash.update(await readFile(path.join(root, 'pnpm-lock.yaml')).catch(() => ''));
  for (const folder of bundled) {
    for (const file of await sourceFilesOf(path.join(root, folder))) {
      hash.update(path.relative(root, file)).update(await readFile(file));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

const readable = (file: string): Promise<boolean> =>
  readFile(file).then(
    (content) => content.length > 0,
    () => false,
  );
