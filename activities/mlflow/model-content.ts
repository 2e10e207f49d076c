import { createHash } from 'node:crypto';
import { type Digest, digest, WatchtowerError } from '@watchtower/contracts';
import type { MlflowClient } from './mlflow-client.ts';
import type { ModelFile, ModelLocation } from './model-files.ts';

/** A model larger than this is not read. */
const largestModelBytes = 8 * 1024 ** 3;

/** What was read so far: whole files, and bytes. */
export interface ModelRead {
  readonly files: number;
  readonly bytes: number;
}

export interface ModelFileContent {
  readonly path: string;
  /** Ends well only after the whole file. */
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * The files of a model, one after the other; each one's content has to be read before the next is asked for.
 *
 * @throws WatchtowerError `MlflowUnavailable`, also where a file is not as long as MLflow listed it; `MlflowRejected`, also
 * where the model is too large
 */
export async function* readModelFiles(
  client: MlflowClient,
  location: ModelLocation,
  files: readonly ModelFile[],
  progress: (read: ModelRead) => void,
): AsyncGenerator<ModelFileContent> {
  let whole = 0;
  if (files.reduce((sum, file) => sum + file.bytes, 0) > largestModelBytes) throw tooLarge(location);
  for (const [index, file] of files.entries()) {
    const content = readFile(client, location, file, (bytes) => {
      whole += bytes;
      if (whole > largestModelBytes) throw tooLarge(location);
      progress({ files: index, bytes: whole });
    });
    yield { path: file.path, content };
  }
}

/** SHA-256 over the sorted names of the files and the SHA-256 of each one's content. @throws as `readModelFiles` */
export async function digestModel(
  client: MlflowClient,
  location: ModelLocation,
  files: readonly ModelFile[],
  progress: (read: ModelRead) => void,
): Promise<Digest> {
  const whole = createHash('sha256');
  for await (const { path, content } of readModelFiles(client, location, files, progress)) {
    const hash = createHash('sha256');
    for await (const chunk of content) hash.update(chunk);
    whole.update(`${path}\0${hash.digest('hex')}\n`);
  }
  return digest.parse(whole.digest('hex'));
}

async function* readFile(
  client: MlflowClient,
  location: ModelLocation,
  file: ModelFile,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  // A body without a length ends as well where its connection broke: only the listing tells then.
  const known = file.bytes > 0;
  let received = 0;
  for await (const chunk of downloadFile(client, location, file.path)) {
    received += chunk.length;
    if (known && received > file.bytes) throw otherLength(location, file, received);
    count(chunk.length);
    yield chunk;
  }
  if (known && received < file.bytes) throw otherLength(location, file, received);
}

function downloadFile(
  client: MlflowClient,
  location: ModelLocation,
  path: string,
): AsyncIterable<Uint8Array> {
  return location.layout === 'logged_model'
    ? client.download(`ajax-api/2.0/mlflow/logged-models/${location.model_id}/artifacts/files`, {
        artifact_file_path: path,
      })
    : client.download('get-artifact', { run_uuid: location.run_id, path: `${location.path}/${path}` });
}

function otherLength({ source }: ModelLocation, { path, bytes }: ModelFile, received: number) {
  return new WatchtowerError(
    'MlflowUnavailable',
    `MLflow sent ${received} bytes of ${path} of ${source}, which it lists with ${bytes}. It is tried again.`,
  );
}

function tooLarge({ source }: ModelLocation): WatchtowerError {
  return new WatchtowerError(
    'MlflowRejected',
    `${source} holds more than ${largestModelBytes / 1024 ** 3} GiB, which is more than is read of a model. Log a smaller one.`,
  );
}
