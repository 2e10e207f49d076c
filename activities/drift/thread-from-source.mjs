// A worker thread does not take over the loader its starter reads TypeScript with: it is registered there anew.
import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register();
await import(workerData.file);
