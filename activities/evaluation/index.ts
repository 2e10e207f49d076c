import type { ActivityContext } from '../context.ts';
import type { EvaluationActivities } from '../interfaces/evaluation.ts';
import { compareModels } from './compare-models.ts';
import { prepareEvaluation } from './prepare-evaluation.ts';
import { scoreModel } from './score-model.ts';

/** Held-out rows, scores and the comparison of a challenger with the champion. */
export const createEvaluationActivities = (context: ActivityContext): EvaluationActivities => ({
  prepareEvaluation: (input) => prepareEvaluation(context, input),
  scoreModel: (input) => scoreModel(context, input),
  compareModels: (input) => compareModels(context, input),
});
