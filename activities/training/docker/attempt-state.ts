import type { ContainerState } from './engine.ts';
import type { Phase } from './phases.ts';

export interface AttemptView {
  /** Null where it is gone. */
  readonly workspace: ContainerState | null;
  readonly phases: readonly { readonly phase: Phase; readonly state: ContainerState | null }[];
}

export type AttemptState =
  | { readonly kind: 'due'; readonly phase: Phase }
  | { readonly kind: 'running'; readonly phase: Phase }
  /** With its own exit code, or without ever having begun. */
  | { readonly kind: 'ended'; readonly phase: Phase; readonly state: ContainerState }
  /** The workspace's time was up, and the job's with it. */
  | { readonly kind: 'out_of_time' }
  | { readonly kind: 'lost' };

/** A phase that ends with its workspace ends within this; one that ended before did so by itself. */
const togetherMs = 2_000;

/** Where an attempt stands, from what the engine tells and nothing else. */
export function stateOf({ workspace, phases }: AttemptView): AttemptState {
  if (workspace?.status !== 'running') return afterWorkspace(workspace, phases);
  for (const { phase, state } of phases) {
    if (state === null) return { kind: 'due', phase };
    if (state.status === 'running') return { kind: 'running', phase };
    if (state.status === 'created' && state.error === '') return { kind: 'due', phase };
    if (state.exit_code !== 0 || state.error !== '') return { kind: 'ended', phase, state };
  }
  const last = phases.at(-1);
  if (!last?.state) return { kind: 'lost' };
  return { kind: 'ended', phase: last.phase, state: last.state };
}

/** What was in the workspace is gone: an exit code of before still counts, success does not. */
function afterWorkspace(
  workspace: ContainerState | null,
  phases: AttemptView['phases'],
): Extract<AttemptState, { kind: 'ended' | 'out_of_time' | 'lost' }> {
  if (workspace === null) return { kind: 'lost' };
  const failed = phases.find(({ state }) => state?.status === 'exited' && state.exit_code !== 0);
  if (failed?.state && failed.state.finished_at + togetherMs < workspace.finished_at) {
    return { kind: 'ended', phase: failed.phase, state: failed.state };
  }
  // It exits with 0 where its sleep was over, and by a signal where the engine or the machine went down.
  const finished = phases.at(-1)?.state;
  const jobWasDone = finished?.status === 'exited' && finished.exit_code === 0;
  return workspace.exit_code === 0 && !jobWasDone ? { kind: 'out_of_time' } : { kind: 'lost' };
}
