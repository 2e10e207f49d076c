export * from './compare.ts';
export * from './gates.ts';
export * from './improvement.ts';
export * from './metrics.ts';
export * from './scores.ts';
