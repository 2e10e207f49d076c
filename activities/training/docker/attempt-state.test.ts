import { describe, expect, it } from '@jest/globals';
import { stateOf } from './attempt-state.ts';
import type { ContainerState } from './engine.ts';
import type { Phase } from './phases.ts';

const phaseOf = (name: Phase['name']): Phase => ({
  name,
  command: ['x'],
  folder: '/workspace',
  network: 'none',
});
const install = phaseOf('install');
const train = phaseOf('train');

function container(change: Partial<ContainerState> = {}): ContainerState {
  return {
    status: 'running',
    exit_code: 0,
    out_of_memory: false,
    error: '',
    started_at: 1_000,
    finished_at: 0,
    image: 'sha256:0',
    labels: {},
    ...change,
  };
}
const ended = (exit_code: number, finished_at = 10_000) =>
  container({ status: 'exited', exit_code, finished_at });
const view = (
  workspace: ContainerState | null,
  installed: ContainerState | null,
  trained: ContainerState | null,
) => ({
  workspace,
  phases: [
    { phase: install, state: installed },
    { phase: train, state: trained },
  ],
});

describe('an attempt whose workspace is there', () => {
  it.each([
    ['begins with its first phase', null, null, { kind: 'due', phase: install }],
    [
      'runs a phase that was made and not run',
      container({ status: 'created' }),
      null,
      { kind: 'due', phase: install },
    ],
    ['waits for the phase that runs', container(), null, { kind: 'running', phase: install }],
    ['goes on to the next phase', ended(0), null, { kind: 'due', phase: train }],
    ['does not go on behind a phase that failed', ended(3), null, { kind: 'ended', phase: install }],
    ['has ended when its last phase has', ended(0), ended(0), { kind: 'ended', phase: train }],
    [
      'has ended where a phase could not be started',
      ended(0),
      container({ status: 'created', exit_code: 127, error: 'no such program' }),
      { kind: 'ended', phase: train },
    ],
  ])('%s', (_, installed, trained, expected) => {
    expect(stateOf(view(container(), installed, trained))).toMatchObject(expected);
  });
});

describe('an attempt whose workspace has ended', () => {
  const wentDown = ended(137, 20_000);
  const timeUp = ended(0, 20_000);
  it.each([
    ['is lost where nothing of it is left', null, null, 'lost'],
    ['is lost where the engine went down under the job', wentDown, ended(137, 20_100), 'lost'],
    ['is lost where the job had ended well: what it left is gone', wentDown, ended(0), 'lost'],
    ['keeps the failure of a job that ended before', wentDown, ended(3), 'ended'],
    ['is over time where its own time ran out under the job', timeUp, ended(137, 20_000), 'out_of_time'],
    ['is lost where nobody came for the result in time', timeUp, ended(0), 'lost'],
  ])('%s', (_, workspace, trained, kind) => {
    expect(stateOf(view(workspace, ended(0, 5_000), trained)).kind).toBe(kind);
  });
});
