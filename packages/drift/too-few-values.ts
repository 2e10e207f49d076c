import type { Measurement } from './measurement.ts';

/** Null where both windows hold enough values to compare. */
export function tooFewValues(
  values: { readonly reference: number; readonly current: number },
  minimum: number,
): Measurement['obstacle'] {
  if (Math.min(values.reference, values.current) >= minimum) return null;
  const reason =
    `Needs ${minimum} values in each window: ` +
    `the reference holds ${values.reference}, the current one ${values.current}.`;
  return { status: 'insufficient_data', reason, rowsNeeded: minimum };
}
