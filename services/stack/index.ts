export { type Endpoints, runningStack } from './endpoints.ts';
export { runUp } from './run-up.ts';
export type { ServiceEvent } from './service.ts';
export { type ServiceName, type Stack, type StackOptions, StackRunning, startStack } from './stack.ts';
export { StackError } from './stack-error.ts';
export { type StateFolder, stateFolder } from './state-folder.ts';
