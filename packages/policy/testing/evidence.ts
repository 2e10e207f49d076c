import { type Evidence, evidence as evidenceSchema } from '@watchtower/contracts';

/** Evidence for tests. */

type Column = Evidence['columns'][number];

export const driftedColumn = (name: string, psi: number | null): Column => ({
  name,
  type: 'numeric',
  status: 'drifted',
  severity: 'high',
  reason: 'its values are higher than before',
  psi,
  effect: null,
});

/** Nothing moved. */
export const quiet: Evidence = evidenceSchema.parse({
  run_id: '018f3c1e-0000-7000-8000-000000000001',
  model: 'flights',
  task: 'binary_classification',
  dry_run: false,
  reference_window: { from: '2013-01-01T00:00:00.000Z', to: '2013-04-01T00:00:00.000Z' },
  current_window: { from: '2013-04-01T00:00:00.000Z', to: '2013-08-01T00:00:00.000Z' },
  champion: {
    registered_model: 'flights',
    version: '1',
    mlflow_run_id: null,
    source: 'models:/m-1',
    training_window: null,
  },
  cooling_down_until: null,
  dataset: {
    rows_reference: 80_000,
    rows_current: 110_000,
    columns: 12,
    features_drifted: 0,
    drifted_share: 0,
    drift_detected: false,
    score: 0,
    health: 'healthy',
  },
  columns: [],
  target: null,
  worst_severity: 'stable',
  max_psi: null,
  performance: null,
  retrain_rule: 'dataset_drift',
});

/** Two columns and the target moved, and so did the dataset: a retraining is demanded. */
export const drifted: Evidence = {
  ...quiet,
  dataset: {
    ...quiet.dataset,
    features_drifted: 2,
    drifted_share: 0.5,
    drift_detected: true,
    score: 0.4,
    health: 'at_risk',
  },
  columns: [driftedColumn('temperature', 0.3), driftedColumn('dep_delay', 1.3)],
  target: { name: 'late', drifted: true, kl: 0.1, mean_shift: null, reason: 'it happens more often' },
  worst_severity: 'high',
  max_psi: 1.3,
};

/** The champion's ROC AUC was 0.75 and is less by this share. */
export const declined = (decline: number): NonNullable<Evidence['performance']> => ({
  metric: 'roc_auc',
  direction: 'maximize',
  at_promotion: 0.75,
  latest: 0.75 * (1 - decline),
  decline,
  measured_by: quiet.run_id,
});
