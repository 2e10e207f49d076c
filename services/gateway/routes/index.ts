import type { Endpoint } from '../endpoint.ts';
import { decisionEndpoints } from './decisions.ts';
import { healthEndpoints } from './health.ts';
import { modelEndpoints } from './models.ts';
import { reportEndpoints } from './reports.ts';
import { runEndpoints } from './runs.ts';
import { stepEndpoints } from './steps.ts';

/** Every endpoint, in the order in which their paths are tried. The OpenAPI document is made from the same list. */
export const endpoints: readonly Endpoint[] = [
  ...runEndpoints,
  ...stepEndpoints,
  ...decisionEndpoints,
  ...reportEndpoints,
  ...modelEndpoints,
  ...healthEndpoints,
];
