// build-workflow-bundle.mjs <cache folder>: so that no test waits for it, and no two workers build it at once.
import { workflowBundle } from '@watchtower/worker';

const [cache] = process.argv.slice(2);
if (cache === undefined) throw new Error('The cache folder is missing.');
await workflowBundle(cache);
