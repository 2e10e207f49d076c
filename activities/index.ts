/** What workflows may ask of the outside world: types alone. */
export type * from './interfaces/index.ts';
