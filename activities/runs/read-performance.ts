import { evaluationReport, type ModelDefinition, type Performance, runId } from '@watchtower/contracts';
import type { Database } from '@watchtower/database';
import { performanceOf } from '@watchtower/policy';

/**
 * The champion's primary metric in the newest evaluation it stood as champion in, against the one it had as a challenger.
 * Null where either is not known: a champion made by hand, or one that no evaluation has looked at since.
 */
export async function readPerformance(
  database: Database,
  definition: ModelDefinition,
  championVersion: string,
): Promise<Performance | null> {
  const { model, evaluate } = definition;
  const orderBy = { created_at: 'desc' } as const;
  const [promoted, latest] = await Promise.all([
    database.evaluation.findFirst({ where: { model, challenger_version: championVersion }, orderBy }),
    database.evaluation.findFirst({ where: { model, champion_version: championVersion }, orderBy }),
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
