import type { ColumnReport, TargetReport } from '@watchtower/contracts';
import { alignLevels } from './category-cells.ts';
import { kullbackLeibler } from './kullback-leibler.ts';
import type { Column } from './table.ts';

/**
 * A regression target drifts beyond this many standard deviations of the reference, whatever its other tests
 * say.
 */
const largestMeanShift = 1;

/**
 * The target's own sheet: KL of the classes, or the shift of the mean. It drifts where its column does, and a
 * regression target also where its mean moved by more than one standard deviation of the reference.
 */
export function targetDrift(
  reference: Column,
  current: Column | undefined,
  column: ColumnReport,
): TargetReport {
  const { name } = reference;
  const drifted = column.status === 'drifted';
  if (reference.kind === 'categorical' && current?.kind === 'categorical') {
    const classes = alignLevels(reference, current);
    const kl = kullbackLeibler(
      classes.map((cell) => cell.current),
      classes.map((cell) => cell.reference),
    );
    return { name, drifted, kl, mean_shift: null, reason: column.reason };
  }
  if (reference.kind === 'numeric' && current?.kind === 'numeric') {
    const shift = meanShift(reference.values, current.values);
    const far = shift !== null && shift > largestMeanShift && column.status !== 'insufficient_data';
    const reason = far
      ? `The mean moved by ${shift.toFixed(2)} standard deviations of the reference. ${column.reason}`
      : column.reason;
    return { name, drifted: drifted || far, kl: null, mean_shift: shift, reason };
  }
  return { name, drifted, kl: null, mean_shift: null, reason: column.reason };
}

/**
 * |Δmean| / standard deviation of the reference (ddof 1); null where that is not a positive finite number.
 */
export function meanShift(reference: Float64Array, current: Float64Array): number | null {
  const before = moments(reference);
  const after = moments(current);
  const shift = Math.abs(after.mean - before.mean) / before.deviation;
  return Number.isFinite(shift) ? shift : null;
}

/** Of the values that are not NaN; two passes, so that a large mean costs no digits. */
function moments(values: Float64Array): { readonly mean: number; readonly deviation: number } {
  let count = 0;
  let sum = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    count += 1;
    sum += value;
  }
  const mean = sum / count;
  let squares = 0;
  for (const value of values) if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / (count - 1)) };
}
