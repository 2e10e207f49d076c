import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { fetchModel } from './fetch-model.ts';
import { createMlflowClient } from './mlflow-client.ts';
import { digestModel } from './model-content.ts';
import { listModelFiles, type ModelLocation } from './model-files.ts';

interface Listed {
  readonly path: string;
  readonly is_dir: boolean;
  /** MLflow leaves it out for an empty file, and writes the others as text. */
  readonly file_size?: string;
}
type Send = (response: ServerResponse) => void;

/** What MLflow holds of a model: each folder's listing, and how each file is sent. */
interface Store {
  readonly folders: Readonly<Record<string, readonly Listed[]>>;
  readonly files: Readonly<Record<string, Send>>;
}

const body =
  (content: string): Send =>
  (response) =>
    response.end(content);
const file = (name: string, size?: number): Listed => ({
  path: name,
  is_dir: false,
  ...(size !== undefined && { file_size: String(size) }),
});
const folder = (name: string): Listed => ({ path: name, is_dir: true });

const logged: ModelLocation = { layout: 'logged_model', model_id: 'm-1', source: 'models:/m-1' };
const artifacts: ModelLocation = {
  layout: 'run_artifacts',
  run_id: 'r',
  path: 'out/model',
  source: 'a:/out/model',
};
const whole: Store = {
  folders: {
    '': [file('MLmodel', 5), folder('data'), file('empty')],
    data: [file('data/model.pkl', 7), file('data/[a] b+c.txt', 3)],
  },
  files: {
    MLmodel: body('flav:'),
    empty: body(''),
    'data/model.pkl': body('pickled'),
    'data/[a] b+c.txt': body('abc'),
  },
};

let parent = '';
let server: Server | undefined;
beforeEach(async () => {
  parent = await mkdtemp(path.join(os.tmpdir(), 'fetch-model-'));
});
afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  await rm(parent, { recursive: true, force: true });
});

