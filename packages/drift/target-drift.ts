import type { ColumnReport, TargetReport } from '@watchtower/contracts';
import type { Measurement } from './measurement.ts';

/**
 * A regression target drifts beyond this many standard deviations of the reference, whatever its other tests
 * say.
 */
const largestMeanShift = 1;

/**
 * The target's own sheet: KL of the classes, or the shift of the mean. It drifts where its column does, and a
 * regression target also where its mean moved by more than one standard deviation of the reference.
 */
export function targetDrift(measurement: Measurement, column: ColumnReport): TargetReport {
  const { name } = measurement;
  const { kl, meanShift: shift } = measurement.target ?? { kl: null, meanShift: null };
  const far = shift !== null && shift > largestMeanShift && column.status !== 'insufficient_data';
  const reason = far
    ? `The mean moved by ${shift.toFixed(2)} standard deviations of the reference. ${column.reason}`
    : column.reason;
  return { name, drifted: column.status === 'drifted' || far, kl, mean_shift: shift, reason };
}
