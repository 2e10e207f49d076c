import { expect, test } from '@jest/globals';
import { healthReport } from '@watchtower/contracts';
import { healthOf } from './health.ts';

const up = async () => undefined;
const never = () => new Promise<never>(() => undefined);

test('health is up where all dependencies answer', async () => {
  const report = healthReport.parse(await healthOf({ postgres: up, temporal: up, mlflow: up }));
  expect(report.status).toBe('up');
});

test('health names what is down, and is never slower than two seconds', async () => {
  const started = performance.now();
  const broken = () => Promise.reject(new Error('connect to secret-host'));
  const report = await healthOf({ postgres: up, temporal: never, mlflow: broken });
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(report.status).toBe('down');
  expect(report.dependencies).toMatchObject({
    postgres: { status: 'up' },
    temporal: { status: 'down', detail: 'no answer within 1200 ms' },
    mlflow: { status: 'down', detail: 'does not answer as expected' },
  });
});
