import type { ChampionInfo, ModelName } from '@watchtower/contracts';
import { evaluation, mlflow } from '../activities.ts';
import { labelledRows } from './labelled-rows.ts';
import type { ToolAnswer, Toolbox } from './toolbox.ts';

/** Scores challenger and champion on the same held-out rows and holds the result against the gates. */
export async function evaluateModel(toolbox: Toolbox, version: string): Promise<ToolAnswer> {
  const { context, pen } = toolbox;
  const { registered_model, promote } = context.definition;
  const rows = await labelledRows(toolbox);
  const champion = await mlflow.readChampion.executeWithOptions({ summary: `Read alias ${promote.alias}` }, [
    { run_id: context.run_id, registered_model, alias: promote.alias },
  ]);
  const score = (
    model: Omit<ChampionInfo, 'registered_model'> & { readonly registered_model: ModelName },
    who: string,
  ) =>
    evaluation.scoreModel.executeWithOptions(
      { summary: `Score ${rows.rows} rows with ${who} ${model.version}` },
      [{ context, version: model, rows_artifact: rows.rows_artifact }],
    );
  const challenger: ChampionInfo = {
    registered_model,
    version,
    mlflow_run_id: null,
    source: '',
    training_window: { from: context.reference_window.from, to: context.split_at },
  };
  const [challengerScores, championScores] = await Promise.all([
    score(challenger, 'challenger'),
    champion && champion.version !== version ? score(champion, 'champion') : null,
  ]);
  const report = await evaluation.compareModels.executeWithOptions(
    { summary: 'Hold both models against the gates' },
    [
      {
        context,
        challenger: challengerScores,
        champion: championScores,
        rows_artifact: rows.rows_artifact,
        window: rows.window,
      },
    ],
  );
  toolbox.evaluated = { report, champion };
  const { outcome, gates, improvement, evidence_digest, reason } = report;
  await pen.write(
    [
      {
        kind: 'evidence',
        name: 'evaluated',
        message: `Evaluation on ${report.rows} held-out rows: ${outcome}. ${reason}`.slice(0, 2000),
        payload: { ...report },
      },
    ],
    { evaluation_outcome: outcome, flags: { evaluated: true } },
  );
  return {
    result: {
      outcome,
      reason,
      rows: report.rows,
      gates: gates.map((gate) => ({ ...gate })),
      challenger: { version, metrics: { ...report.challenger.metrics } },
      champion: report.champion && {
        version: report.champion.version,
        metrics: { ...report.champion.metrics },
      },
      evidence_digest,
    },
    is_error: false,
    event: { type: 'evaluated', version, outcome, gates, improvement },
  };
}
