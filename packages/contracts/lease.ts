import { z } from 'zod';
import { instant, runId } from './identifiers.ts';

/** What must be alone for one model, granted by the entity workflow `champion/<model>`. */
export const leasePurpose = z.enum(['retrain', 'promotion', 'rollback']);
export type LeasePurpose = z.infer<typeof leasePurpose>;

export const leaseRequest = z.object({ purpose: leasePurpose, holder: z.string().min(1), run_id: runId });
export type LeaseRequest = z.infer<typeof leaseRequest>;

export const lease = leaseRequest.extend({ since: instant });
export type Lease = z.infer<typeof lease>;

export const leaseAnswer = z.discriminatedUnion('status', [
  z.object({ status: z.literal('granted'), lease }),
  z.object({ status: z.literal('busy'), held_by: lease }),
  z.object({ status: z.literal('cooling_down'), until: instant }),
]);
export type LeaseAnswer = z.infer<typeof leaseAnswer>;

export const leaseRelease = leaseRequest.extend({
  /** After a training that was adopted: none other until then. */
  cool_down_until: instant.nullable(),
});
export type LeaseRelease = z.infer<typeof leaseRelease>;

/** The entity's whole memory; it survives continue-as-new. */
export const championState = z.object({ lease: lease.nullable(), cool_down_until: instant.nullable() });
export type ChampionState = z.infer<typeof championState>;
