import type { ComparisonScratch } from './kernels/comparison-scratch.ts';
import { type ScannedValues, squaredDeviations, valueCount } from './kernels/scan-values.ts';
import type { NumericProfile } from './profile/numeric-profile.ts';
import type { NumericColumn } from './table.ts';

/** A side of a column of numbers: its rows, or the profile that was made of them. */
export type NumericSide = NumericColumn | NumericProfile;

/** Counts and moments, whichever a side is. */
export interface NumericSummary {
  /** Values, infinities included. */
  readonly count: number;
  readonly missing: number;
  readonly infinite: number;
  /** Of the finite values; NaN where there is none. */
  readonly mean: number;
}

export interface ReferenceSummary extends NumericSummary {
  /** Standard deviation of the finite values (ddof 1); NaN with fewer than two. */
  readonly deviation: number;
}

export const summarizeCurrent = (scanned: ScannedValues): NumericSummary => ({
  count: valueCount(scanned),
  missing: scanned.missing,
  infinite: scanned.negativeInfinities + scanned.positiveInfinities,
  mean: scanned.mean,
});

export const summarizeReference = (
  scanned: ScannedValues,
  scratch?: ComparisonScratch,
): ReferenceSummary => ({
  ...summarizeCurrent(scanned),
  deviation: Math.sqrt(squaredDeviations(scanned, scratch) / (scanned.finite.length - 1)),
});

export function summarizeProfile(profile: NumericProfile): ReferenceSummary {
  const infinite = profile.negative_infinities + profile.positive_infinities;
  return {
    count: profile.finite + infinite,
    missing: profile.missing,
    infinite,
    mean: profile.mean,
    deviation: Math.sqrt(profile.squares / (profile.finite - 1)),
  };
}
