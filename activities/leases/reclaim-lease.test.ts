import { describe, expect, test } from '@jest/globals';
import { type Lease, type LeasePurpose, runId } from '@watchtower/contracts';
import { reclaimLease } from './reclaim-lease.ts';

const run_id = runId.parse('0198a1b2-0000-7000-8000-000000000001');
const leaseOf = (purpose: LeasePurpose): Lease => ({
  purpose,
  holder: `${purpose}/${run_id}`,
  run_id,
  since: '2026-01-01T00:00:00.000Z',
});

async function reclaim(
  purpose: LeasePurpose,
  holder: string,
  promotion: 'unsettled' | 'settled' = 'settled',
  stop: () => Promise<void> = async () => undefined,
) {
  const asked: string[] = [];
  const stopped: string[] = [];
  const reclaimed = await reclaimLease(leaseOf(purpose), {
    client: {
      workflow: {
        getHandle: (workflowId) => {
          asked.push(workflowId);
          return { describe: async () => ({ status: { name: holder } }) };
        },
      },
    },
    stopTraining: async (training) => {
      stopped.push(training);
      await stop();
    },
    promotionUnsettled: async (run) => run === run_id && promotion === 'unsettled',
  });
  return { reclaimed, asked, stopped };
}

describe('a lease that somebody else wants', () => {
  test.each(['retrain', 'promotion', 'rollback'] as const)(
    'for %s stays with a holder that lives',
    async (purpose) => {
      expect(await reclaim(purpose, 'RUNNING')).toEqual({
        reclaimed: false,
        asked: [`${purpose}/${run_id}`],
        stopped: [],
      });
    },
  );

  test.each(['COMPLETED', 'TERMINATED', 'TIMED_OUT'])(
    'passes on from a retraining that is %s, after what it left running was stopped',
    async (state) => {
      expect(await reclaim('retrain', state)).toMatchObject({
        reclaimed: true,
        stopped: [`training-${run_id}`],
      });
    },
  );

  test('does not pass on while a dead holder’s training cannot be stopped', async () => {
    const stop = async () => {
      throw new Error('It runs on another host.');
    };
    await expect(reclaim('retrain', 'TERMINATED', 'settled', stop)).rejects.toThrow('another host');
  });

  test('passes on from a dead promotion only when what became of it is written down', async () => {
    expect(await reclaim('promotion', 'TERMINATED', 'unsettled')).toMatchObject({ reclaimed: false });
    expect(await reclaim('promotion', 'TERMINATED', 'settled')).toMatchObject({
      reclaimed: true,
      stopped: [],
    });
  });
});
