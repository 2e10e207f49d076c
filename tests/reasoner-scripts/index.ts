import { defiantModels } from './defiant-models.ts';
import { hostileNames } from './hostile-names.ts';
import { limits } from './limits.ts';
import { malformedTurns } from './malformed-turns.ts';
import { providerFaults } from './provider-faults.ts';
import type { ReasonerScript } from './reasoner-script.ts';
import { trainings } from './trainings.ts';

export * from './reasoner-script.ts';
export { toPromotion } from './trainings.ts';
export const scripts: readonly ReasonerScript[] = [
  ...providerFaults,
  ...malformedTurns,
  ...limits,
  ...defiantModels,
  ...hostileNames,
  ...trainings,
];
