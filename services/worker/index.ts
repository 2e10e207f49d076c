export { activitiesByQueue } from './activities.ts';
export { applicationFailureOf } from './activity-failures.ts';
export { runWorker } from './run-worker.ts';
export { workflowBundle } from './workflow-bundle.ts';