/** Speaks the part of MLflow's REST interface with which both layouts are listed and read. */
async function serve({ folders, files }: Store, signal?: AbortSignal) {
  server = createServer((request, response) => {
    const { pathname, searchParams: asked } = new URL(request.url ?? '/', 'http://mlflow');
    const list = (at: string) => response.end(JSON.stringify({ files: folders[at] ?? [] }));
    const send = (at: string) => (files[at] ?? ((absent) => absent.writeHead(404).end()))(response);
    if (pathname === '/api/2.0/mlflow/logged-models/m-1/artifacts/directories') {
      list(asked.get('artifact_directory_path') ?? '');
    } else if (pathname === '/api/2.0/mlflow/artifacts/list') list(asked.get('path') ?? '');
    else if (pathname === '/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files') {
      send(asked.get('artifact_file_path') ?? '');
    } else if (pathname === '/get-artifact') send(asked.get('path') ?? '');
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const settings = {
    MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}`,
    MLFLOW_TRACKING_USERNAME: undefined,
    MLFLOW_TRACKING_PASSWORD: undefined,
    MLFLOW_TRACKING_TOKEN: undefined,
  };
  return createMlflowClient(settings, signal ? { signal } : {});
}

/** Lists the model and fetches it into `<parent>/model`. */
async function fetchFrom(store: Store, options: { location?: ModelLocation; signal?: AbortSignal } = {}) {
  const { location = logged, signal } = options;
  const client = await serve(store, signal);
  const read: number[] = [];
  await fetchModel(client, location, await listModelFiles(client, location), {
    folder: path.join(parent, 'model'),
    progress: ({ bytes }) => read.push(bytes),
  });
  return read;
}

/** The model's files below the folder it was fetched into. */
async function fetched(): Promise<Readonly<Record<string, string>>> {
  const at = path.join(parent, 'model');
  const entries = await readdir(at, { recursive: true, withFileTypes: true });
  const found = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(at, path.join(entry.parentPath, entry.name)));
  const contents = await Promise.all(found.map((name) => readFile(path.join(at, name), 'utf8')));
  return Object.fromEntries(found.map((name, index) => [name, contents[index] ?? '']));
}

/** What a refused model leaves: nothing. */
async function expectNothing(): Promise<void> {
  expect(await readdir(parent)).toEqual([]);
}

describe('a model that MLflow lists', () => {
  const content = { MLmodel: 'flav:', empty: '', 'data/model.pkl': 'pickled', 'data/[a] b+c.txt': 'abc' };

  test('is fetched whole where it is a logged model', async () => {
    const read = await fetchFrom(whole);
    expect(await fetched()).toEqual(content);
    expect(await readdir(parent)).toEqual(['model']);
    expect(read.at(-1)).toBe(15);
  });

  test('is fetched whole where it lies below a run’s artifacts', async () => {
    const root = 'out/model';
    const store: Store = {
      folders: Object.fromEntries(
        Object.entries(whole.folders).map(([at, listed]) => [
          path.posix.join(root, at),
          listed.map((entry) => ({ ...entry, path: `${root}/${entry.path}` })),
        ]),
      ),
      files: Object.fromEntries(Object.entries(whole.files).map(([at, send]) => [`${root}/${at}`, send])),
    };
    await fetchFrom(store, { location: artifacts });
    expect(await fetched()).toEqual(content);
  });

  test('has a digest of the sorted names and contents', async () => {
    const client = await serve({
      folders: { '': [file('b', 2), file('a', 1)] },
      files: { a: body('1'), b: body('22') },
    });
    const sha = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(await digestModel(client, logged, await listModelFiles(client, logged), () => undefined)).toBe(
      sha(`a\0${sha('1')}\nb\0${sha('22')}\n`),
    );
  });

  test('may list a folder as one of its own files, as some stores do', async () => {
    const client = await serve({
      folders: { '': [folder('data')], data: [file('data'), file('data/x', 1)] },
      files: {},
    });
    expect(await listModelFiles(client, logged)).toEqual([{ path: 'data/x', bytes: 1 }]);
  });
});

describe('a server that lists what is no model', () => {
  const rejected = { code: 'MlflowRejected', retryable: false };

  test.each([
    '/etc/cron.d/x',
    '../x',
    '..',
    'data/../../x',
    './x',
    'a//b',
    'x\0.txt',
    'other/x',
    'n'.repeat(256),
  ])('is refused with the path %j', async (hostile) => {
    const store = {
      folders: { '': [file('MLmodel', 5), file(hostile, 1)] },
      files: { [hostile]: body('!') },
    };
    await expect(fetchFrom(store)).rejects.toMatchObject(rejected);
    await expectNothing();
  });

  test('is refused with a path that leaves the folder it was asked for', async () => {
    const hostile = { '': [folder('data')], data: [file('data/../../x', 1)] };
    await expect(fetchFrom({ folders: hostile, files: {} })).rejects.toMatchObject(rejected);
    const beside = { 'out/model': [file('out/models/x', 1)] };
    await expect(fetchFrom({ folders: beside, files: {} }, { location: artifacts })).rejects.toMatchObject(
      rejected,
    );
    await expectNothing();
  });

  test('is refused with one path twice, as a file and as a folder', async () => {
    const twice = { '': [file('a', 1), folder('a')], a: [file('a/b', 1)] };
    await expect(fetchFrom({ folders: twice, files: {} })).rejects.toMatchObject(rejected);
    await expectNothing();
  });

  test('is refused with folders without end', async () => {
    const name = 'd'.repeat(200);
    const deep = Array.from({ length: 20 }, (_, depth) => Array(depth).fill(name).join('/'));
    const folders = Object.fromEntries(deep.map((at) => [at, [folder(at ? `${at}/${name}` : name)]]));
    await expect(fetchFrom({ folders, files: {} })).rejects.toMatchObject(rejected);
  });

  test('is refused with more files than a model has', async () => {
    const many = Array.from({ length: 10_001 }, (_, index) => file(`f${index}`, 1));
    await expect(fetchFrom({ folders: { '': many }, files: {} })).rejects.toMatchObject({
      ...rejected,
      message: expect.stringContaining('10000 files'),
    });
  });

  test('is refused with more bytes than are read, before any is', async () => {
    const asked: string[] = [];
    const store = {
      folders: { '': [file('MLmodel', 5), file('data', 9 * 1024 ** 3)] },
      files: { MLmodel: () => asked.push('MLmodel') },
    };
    await expect(fetchFrom(store)).rejects.toMatchObject({
      ...rejected,
      message: expect.stringContaining('8 GiB'),
    });
    expect(asked).toEqual([]);
    await expectNothing();
  });
});

describe('a file that does not come whole', () => {
  const sent = (send: Send, size?: number): Store => ({
    folders: { '': [file('MLmodel', 5), file('z.pkl', size)] },
    files: { MLmodel: body('flav:'), 'z.pkl': send },
  });
  const half: Send = (response) => {
    response.write('half');
    setTimeout(() => response.destroy(), 50);
  };

  test.each<[string, Store]>([
    [
      'breaks off before its announced length',
      sent((response) => half(response.writeHead(200, { 'content-length': 8 }))),
    ],
    ['breaks off between two chunks', sent(half)],
    [
      'ends early without an announced length',
      sent((response) => {
        response.socket?.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhalf');
      }, 8),
    ],
    ['is shorter than it was listed', sent(body('half'), 8)],
    ['is longer than it was listed', sent(body('rather long'), 8)],
    ['is answered with an outage', sent((response) => response.writeHead(503).end(), 8)],
  ])('and %s is tried again, and leaves nothing', async (_, store) => {
    await expect(fetchFrom(store)).rejects.toMatchObject({ code: 'MlflowUnavailable', retryable: true });
    await expectNothing();
  });

  test('is not fingerprinted either', async () => {
    const client = await serve(sent(body('half'), 8));
    const files = await listModelFiles(client, logged);
    await expect(digestModel(client, logged, files, () => undefined)).rejects.toMatchObject({
      code: 'MlflowUnavailable',
    });
  });
});

describe('a download that is cancelled', () => {
  const cancelled = new Error('cancelled');

  test('stops at once, closes the connection and leaves nothing', async () => {
    const controller = new AbortController();
    let closed: Promise<unknown> = Promise.reject(new Error('The file was never asked for.'));
    closed.catch(() => undefined);
    const endless: Send = (response) => {
      closed = once(response, 'close');
      response.write('some bytes');
      setTimeout(() => controller.abort(cancelled), 100);
    };
    const store: Store = {
      folders: { '': [file('MLmodel', 5), file('z.pkl', 1e6)] },
      files: { MLmodel: body('flav:'), 'z.pkl': endless },
    };
    await expect(fetchFrom(store, { signal: controller.signal })).rejects.toBe(cancelled);
    await expectNothing();
    await closed;
  });

  test('stops while MLflow is silent', async () => {
    const controller = new AbortController();
    const began = Date.now();
    setTimeout(() => controller.abort(cancelled), 200);
    const store: Store = { folders: { '': [file('MLmodel', 5)] }, files: { MLmodel: () => undefined } };
    await expect(fetchFrom(store, { signal: controller.signal })).rejects.toBe(cancelled);
    expect(Date.now() - began).toBeLessThan(2_000);
    await expectNothing();
  });
});

test('a link in the place of the folder is not written through', async () => {
  await symlink(os.tmpdir(), path.join(parent, 'model.partial'));
  await expect(fetchFrom(whole)).rejects.toMatchObject({ code: 'EEXIST' });
  expect(existsSync(path.join(os.tmpdir(), 'MLmodel'))).toBe(false);
});
