import { createServer, type IncomingMessage, type Server } from 'node:http';
import { afterEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { createMlflowClient, isRefusal, type MlflowSettings } from './mlflow-client.ts';
import { readAlias } from './registry.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A server that answers everything the same way; a status of 0 is no answer at all. */
async function answering(
  status: number,
  body: string,
  settings: Partial<MlflowSettings> = {},
  limitMs = 5_000,
) {
  const asked: IncomingMessage[] = [];
  server = createServer((request, response) => {
    asked.push(request);
    if (status !== 0) response.writeHead(status).end(body);
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const client = createMlflowClient(
    {
      MLFLOW_TRACKING_USERNAME: undefined,
      MLFLOW_TRACKING_PASSWORD: undefined,
      MLFLOW_TRACKING_TOKEN: undefined,
      MLFLOW_TRACKING_URI: `http://127.0.0.1:${port}/team/mlflow/`,
      ...settings,
    },
    { limitMs },
  );
  return { client, asked };
}

const refusal = (error_code: string, message: string) => JSON.stringify({ error_code, message });
const anything = z.looseObject({});

describe('the MLflow client', () => {
  it('keeps the path of the tracking URI', async () => {
    const { client, asked } = await answering(200, '{}');
    await client.get('api/2.0/mlflow/runs/get', { run_id: 'a b' }, anything);
    expect(asked[0]?.url).toBe('/team/mlflow/api/2.0/mlflow/runs/get?run_id=a+b');
  });

  it.each([
    [{ MLFLOW_TRACKING_USERNAME: 'ann', MLFLOW_TRACKING_PASSWORD: 'secret' }, 'Basic YW5uOnNlY3JldA=='],
    [{ MLFLOW_TRACKING_TOKEN: 'token' }, 'Bearer token'],
    [{}, undefined],
  ])('authenticates as the environment says', async (settings, header) => {
    const { client, asked } = await answering(200, '{}', settings);
    await client.get('x', {}, anything);
    expect(asked[0]?.headers.authorization).toBe(header);
  });

  it.each([500, 502, 503, 429, 408])('takes %i for an outage that may pass', async (status) => {
    const { client } = await answering(status, 'busy');
    await expect(client.get('x', {}, anything)).rejects.toMatchObject({
      code: 'MlflowUnavailable',
      retryable: true,
    });
  });

  it('gives up a request that is not answered in time', async () => {
    const { client } = await answering(0, '', {}, 200);
    await expect(client.get('x', {}, anything)).rejects.toMatchObject({ code: 'MlflowUnavailable' });
  });

  it('passes on what MLflow says about a bad request', async () => {
    const { client } = await answering(400, refusal('INVALID_PARAMETER_VALUE', 'no such metric'));
    const error = await client.send('POST', 'x', {}, anything).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'MlflowRejected',
      message: expect.stringContaining('no such metric'),
    });
    expect(isRefusal(error, 'INVALID_PARAMETER_VALUE')).toBe(true);
    expect(isRefusal(error, 'RESOURCE_DOES_NOT_EXIST')).toBe(false);
  });

  it('refuses an answer that is not MLflow’s', async () => {
    const { client } = await answering(200, '<html>Sign in</html>');
    await expect(client.get('x', {}, anything)).rejects.toMatchObject({ code: 'MlflowRejected' });
  });
});

describe('reading an alias', () => {
  it.each([
    [400, refusal('INVALID_PARAMETER_VALUE', 'Registered model alias champion not found.')],
    [404, refusal('RESOURCE_DOES_NOT_EXIST', 'Registered Model with name=flights not found')],
  ])('takes a missing alias or model for no champion (%i)', async (status, body) => {
    const { client } = await answering(status, body);
    expect(await readAlias(client, 'flights', 'champion')).toBeNull();
  });

  it.each([
    [400, refusal('INVALID_PARAMETER_VALUE', "Invalid alias name: 'bad alias'.")],
    [404, '<h1>Not Found</h1>'],
    [403, refusal('PERMISSION_DENIED', 'Permission denied')],
  ])('takes nothing else for it (%i)', async (status, body) => {
    const { client } = await answering(status, body);
    await expect(readAlias(client, 'flights', 'champion')).rejects.toMatchObject({ code: 'MlflowRejected' });
  });
});
