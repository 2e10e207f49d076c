import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactStore } from '../audit/artifact-store.ts';

const pausesMs = [200, 1000] as const;

/**
 * A store that is tried three times before its failure counts: a failed attempt of `reason` asks the provider
 * again, and an answer that was paid for should not be lost to a moment's trouble with a disk.
 */
export const patientStore = (store: Pick<ArtifactStore, 'put'>): Pick<ArtifactStore, 'put'> => ({
  put: async (content) => {
    for (const pause of pausesMs) {
      try {
        return await store.put(content);
      } catch {
        await sleep(pause);
      }
    }
    return store.put(content);
  },
});
