export { champion } from './champion.ts';
export { pipeline } from './pipeline.ts';
export { promotion } from './promotion.ts';
export { retrain } from './retrain.ts';
export { scheduledRun } from './scheduled-run.ts';
export { sweep } from './sweep.ts';
