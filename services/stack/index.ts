export { runUp } from './run-up.ts';
export { type Stack, startStack } from './stack.ts';
