/**
 * What workflows may ask of the outside world: their only view of it, types without values. Each activity is idempotent
 * under the key its arguments carry (docs/decisions/0001-contracts.md, section 6) and fails with a code of the catalogue.
 */
export type * from './audit.ts';
export type * from './drift.ts';
export type * from './evaluation.ts';
export type * from './leases.ts';
export type * from './mlflow.ts';
export type * from './reasoning.ts';
export type * from './run-context.ts';
export type * from './runs.ts';
export type * from './training.ts';
