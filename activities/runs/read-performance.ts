import {
  evaluationReport,
  type ModelDefinition,
  type Performance,
  type RunId,
  runId,
} from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import { performanceOf } from '@watchtower/policy';

/**
 * The champion's primary metric in the newest evaluation it stood as champion in, against the one it had as a challenger.
 * Null where either is not known: a champion made by hand, or one that no evaluation has looked at since.
 */
export async function readPerformance(
  database: Database,
  definition: ModelDefinition,
  { run_id, champion_version }: { readonly run_id: RunId; readonly champion_version: string },
): Promise<Performance | null> {
  const { model, evaluate } = definition;
  // A pipeline that was reset behind its evaluation sees the same evidence as before.
  const others = { model, run_id: { not: run_id } };
  const orderBy = { created_at: 'desc' } as const;
  const [promoted, latest] = await Promise.all([
    database.evaluation.findFirst({ where: { ...others, challenger_version: champion_version }, orderBy }),
    database.evaluation.findFirst({ where: { ...others, champion_version }, orderBy }),
  ]);
  if (!promoted || !latest) return null;
  const metric = evaluate.primary_metric;
  const before = evaluationReport.parse(promoted.report).challenger.metrics[metric];
  const now = evaluationReport.parse(latest.report).champion?.metrics[metric];
  if (typeof before !== 'number' || typeof now !== 'number') return null;
  return performanceOf({
    metric,
    direction: evaluate.direction,
    at_promotion: before,
    latest: now,
    measured_by: runId.parse(latest.run_id),
  });
}
