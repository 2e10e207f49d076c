import { trainerName, trainingId } from '@watchtower/contracts';
import type { ActivityContext } from '../context.ts';
import type { LeaseActivities } from '../interfaces/leases.ts';
import type { TrainingActivities } from '../interfaces/training.ts';
import { acquireLease, releaseLease } from './champion-updates.ts';
import { loadChampion, readCoolDown, saveChampion } from './lease-row.ts';
import { reclaimLease } from './reclaim-lease.ts';

export function createLeaseActivities(
  { database, temporal: client }: ActivityContext,
  { stopTraining }: Pick<TrainingActivities, 'stopTraining'>,
): LeaseActivities {
  return {
    acquireLease: ({ model, request, request_id }) => acquireLease(client, model, request, request_id),
    releaseLease: ({ model, release, request_id }) => releaseLease(client, model, release, request_id),
    readCoolDown: ({ model, run_id }) => readCoolDown(database, model, run_id),
    loadChampion: ({ model }) => loadChampion(database, model),
    saveChampion: ({ model, state, expected_epoch }) => saveChampion(database, model, state, expected_epoch),
    reclaimLease: async ({ lease }) => {
      // Whoever asks is answered now: a holder of which nothing certain can be said keeps its lease.
      const reclaimed = await reclaimLease(lease, {
        client,
        stopTraining: async (id) => {
          const training = await database.training.findUnique({ where: { id } });
          if (!training) return;
          await stopTraining({
            training_id: trainingId.parse(id),
            trainer: trainerName.parse(training.trainer),
          });
        },
        promotionUnsettled: async (run_id) =>
          (await database.promotion.count({ where: { run_id, status: 'intended' } })) > 0,
      }).catch(() => false);
      return { reclaimed };
    },
  };
}
