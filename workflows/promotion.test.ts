import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { SettledPromotion } from '@watchtower/activities';
import { digest, genesisHash, runId } from '@watchtower/contracts';
import type { PromotionInput } from './promotion.ts';
import { MemoryLog } from './stand-ins/memory-log.ts';
import { WorkflowRuntime } from './stand-ins/workflow-runtime.ts';

const run = runId.parse('0198a1b2-0000-7000-8000-000000000001');
const log = new MemoryLog();
const actual = await import('@temporalio/workflow');

/** What the alias says of the intent that an earlier execution left. */
let left: SettledPromotion;
const acquire = jest.fn<() => Promise<object>>();
const setChampion = jest.fn<() => Promise<object>>();
const readPromotion = jest.fn<() => Promise<object>>();

jest.unstable_mockModule('@temporalio/workflow', () => ({
  ...actual,
  ...new WorkflowRuntime().functions,
  sleep: async (pause: string) => {
    if (pause === '10s') now += 10_000;
  },
  workflowInfo: () => ({ workflowId: `promotion/${run}`, runId: 'second' }),
}));
jest.unstable_mockModule('./activities.ts', () => ({
  audit: log.activities,
  leases: {
    acquireLease: { executeWithOptions: acquire },
    releaseLease: { executeWithOptions: async () => undefined },
  },
  mlflow: {
    readPromotion: { executeWithOptions: readPromotion },
    setChampion: { executeWithOptions: setChampion },
  },
  runs: { settlePromotion: { executeWithOptions: async () => left } },
}));
const { promotion } = await import('./promotion.ts');

const start = Date.parse('2026-01-05T06:00:00.000Z');
let now = start;
beforeEach(() => {
  log.clear();
  log.append('promotion_intended');
  now = start;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
  acquire.mockReset().mockResolvedValue({ status: 'granted' });
  // The definition and the champion have changed since.
  readPromotion.mockReset().mockResolvedValue({ basis_unchanged: false, champion_version: '7' });
  setChampion.mockReset().mockResolvedValue({ status: 'promoted', attempts: 1 });
});

const unwritten = (status: 'promoted' | 'failed'): SettledPromotion => ({
  unwritten: true,
  code: null,
  promotion: {
    status,
    version: '2',
    previous_version: '1',
    registered_model: 'flights',
    alias: 'champion',
    detail: `The workflow ended before it wrote the outcome: ${status}.`,
  },
});

const again = () => {
  const input: unknown = {
    context: {
      run_id: run,
      model: 'flights',
      definition: { registered_model: 'flights', promote: { alias: 'champion' } },
    },
    version: '2',
    expected_version: '1',
    evidence_digest: digest.parse('a'.repeat(64)),
    pen: { next: 1, head: genesisHash },
  };
  return promotion(input as PromotionInput);
};

describe('a second execution, where the first left an intent without an outcome', () => {
  test('goes on with it, whatever has changed since', async () => {
    left = unwritten('failed');
    expect(await again()).toMatchObject({ status: 'promoted' });
    expect(readPromotion).not.toHaveBeenCalled();
    expect(setChampion).toHaveBeenCalledTimes(1);
    expect(log.steps.at(-1)).toMatchObject({ name: 'promotion_settled', payload: { status: 'promoted' } });
  });

  const hindrances: readonly (readonly [string, () => void])[] = [
    [
      'is held by another run',
      () =>
        acquire.mockResolvedValue({ status: 'busy', held_by: { run_id: 'another', purpose: 'promotion' } }),
    ],
    ['was not waited for', () => acquire.mockRejectedValue(new actual.CancelledFailure('Cancelled.'))],
  ];
  test.each(hindrances)('goes by the alias where the lease %s', async (_, hinder) => {
    hinder();
    left = unwritten('promoted');
    expect(await again()).toMatchObject({ status: 'promoted', pen: { next: 3 } });
    expect(setChampion).not.toHaveBeenCalled();
    expect(log.names).toEqual(['promotion_intended', 'promotion_settled']);
    expect(log.changes).toMatchObject([{ promotion: { status: 'promoted' }, flags: { promoted: true } }]);
  });

  test('says why nothing was promoted where the alias was not set', async () => {
    hindrances[0]?.[1]();
    left = unwritten('failed');
    expect(await again()).toMatchObject({ status: 'failed', code: 'LeaseHeld' });
    expect(log.steps.at(-1)?.payload).toEqual({ status: 'failed', code: 'LeaseHeld', version: '2' });
    expect(log.changes).toMatchObject([{ promotion: { status: 'failed' } }]);
  });
});
