import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

// A thread is not given the loader of sources by whoever starts it. What is built needs none, and does not come here.
register();
await import(workerData.program);
