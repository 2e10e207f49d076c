import { healthReport } from '@watchtower/contracts';
import { endpoint, noBody, nothing } from '../endpoint.ts';
import { checkHealth } from '../health.ts';

const health = endpoint({
  method: 'get',
  path: '/health',
  atRoot: true,
  scope: null,
  tag: 'Health',
  summary: 'Whether the gateway and what it depends on are up',
  params: nothing,
  unknown: 'NotFound',
  query: nothing,
  body: noBody,
  answers: {
    200: { description: 'All are up.', schema: healthReport },
    503: { description: 'At least one is down.', schema: healthReport },
  },
  failures: [],
  async answer(context) {
    const report = await checkHealth(context);
    return { status: report.status === 'up' ? 200 : 503, body: report };
  },
});

export const healthEndpoints = [health];
