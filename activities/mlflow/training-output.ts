import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { WatchtowerError } from '@watchtower/contracts';
import { type Extract, extract } from 'tar-stream';
import { z } from 'zod';
import type { MlflowClient } from './mlflow-client.ts';
import { setRunStatus } from './runs.ts';
import { acknowledged, type MlflowRun } from './shapes.ts';

type Entry = Extract extends AsyncIterable<infer Each> ? Each : never;

/** As MLflow writes them in JSON, which has no numbers for them. */
const notFinite = z.enum(['NaN', 'Infinity', '-Infinity']);
type NotFinite = z.infer<typeof notFinite>;

/** What a job without network leaves, as a tar: `metrics.json`, `params.json` (optional) and `model/`. */
export interface TrainingOutput {
  readonly metrics: Readonly<Record<string, number | NotFinite>>;
  readonly params: Readonly<Record<string, string>>;
  /** The model's `MLmodel`: written last, because with it a model counts as whole. */
  readonly mlmodel: Buffer;
}

const modelFile = 'model/MLmodel';
const largestNoteBytes = 1024 ** 2;
/** What MLflow takes in one request. */
const mostMetrics = 1_000;
const mostParams = 100;
const metricsFile = z.record(z.string().min(1).max(250), z.union([z.number(), notFinite]));
const paramsFile = z.record(
  z.string().min(1).max(250),
  z.union([z.string(), z.number(), z.boolean()]).transform((value) => String(value).slice(0, 6_000)),
);

/** @throws WatchtowerError `TrainingLoggedNothing` where a part is missing or is not what it should be */
export async function readOutput(tar: string): Promise<TrainingOutput> {
  const notes = new Map<string, Buffer>();
  let modelFiles = 0;
  await eachFile(tar, async (name, entry) => {
    if (name.startsWith('model/')) modelFiles += 1;
    if (![modelFile, 'metrics.json', 'params.json'].includes(name)) return false;
    if ((entry.header.size ?? 0) > largestNoteBytes) throw unusable(`${name} is larger than 1 MiB`);
    notes.set(name, await buffer(bytesOf(entry)));
    return true;
  });
  const mlmodel = notes.get(modelFile);
  if (!mlmodel || modelFiles < 2) throw unusable('it has no complete MLflow model in model/');
  return {
    mlmodel,
    metrics: parsed('metrics.json', notes.get('metrics.json'), metricsFile),
    params: parsed('params.json', notes.get('params.json'), paramsFile),
  };
}

/**
 * Logs the output into the training's run and ends it. Done again, it writes the same: metrics carry the attempt's time,
 * files their names.
 *
 * @param at when the attempt ended, milliseconds since the epoch
 */
export async function uploadOutput(
  client: MlflowClient,
  { info: { run_id, artifact_uri } }: MlflowRun,
  { tar, output, at }: { readonly tar: string; readonly output: TrainingOutput; readonly at: number },
  progress: (uploaded: { readonly files: number; readonly bytes: number }) => void,
): Promise<void> {
  const folder = proxiedFolder(artifact_uri);
  const metrics = Object.entries(output.metrics).map(([key, value]) => ({
    key,
    value,
    timestamp: at,
    step: 0,
  }));
  const params = Object.entries(output.params).map(([key, value]) => ({ key, value }));
  const batches = [
    ...partsOf(metrics, mostMetrics).map((part) => ({ metrics: part })),
    ...partsOf(params, mostParams).map((part) => ({ params: part })),
  ];
  for (const batch of batches) {
    await client.send('POST', 'api/2.0/mlflow/runs/log-batch', { run_id, ...batch }, acknowledged);
  }
  const target = (name: string) =>
    `api/2.0/mlflow-artifacts/artifacts/${`${folder}/${name}`.split('/').map(encodeURIComponent).join('/')}`;
  let files = 0;
  let bytes = 0;
  const counted = async function* (entry: Entry) {
    for await (const chunk of bytesOf(entry)) {
      bytes += chunk.length;
      progress({ files, bytes });
      yield chunk;
    }
  };
  await eachFile(tar, async (name, entry) => {
    if ([modelFile, 'metrics.json', 'params.json'].includes(name)) return false;
    await client.upload(target(name), counted(entry));
    files += 1;
    return true;
  });
  await client.upload(target(modelFile), [output.mlmodel]);
  await setRunStatus(client, run_id, 'FINISHED');
}

function partsOf<T>(all: readonly T[], most: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / most) }, (_, index) =>
    all.slice(index * most, (index + 1) * most),
  );
}

/** @param visit answers whether it has read the entry */
async function eachFile(tar: string, visit: (name: string, entry: Entry) => Promise<boolean>): Promise<void> {
  const reader = extract();
  const read = pipeline(createReadStream(tar), reader);
  read.catch(() => undefined);
  for await (const entry of reader) if (!(await visit(entry.header.name, entry))) entry.resume();
  await read;
}

async function* bytesOf(entry: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of entry) {
    if (!(chunk instanceof Uint8Array)) throw new Error('an entry of a tar gave something else than bytes');
    yield chunk;
  }
}

/** Where the run's files are below MLflow's own artifact interface. */
function proxiedFolder(artifactUri: string): string {
  const path = /^mlflow-artifacts:(?:\/\/[^/]+)?\/(.+)$/.exec(artifactUri)?.[1];
  if (path !== undefined) return path.replace(/\/+$/, '');
  throw new WatchtowerError(
    'MlflowRejected',
    `The run's files are at ${artifactUri.replace(/\/\/[^/@]*@/, '//')}, where MLflow does not write for others, so a training without network can't be logged. Start MLflow with --artifacts-destination, or set retrain.docker.network to allowed.`,
  );
}

/** Python writes a loss that went astray as `NaN`, which is no JSON; a trained model must not be lost by that. */
const pythonNumber = /(:\s*)(NaN|-?Infinity)(?=\s*[,}])/g;

function parsed<T>(name: string, content: Buffer | undefined, shape: z.ZodType<Record<string, T>>) {
  if (content === undefined) return {};
  let json: unknown;
  try {
    json = JSON.parse(content.toString('utf8').replaceAll(pythonNumber, '$1"$2"'));
  } catch {
    throw unusable(`${name} is not JSON`);
  }
  const found = shape.safeParse(json);
  if (found.success) return found.data;
  throw unusable(`${name} is not an object of names and values (${found.error.issues[0]?.message})`);
}

function unusable(why: string): WatchtowerError {
  return new WatchtowerError(
    'TrainingLoggedNothing',
    `The job ended well, but what it left in WATCHTOWER_OUTPUT_DIR can't be used: ${why}. Let it write metrics.json and an MLflow model in model/.`,
  );
}
