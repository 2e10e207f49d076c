import {
  type Digest,
  genesisHash,
  type RunId,
  type Step,
  type StepDraft,
  type TemporalCoordinates,
} from '@watchtower/contracts';
import { digestOf } from '@watchtower/contracts/digest';

/**
 * Hash of a step: SHA-256 of the canonical JSON (RFC 8785) of everything in it and of the hash before it, so that
 * changing, removing or exchanging any step changes every hash that follows.
 */
export function hashStep(step: Omit<Step, 'hash'>): Digest {
  const { run_id, number, kind, name, message, payload, at, temporal, previous_hash } = step;
  return digestOf({ run_id, number, kind, name, message, payload, at, temporal, previous_hash });
}

/** The chain's next link. */
export function linkStep(
  runId: RunId,
  draft: StepDraft,
  temporal: TemporalCoordinates,
  previous: Digest | null,
): Step {
  const unhashed = { ...draft, run_id: runId, temporal, previous_hash: previous ?? genesisHash };
  return { ...unhashed, hash: hashStep(unhashed) };
}

/**
 * Recomputes a run's chain.
 *
 * @param steps in the order of their numbers
 * @returns one sentence a broken link, none where the chain is whole
 */
export function chainProblems(steps: readonly Step[]): string[] {
  const problems: string[] = [];
  let previous: Digest = genesisHash;
  steps.forEach((step, index) => {
    if (step.number !== index + 1) {
      problems.push(`step ${index + 1} is missing: step ${step.number} stands in its place`);
    }
    if (step.previous_hash !== previous) {
      problems.push(`step ${step.number} does not continue the step before it`);
    }
    if (hashStep(step) !== step.hash) problems.push(`step ${step.number} was changed after it was written`);
    previous = step.hash;
  });
  return problems;
}
