import {
  type Environment,
  noTokens,
  type Run,
  type RunId,
  raisesAlert,
  run,
  urgency,
  workflowIds,
} from '@watchtower/contracts';
import type { RunModel } from '@watchtower/database';

/** A row of `runs` as the API shows it. @throws ZodError on a row that no run could be */
export function runFromRow(row: RunModel, environment: Environment): Run {
  return run.parse({
    run_id: row.id,
    kind: row.kind,
    model: row.model,
    definition_version: row.definition_version,
    status: row.status,
    trigger_source: row.trigger_source,
    dry_run: row.dry_run,
    data_window_id: row.data_window_id,
    triggered_at: row.triggered_at.toISOString(),
    started_at: row.started_at?.toISOString() ?? null,
    completed_at: row.completed_at?.toISOString() ?? null,
    urgency: row.urgency,
    alert: raisesAlert(urgency.nullable().parse(row.urgency)),
    health: row.health,
    evaluation_outcome: row.evaluation_outcome,
    flags: {
      drift_detected: row.drift_detected,
      retrained: row.retrained,
      evaluated: row.evaluated,
      promoted: row.promoted,
    },
    outcome: row.outcome,
    failure: row.failure,
    summary: row.summary,
    decision: row.decision,
    reasoning: row.reasoning ?? { turns: 0, tokens: noTokens, cost: 0 },
    steps: row.head_number,
    head_hash: row.head_hash,
    links: runLinks(row.id, environment),
  });
}

/** Where the rest of a run is found: paths are relative to the gateway, other services by their full address. */
export function runLinks(runId: RunId | string, environment: Environment): Record<string, string> {
  const at = (path: string) => `/api/v1${path}`;
  const workflow = encodeURIComponent(workflowIds.pipeline(runId));
  const temporal = `${environment.TEMPORAL_UI_URL.replace(/\/+$/, '')}/namespaces/${environment.TEMPORAL_NAMESPACE}`;
  return {
    self: at(`/pipeline/status/${runId}`),
    stream: at(`/pipeline/status/${runId}/stream`),
    steps: at(`/pipeline/${runId}/steps`),
    audit: at(`/pipeline/${runId}/audit`),
    decision: at(`/pipeline/${runId}/decision`),
    cancel: at(`/pipeline/${runId}/cancel`),
    drift_report: at(`/reports/drift/${runId}`),
    evaluation: at(`/reports/eval/${runId}`),
    temporal: `${temporal}/workflows/${workflow}`,
  };
}
