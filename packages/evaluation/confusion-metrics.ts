import type { ScoresOf } from './scores.ts';
import type { LabelledMetric, Labels } from './weighted-metric.ts';

/** Rows by truth (major) and prediction (minor). */
interface Confusion {
  readonly classes: number;
  readonly cells: Float64Array;
}
type FromConfusion = (confusion: Confusion) => number | null;

const cell = ({ classes, cells }: Confusion, truth: number, predicted: number): number =>
  cells[truth * classes + predicted] ?? 0;
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : sum(values) / values.length;
const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

interface ClassCounts {
  readonly correct: number;
  readonly actual: number;
  readonly predicted: number;
}

function countsByClass(confusion: Confusion): readonly ClassCounts[] {
  const codes = Array.from({ length: confusion.classes }, (_, code) => code);
  return codes.map((code) => ({
    correct: cell(confusion, code, code),
    actual: sum(codes.map((other) => cell(confusion, code, other))),
    predicted: sum(codes.map((other) => cell(confusion, other, code))),
  }));
}

const f1Of = ({ correct, actual, predicted }: ClassCounts): number | null =>
  ratio(2 * correct, actual + predicted);

/**
 * Of the positive class with two classes, else the plain mean over classes that occur (macro), 0 where
 * undefined.
 */
function perClass(metric: (counts: ClassCounts) => number | null, binary: boolean): FromConfusion {
  return (confusion) => {
    const counts = countsByClass(confusion);
    const positive = counts[1];
    if (binary) return positive === undefined ? null : metric(positive);
    return mean(counts.filter((c) => c.actual + c.predicted > 0).map((c) => metric(c) ?? 0));
  };
}

const recallOf = ({ correct, actual }: ClassCounts): number | null => ratio(correct, actual);

const accuracyOf: FromConfusion = (confusion) =>
  ratio(sum(countsByClass(confusion).map(({ correct }) => correct)), sum([...confusion.cells]));

/** Mean recall over the classes that occur in the truth; null with fewer than two. */
const balancedAccuracyOf: FromConfusion = (confusion) => {
  const recalls = countsByClass(confusion).flatMap((counts) => recallOf(counts) ?? []);
  return recalls.length < 2 ? null : mean(recalls);
};

export type ConfusionMetric = 'accuracy' | 'balanced_accuracy' | 'precision' | 'recall' | 'f1';

function fromConfusion(metric: ConfusionMetric, binary: boolean): FromConfusion {
  switch (metric) {
    case 'accuracy':
      return accuracyOf;
    case 'balanced_accuracy':
      return balancedAccuracyOf;
    case 'precision':
      return perClass(({ correct, predicted }) => ratio(correct, predicted), binary);
    case 'recall':
      return perClass(recallOf, binary);
    case 'f1':
      return perClass(f1Of, binary);
  }
}

type LabelScores = ScoresOf<'binary_classification'> | ScoresOf<'multiclass_classification'>;

/** Metrics of predicted classes. A binary probability counts as positive from the threshold on. */
export function confusionMetric(metric: ConfusionMetric, scores: LabelScores): LabelledMetric {
  const { predicted, classes } = predictedClasses(scores);
  const evaluate = fromConfusion(metric, scores.task === 'binary_classification');
  return (weights, labels = scores.truth) => {
    const cells = new Float64Array(classes * classes);
    for (let row = 0; row < predicted.length; row += 1) {
      const index = (labels[row] ?? 0) * classes + (predicted[row] ?? 0);
      cells[index] = (cells[index] ?? 0) + (weights[row] ?? 0);
    }
    return evaluate({ classes, cells });
  };
}

/**
 * The metric that chance alone would give: as many rows of each class and as many predictions of each, but
 * none the likelier to be right, as in the expected agreement of Cohen (1960). It is the mean over all ways
 * to deal the predictions out to the rows. Null where the metric is undefined.
 */
export function chanceMetric(metric: ConfusionMetric, scores: LabelScores): number | null {
  const { predicted, classes } = predictedClasses(scores);
  const actual = countsOf(scores.truth, classes);
  const foretold = countsOf(predicted, classes);
  const cells = new Float64Array(classes * classes);
  for (const [truth, rows] of actual.entries()) {
    for (const [code, guesses] of foretold.entries()) {
      cells[truth * classes + code] = (rows * guesses) / predicted.length;
    }
  }
  return predicted.length === 0
    ? null
    : fromConfusion(metric, scores.task === 'binary_classification')({ classes, cells });
}

function predictedClasses(scores: LabelScores): { readonly predicted: Labels; readonly classes: number } {
  if (scores.task === 'multiclass_classification') return scores;
  const limit = scores.output === 'label' ? 0.5 : scores.threshold;
  return { predicted: Uint8Array.from(scores.predicted, (value) => Number(value >= limit)), classes: 2 };
}

function countsOf(labels: Labels, classes: number): Float64Array {
  const counts = new Float64Array(classes);
  for (const code of labels) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
