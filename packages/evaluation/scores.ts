import { type TaskType, WatchtowerError } from '@watchtower/contracts';

/** Truth and predictions of one model on the held-out rows: equal lengths, same order for every model. */
export type Scores =
  | {
      readonly task: 'binary_classification';
      readonly output: 'probability' | 'label';
      /** 1 where the row is of the positive class, else 0. */
      readonly truth: Uint8Array;
      /** Probability of the positive class in [0, 1], or the predicted label as 0 or 1. */
      readonly predicted: Float64Array;
      /** From here on a probability counts as a positive prediction. */
      readonly threshold: number;
    }
  | {
      readonly task: 'multiclass_classification';
      /** Codes of the classes, from 0 to `classes - 1`. */
      readonly truth: Int32Array;
      readonly predicted: Int32Array;
      readonly classes: number;
    }
  | { readonly task: 'regression'; readonly truth: Float64Array; readonly predicted: Float64Array };

export type ScoresOf<Task extends TaskType> = Extract<Scores, { task: Task }>;

/**
 * @throws WatchtowerError `EvaluationFailed` where lengths differ, a value is not finite, or a
 * probability lies outside [0, 1]
 */
export function checkScores(scores: Scores): void {
  const { truth, predicted } = scores;
  if (truth.length !== predicted.length) {
    throw new WatchtowerError(
      'EvaluationFailed',
      `There are ${truth.length} labels but ${predicted.length} predictions; each row needs one of both.`,
    );
  }
  const probability = scores.task === 'binary_classification';
  for (const [row, value] of predicted.entries()) {
    if (
      Number.isFinite(value) &&
      Number.isFinite(truth[row]) &&
      (!probability || (value >= 0 && value <= 1))
    ) {
      continue;
    }
    const allowed = probability ? 'a number from 0 to 1' : 'a finite number';
    throw new WatchtowerError(
      'EvaluationFailed',
      `The prediction of row ${row} is ${value}, its label ${truth[row]}; each must be ${allowed}. ` +
        'Check evaluate.output of the definition and what the model predicts.',
    );
  }
}
