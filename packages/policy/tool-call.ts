import { toolInputs } from '@watchtower/contracts';
import { z } from 'zod';

const call = <const Name extends keyof typeof toolInputs>(name: Name) =>
  z.object({ id: z.string(), name: z.literal(name), input: toolInputs[name] });

/** A tool call whose name and input were checked: `name` tells which input it is. */
export const checkedCall = z.discriminatedUnion('name', [
  call('inspect_statistical_drift'),
  call('inspect_feature_drift'),
  call('inspect_target_drift'),
  call('decide_retraining'),
  call('trigger_retrain'),
  call('evaluate_model'),
  call('promote_model'),
  call('write_summary'),
]);
export type CheckedCall = z.output<typeof checkedCall>;
