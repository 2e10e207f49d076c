import type { AttemptHandle } from '@watchtower/contracts';
import type { AttemptLedger } from './attempt-ledger.ts';
import type { StopReason } from './stop-reason.ts';
import type { AttemptKey } from './trainer.ts';

/** A ledger for tests without a database; `stop` is what `stopTraining` writes before it stops anything. */
export function memoryLedger(): AttemptLedger & { readonly stop: (training: string) => void } {
  const handles = new Map<string, { attempt: number; training: string; handle: AttemptHandle }>();
  const reasons = new Map<string, StopReason>();
  const stopped = new Set<string>();
  const nameOf = ({ training_id, attempt }: AttemptKey) => `${training_id}/${attempt}`;
  return {
    claim: async (key, handle) => {
      const there = handles.get(nameOf(key));
      if (there) return there.handle;
      handles.set(nameOf(key), { attempt: key.attempt, training: key.training_id, handle });
      return handle;
    },
    handle: async (key) => handles.get(nameOf(key))?.handle ?? null,
    handles: async (training) =>
      [...handles.values()]
        .filter((claimed) => claimed.training === training)
        .map(({ attempt, handle }) => ({ attempt, handle, ended: false })),
    stopped: async (training) => stopped.has(training),
    mayBegin: async ({ training_id }) => !stopped.has(training_id),
    noteStop: async (key, reason) => {
      const first = reasons.get(nameOf(key)) ?? reason;
      reasons.set(nameOf(key), first);
      return first;
    },
    stopReason: async (key) => reasons.get(nameOf(key)) ?? null,
    settled: async () => stopped,
    stop: (training) => stopped.add(training),
  };
}
