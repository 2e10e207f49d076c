/**
 * A metric prepared for one model's scores, to be taken again and again under other row weights: how often
 * each row is in a bootstrap sample. Sorting and per-row losses are done once, so a resample costs one
 * pass. Null where the metric is undefined under these weights.
 */
export type WeightedMetric = (weights: Uint32Array) => number | null;

/** The classes of the rows, by their codes. */
export type Labels = Uint8Array | Int32Array;

/** A metric that can also be asked what it would be if the rows' labels were others than the scores' own. */
export type LabelledMetric = (weights: Uint32Array, labels?: Labels) => number | null;

export const unitWeights = (rows: number): Uint32Array => new Uint32Array(rows).fill(1);

/** Mean of a value per row; null without rows. */
export function meanOf(values: Float64Array): WeightedMetric {
  return (weights) => {
    let sum = 0;
    let total = 0;
    for (let i = 0; i < values.length; i += 1) {
      const weight = weights[i] ?? 0;
      sum += weight * (values[i] ?? 0);
      total += weight;
    }
    return total === 0 ? null : sum / total;
  };
}
