import {
  canonicalJson,
  type DriftReport,
  digest,
  driftReport,
  type RunId,
  WatchtowerError,
} from '@watchtower/contracts';
import { storableJson } from '../audit/storable-json.ts';
import type { ActivityContext } from '../context.ts';

/** A report larger than this, in bytes of JSON, is in the artifact store alone. */
const largestInline = 64 * 1024;

type Stores = Pick<ActivityContext, 'artifacts' | 'database'>;

/** Writes the report to the artifact store and its row; written again for the same run, both are the same. */
export async function storeReport(
  { artifacts, database }: Stores,
  run: { readonly id: RunId; readonly model: string },
  measured: DriftReport,
) {
  const report = storableJson(measured);
  const content = canonicalJson(report);
  const artifact = await artifacts.put(content);
  const inline = Buffer.byteLength(content) <= largestInline;
  const row = {
    model: run.model,
    dataset: report.dataset,
    artifact,
    ...(inline ? { report } : {}),
  };
  await database.driftReport.upsert({
    where: { run_id: run.id },
    create: { run_id: run.id, ...row },
    update: row,
  });
  return artifact;
}

/** @throws WatchtowerError `ReportNotFound`, `ArtifactMissing` */
export async function loadReport({ artifacts, database }: Stores, runId: RunId): Promise<DriftReport> {
  const row = await database.driftReport.findUnique({ where: { run_id: runId } });
  if (row === null) {
    throw new WatchtowerError(
      'ReportNotFound',
      `Run ${runId} has no drift report: it has not measured drift yet.`,
    );
  }
  const content = await artifacts.read(digest.parse(row.artifact));
  return driftReport.parse(JSON.parse(content.toString('utf8')));
}
