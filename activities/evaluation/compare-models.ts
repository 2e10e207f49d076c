import { canonicalJson, type EvaluationReport, type ScoredModel } from '@watchtower/contracts';
import { digestOf } from '@watchtower/contracts/digest';
import type { ActivityContext } from '../context.ts';
import type { EvaluationActivities } from '../interfaces/evaluation.ts';
import { withProgress } from '../progress.ts';
import { readScores } from './held-out-scores.ts';
import { judgeBoth } from './judging.ts';

type Compare = EvaluationActivities['compareModels'];

/**
 * Compares both models on their stored predictions and stores the evaluation, the whole of it as an
 * artifact too.
 */
export async function compareModels(
  { artifacts, database }: ActivityContext,
  { context, challenger, champion, rows_artifact, window }: Parameters<Compare>[0],
): ReturnType<Compare> {
  const { definition } = context;
  const rows = await artifacts.pathOf(rows_artifact);
  const contender = async ({ predictions_artifact, training_window }: ScoredModel) => ({
    scores: await readScores(definition, rows, await artifacts.pathOf(predictions_artifact)),
    training_window,
  });
  const comparison = await withProgress('comparing the models', async ({ signal }) =>
    judgeBoth(
      {
        settings: definition.evaluate,
        window,
        challenger: await contender(challenger),
        champion: champion === null ? null : await contender(champion),
      },
      signal,
    ),
  );
  const evaluation = {
    model: context.model,
    registered_model: definition.registered_model,
    challenger,
    champion,
    rows: comparison.rows,
    window,
    rows_artifact,
    improvement: comparison.improvement,
    gates: comparison.gates,
    outcome: comparison.outcome,
    reason: comparison.reason,
  };
  const report: EvaluationReport = {
    ...evaluation,
    evidence_digest: digestOf({
      definition_digest: context.definition_digest,
      champion_version: champion?.version ?? null,
      challenger_version: challenger.version,
      evaluation,
    }),
  };
  const row = {
    model: report.model,
    champion_version: champion?.version ?? null,
    challenger_version: challenger.version,
    outcome: report.outcome,
    evidence_digest: report.evidence_digest,
    report,
    artifact: await artifacts.put(canonicalJson(report)),
  };
  await database.evaluation.upsert({
    where: { run_id: context.run_id },
    create: { run_id: context.run_id, ...row },
    update: row,
  });
  return report;
}
