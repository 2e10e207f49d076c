import { type ModelDefinition, WatchtowerError } from '@watchtower/contracts';
import { checkScores, type Scores } from '@watchtower/evaluation';
import { type ColumnValues, readValues } from '../data/index.ts';
import { classLabel, classLabels, numbers } from './class-labels.ts';

/**
 * Labels of the held-out rows beside one model's predictions for them, row by row.
 *
 * @throws WatchtowerError `ColumnMissing`, or `EvaluationFailed` where the two do not fit
 */
export async function readScores(
  definition: ModelDefinition,
  rows: string,
  predictions: string,
): Promise<Scores> {
  const [truth, predicted] = await Promise.all([
    readColumn(rows, definition.data.target),
    readColumn(predictions, 'prediction'),
  ]);
  const scores = scoresOf(definition, truth, predicted);
  checkScores(scores);
  return scores;
}

async function readColumn(file: string, name: string): Promise<ColumnValues> {
  const column = (await readValues(file, [name])).get(name);
  if (column === undefined) {
    throw new WatchtowerError('EvaluationFailed', `The column "${name}" was not read from ${file}.`);
  }
  return column;
}

function scoresOf({ task, evaluate }: ModelDefinition, truth: ColumnValues, predicted: ColumnValues): Scores {
  if (task === 'regression') return { task, truth: numbers(truth), predicted: numbers(predicted) };
  if (task === 'multiclass_classification') return { task, ...codesOf(truth, predicted) };
  const positive = classLabel(evaluate.positive_class);
  const isPositive = (label: string) => Number(label === positive);
  const byLabel = evaluate.output === 'label';
  return {
    task,
    output: byLabel ? 'label' : 'probability',
    truth: Uint8Array.from(classLabels(truth), isPositive),
    predicted: byLabel ? Float64Array.from(classLabels(predicted), isPositive) : numbers(predicted),
    threshold: evaluate.decision_threshold,
  };
}

/** Classes numbered as they first occur, the truth's before those only predicted. */
function codesOf(truth: ColumnValues, predicted: ColumnValues) {
  const codes = new Map<string, number>();
  const codeOf = (label: string): number => {
    const code = codes.get(label) ?? codes.size;
    codes.set(label, code);
    return code;
  };
  return {
    truth: Int32Array.from(classLabels(truth), codeOf),
    predicted: Int32Array.from(classLabels(predicted), codeOf),
    classes: codes.size,
  };
}
