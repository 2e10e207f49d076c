import {
  type Digest,
  digest,
  modelName,
  type RunId,
  storedDriftReport,
  storedEvaluation,
  WatchtowerError,
} from '@watchtower/contracts';
import type { DriftReportModel, EvaluationModel } from '@watchtower/database';
import { z } from 'zod';
import type { GatewayContext } from '../context.ts';
import { endpoint, noBody, nothing } from '../endpoint.ts';
import { findRun } from '../find-run.ts';
import { runParams } from './parameters.ts';

const latestQuery = z.strictObject({ model: modelName.optional() });

const common = { method: 'get', atRoot: true, scope: 'read', tag: 'Reports', body: noBody } as const;
const latest = { ...common, params: nothing, unknown: 'NotFound', query: latestQuery } as const;
const ofRun = { ...common, params: runParams, unknown: 'RunNotFound', query: nothing } as const;

const driftAnswers = { 200: { description: 'The report.', schema: storedDriftReport } };
const evaluationAnswers = { 200: { description: 'The evaluation.', schema: storedEvaluation } };

const latestDrift = endpoint({
  ...latest,
  path: '/reports/drift/latest',
  summary: 'The latest drift report, of any model or of one',
  answers: driftAnswers,
  failures: ['ReportNotFound'],
  async answer(context, { query }) {
    const row = await context.database.driftReport.findFirst({
      where: query.model === undefined ? {} : { model: query.model },
      orderBy: { created_at: 'desc' },
    });
    if (row === null) throw noneYet('drift report', query.model);
    return { status: 200, body: await driftReportFromRow(context, row) };
  },
});

const driftOfRun = endpoint({
  ...ofRun,
  path: '/reports/drift/{run_id}',
  summary: "A run's drift report",
  answers: driftAnswers,
  failures: ['RunNotFound', 'ReportNotFound', 'ArtifactMissing'],
  async answer(context, { params: { run_id } }) {
    const row = await context.database.driftReport.findUnique({ where: { run_id } });
    if (row === null) throw await noneOfRun(context, 'drift report', run_id);
    return { status: 200, body: await driftReportFromRow(context, row) };
  },
});

const latestEvaluation = endpoint({
  ...latest,
  path: '/reports/eval/latest',
  summary: 'The latest evaluation, of any model or of one',
  answers: evaluationAnswers,
  failures: ['ReportNotFound'],
  async answer({ database }, { query }) {
    const row = await database.evaluation.findFirst({
      where: query.model === undefined ? {} : { model: query.model },
      orderBy: { created_at: 'desc' },
    });
    if (row === null) throw noneYet('evaluation', query.model);
    return { status: 200, body: evaluationFromRow(row) };
  },
});

const evaluationOfRun = endpoint({
  ...ofRun,
  path: '/reports/eval/{run_id}',
  summary: "A run's evaluation: challenger against champion",
  answers: evaluationAnswers,
  failures: ['RunNotFound', 'ReportNotFound'],
  async answer(context, { params: { run_id } }) {
    const row = await context.database.evaluation.findUnique({ where: { run_id } });
    if (row === null) throw await noneOfRun(context, 'evaluation', run_id);
    return { status: 200, body: evaluationFromRow(row) };
  },
});

/** Inline up to 64 KiB; a larger one is read from the artifact store. */
async function driftReportFromRow({ artifacts }: GatewayContext, row: DriftReportModel) {
  const name: Digest = digest.parse(row.artifact);
  const report: unknown = row.report ?? JSON.parse((await artifacts.read(name)).toString('utf8'));
  return storedDriftReport.parse({ ...row, created_at: row.created_at.toISOString(), report });
}

const evaluationFromRow = (row: EvaluationModel) =>
  storedEvaluation.parse({ ...row, created_at: row.created_at.toISOString() });

const noneYet = (what: string, model: string | undefined): WatchtowerError =>
  new WatchtowerError(
    'ReportNotFound',
    `There is no ${what}${model === undefined ? '' : ` of model "${model}"`} yet; a run makes one.`,
  );

async function noneOfRun(context: GatewayContext, what: string, runId: RunId): Promise<WatchtowerError> {
  const run = await findRun(context.database, runId);
  return new WatchtowerError('ReportNotFound', `Run ${runId} (${run.outcome ?? run.status}) has no ${what}.`);
}

// `latest` is tried before `{run_id}`.
export const reportEndpoints = [latestDrift, driftOfRun, latestEvaluation, evaluationOfRun];
