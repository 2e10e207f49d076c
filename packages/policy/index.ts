export * from './approval.ts';
export * from './guard.ts';
export * from './outcome.ts';
export * from './pipeline-state.ts';
export * from './policy-reasoner.ts';
export * from './policy-version.ts';
export * from './tool-call.ts';
export * from './verdict.ts';
