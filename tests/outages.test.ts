import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type HealthReport, healthReport, type PendingActivity, type RunId } from '@watchtower/contracts';
import { type Lab, openLab } from './lab.ts';
import { openProxy, type TcpProxy } from './tcp-proxy.ts';

const minutes = 60_000;
jest.setTimeout(5 * minutes);

/** How long a server stays away once the run was seen to wait for it. */
const outage = 3_000;

let lab: Lab;
let postgres: TcpProxy;
let mlflow: TcpProxy;
let temporal: TcpProxy;
beforeAll(async () => {
  lab = await openLab('outages', async ({ databaseUrl, mlflow: tracking, temporal: frontend }) => {
    const [database, server] = [new URL(databaseUrl), new URL(tracking)];
    postgres = await openProxy(database.host);
    mlflow = await openProxy(server.host);
    temporal = await openProxy(frontend);
    database.port = String(postgres.port);
    server.port = String(mlflow.port);
    return {
      DATABASE_URL: database.href,
      MLFLOW_TRACKING_URI: server.origin,
      TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`,
    };
  });
  await lab.apply();
  await lab.seedChampion();
});
beforeEach(() => lab.resetChampion());
afterEach(bringAllBack);
afterAll(async () => {
  await lab?.close();
  for (const proxy of [postgres, mlflow, temporal]) await proxy?.takeDown();
});

async function bringAllBack(): Promise<void> {
  for (const proxy of [postgres, mlflow, temporal]) await proxy.bringBack();
}

/** Health in less than two seconds, whatever is down. */
async function health(url: string): Promise<{ readonly status: number; readonly report: HealthReport }> {
  const started = performance.now();
  const answer = await fetch(`${url}/health`);
  const report = healthReport.parse(await answer.json());
  expect(performance.now() - started).toBeLessThan(2_000);
  return { status: answer.status, report };
}

async function healthy(url: string): Promise<void> {
  const deadline = Date.now() + minutes;
  for (;;) {
    const { status, report } = await health(url);
    if (status === 200) return;
    if (Date.now() > deadline) throw new Error(`Still down: ${JSON.stringify(report)}`);
    await sleep(200);
  }
}

/** Waits until the run says by itself that this activity failed and is tried again. */
async function waitsFor(run: RunId, activity: string): Promise<PendingActivity> {
  const found = (pending: readonly PendingActivity[] | null) =>
    pending?.find((each) => each.activity === activity && each.last_failure !== null && each.attempt > 1);
  const detail = await lab.until(run, ({ waiting_on }) => found(waiting_on) !== undefined);
  const pending = found(detail.waiting_on);
  if (pending === undefined) throw new Error('It waited a moment ago.');
  return pending;
}

/** Every step once and without a gap, the audit log proved, one training adopted, one promotion in effect. */
async function expectPromoted(run: RunId): Promise<void> {
  expect(await lab.decide(run, 'approve')).toMatchObject({ status: 200 });
  const detail = await lab.ended(run);
  expect(detail).toMatchObject({ status: 'completed', outcome: 'promoted', training: { attempts: 1 } });
  const names = await expectWhole(run);
  for (const once of ['training_settled', 'evaluated', 'promotion_intended', 'promotion_settled']) {
    expect([once, names.filter((name) => name === once).length]).toEqual([once, 1]);
  }
  expect(await lab.championVersion()).toBe(detail.training?.version);
}

async function expectWhole(run: RunId): Promise<readonly string[]> {
  const steps = await lab.steps(run);
  expect(steps.map((step) => step.number)).toEqual(steps.map((_, index) => index + 1));
  expect(steps.at(-1)).toMatchObject({ kind: 'summary' });
  expect(steps.filter((step) => step.kind === 'summary')).toHaveLength(1);
  expect((await lab.request('GET', `/api/v1/pipeline/${run}/audit`)).body).toMatchObject({ ok: true });
  return steps.map((step) => step.name);
}

const awaitsApproval = (run: RunId) => lab.until(run, ({ status }) => status === 'waiting_for_approval');

describe('MLflow goes down', () => {
  test('before a run starts: the run waits, says for what, and goes on when it is back', async () => {
    await mlflow.takeDown();
    expect(await health(lab.gateway.url)).toMatchObject({
      status: 503,
      report: { dependencies: { mlflow: { status: 'down' }, postgres: { status: 'up' } } },
    });
    const run = await lab.startRun({ dry_run: true });
    const waiting = await waitsFor(run, 'readChampion');
    expect(waiting.last_failure).toMatch(/MLflow at http:\/\/127\.0\.0\.1:\d+ did not answer .*tried again/);
    expect(await lab.detail(run)).toMatchObject({ status: 'running', failure: null });
    await mlflow.bringBack();
    expect(await lab.ended(run)).toMatchObject({ status: 'completed', outcome: 'dry_run' });
    await expectWhole(run);
    await healthy(lab.gateway.url);
  });

  test('between training and evaluation, and again between approval and promotion', async () => {
    const run = await lab.startRun();
    await lab.step(run, 'training_settled');
    await mlflow.takeDown();
    expect((await waitsFor(run, 'readChampion')).last_failure).toMatch(/MLflow/);
    await sleep(outage);
    await mlflow.bringBack();
    const { approval } = await awaitsApproval(run);

    await mlflow.takeDown();
    expect(await lab.decide(run, 'approve', approval?.evidence_digest)).toMatchObject({ status: 200 });
    expect((await waitsFor(run, 'readPromotion')).last_failure).toMatch(/MLflow/);
    await mlflow.bringBack();
    const detail = await lab.ended(run);
    expect(detail).toMatchObject({ status: 'completed', outcome: 'promoted', training: { attempts: 1 } });
    const names = await expectWhole(run);
    expect(names.filter((name) => name === 'promotion_settled')).toHaveLength(1);
    expect(await lab.championVersion()).toBe(detail.training?.version);
  });
});

describe('Postgres goes down', () => {
  test('while a training runs, and while a person decides: no step is lost or doubled', async () => {
    const onlooker = await lab.stack.startGateway();
    const run = await lab.startRun();
    await lab.step(run, 'training_started');
    await postgres.takeDown();
    expect(await health(lab.gateway.url)).toMatchObject({
      status: 503,
      report: { dependencies: { postgres: { status: 'down' }, mlflow: { status: 'up' } } },
    });
    expect(await lab.request('GET', `/pipeline/status/${run}`)).toMatchObject({
      status: 503,
      body: { code: 'DatabaseUnavailable' },
    });

    // Seen through a gateway that still reaches the database: what the worker waits for.
    const cutOff = lab.gateway;
    lab.gateway = onlooker;
    const seen = await lab.until(run, ({ waiting_on }) =>
      Boolean(waiting_on?.some(({ last_failure }) => last_failure?.includes('Postgres does not answer'))),
    );
    expect(seen).toMatchObject({ status: 'running', failure: null });
    lab.gateway = cutOff;

    await sleep(outage);
    await postgres.bringBack();
    const { approval } = await awaitsApproval(run);

    await postgres.takeDown();
    expect(await lab.decide(run, 'approve', approval?.evidence_digest)).toMatchObject({
      status: 503,
      body: { code: 'DatabaseUnavailable' },
    });
    await postgres.bringBack();
    await healthy(lab.gateway.url);
    await expectPromoted(run);
    await onlooker.stop();
  });
});

describe('Temporal goes down', () => {
  test('for the gateway and the worker: a run is accepted all the same, and started once it is back', async () => {
    await temporal.takeDown();
    expect(await health(lab.gateway.url)).toMatchObject({
      status: 503,
      report: { dependencies: { temporal: { status: 'down' }, postgres: { status: 'up' } } },
    });
    const run = await lab.startRun({ dry_run: true });
    expect(await lab.detail(run)).toMatchObject({ status: 'accepted', waiting_on: null });
    await sleep(outage);
    await temporal.bringBack();
    expect(await lab.ended(run)).toMatchObject({ status: 'completed', outcome: 'dry_run' });
    await expectWhole(run);
  });
});

describe('worker and gateway are started before their servers', () => {
  test('the gateway says which are down, and serves when they are up', async () => {
    for (const proxy of [postgres, mlflow, temporal]) await proxy.takeDown();
    const early = await lab.stack.startGateway(lab.variables);
    expect(await health(early.url)).toMatchObject({
      status: 503,
      report: {
        dependencies: {
          postgres: { status: 'down' },
          temporal: { status: 'down' },
          mlflow: { status: 'down' },
        },
      },
    });
    await bringAllBack();
    await healthy(early.url);
    const runs = await fetch(`${early.url}/pipeline/history`, {
      headers: { 'x-api-key': lab.stack.apiKey },
    });
    expect(runs.status).toBe(200);
    await early.stop();
  });

  test('a worker without Temporal ends and says so: whoever runs it starts it again', async () => {
    await temporal.takeDown();
    await expect(lab.stack.startWorker(lab.variables)).rejects.toThrow(
      /worker ended before it was ready:.*worker stopped/s,
    );
  });

  test('a worker without Postgres and MLflow is ready, and carries on when they are up', async () => {
    await lab.worker.stop();
    await Promise.all([postgres.takeDown(), mlflow.takeDown()]);
    await lab.restartWorker();
    await bringAllBack();
    const run = await lab.startRun({ dry_run: true });
    expect(await lab.ended(run)).toMatchObject({ status: 'completed', outcome: 'dry_run' });
    await expectWhole(run);
  });
});
