// Jest loads a `.ts` set-up with `require`, which does not find packages that are ES modules alone.
export { startSharedStack as default } from './start-shared-stack.ts';
