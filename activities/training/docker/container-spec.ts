import { bytes, type Environment, type ModelDefinition, milliseconds } from '@watchtower/contracts';
import type Dockerode from 'dockerode';
import type { AttemptKey } from '../trainer.ts';
import type { Phase } from './phases.ts';
import { workspacePath } from './workspace-paths.ts';

/** Containers and volumes of ours carry these; a janitor goes by them. */
export const trainingLabel = 'watchtower.training_id';
export const attemptLabel = 'watchtower.attempt';
export const phaseLabel = 'watchtower.phase';
/** Of the workspace: the MLflow run of the training. */
export const mlflowRunLabel = 'watchtower.mlflow_run_id';

/** Nobody in particular, and another nobody for the workspace, so that a job can't signal it. */
export const jobUser = 10_001;
const workspaceUser = 10_002;

/** Of one of two files of a container's log as the engine keeps it. */
export const logFileMegabytes = 8;
const processes = 512;
const inodes = 200_000;
/** How long a result waits for a worker after the time limit; then it is gone, and so is a job that still runs. */
const unwatchedSeconds = 3_600;

export interface Limits {
  /** Of all phases together, in time awake. */
  readonly timeout_ms: number;
  readonly memory_bytes: number;
  readonly cpus: number;
  readonly workspace_bytes: number;
}

export function limitsOf(environment: Environment, { retrain }: ModelDefinition): Limits {
  const { docker } = retrain;
  return {
    timeout_ms: Math.min(milliseconds(retrain.timeout), environment.EXECUTION_TIMEOUT_SECONDS * 1000),
    memory_bytes: bytes(docker.memory ?? environment.EXECUTION_MEMORY_LIMIT),
    cpus: docker.cpus ?? environment.EXECUTION_CPU_LIMIT,
    workspace_bytes: bytes(docker.workspace ?? environment.EXECUTION_WORKSPACE_LIMIT),
  };
}

/** Name of an attempt's workspace, once it is whole; the names of its phases begin with it. */
export const workspaceName = ({ training_id, attempt }: AttemptKey): string =>
  `watchtower-${training_id}-${attempt}`;

export const phaseName = (key: AttemptKey, phase: Phase['name']): string => `${workspaceName(key)}-${phase}`;

const labelsOf = ({ training_id, attempt }: AttemptKey, phase: string): Record<string, string> => ({
  [trainingLabel]: training_id,
  [attemptLabel]: String(attempt),
  [phaseLabel]: phase,
});

/** A file system in memory with a hard end, on any engine; it lasts while a container that has it runs. */
export function workspaceVolume(key: AttemptKey, name: string, { workspace_bytes }: Limits) {
  const options = [
    `size=${workspace_bytes}`,
    `nr_inodes=${inodes}`,
    `uid=${jobUser}`,
    `gid=${jobUser}`,
    'mode=0700',
    'nosuid',
    'nodev',
  ];
  return {
    Name: name,
    Driver: 'local',
    DriverOpts: { type: 'tmpfs', device: 'tmpfs', o: options.join(',') },
    Labels: labelsOf(key, 'workspace'),
  };
}

/** What no container of ours is without. */
const hardened = {
  ReadonlyRootfs: true,
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges'],
  Privileged: false,
  RestartPolicy: { Name: 'no' },
  // `local` keeps the output without turning it into JSON: half the work of a flood.
  LogConfig: {
    Type: 'local',
    Config: { 'max-size': `${logFileMegabytes}m`, 'max-file': '2', compress: 'false' },
  },
} as const satisfies Dockerode.HostConfig;

/** The container that only keeps the workspace, until its time is up. */
export function workspaceContainer(
  key: AttemptKey,
  {
    name,
    image,
    volume,
    mlflowRunId,
  }: { readonly name: string; readonly image: string; readonly volume: string; readonly mlflowRunId: string },
  { timeout_ms }: Limits,
) {
  return {
    name,
    Image: image,
    Entrypoint: ['sleep', String(Math.ceil(timeout_ms / 1000) + unwatchedSeconds)],
    Cmd: [],
    User: `${workspaceUser}:${workspaceUser}`,
    Labels: { ...labelsOf(key, 'workspace'), [mlflowRunLabel]: mlflowRunId },
    NetworkDisabled: true,
    HostConfig: {
      ...hardened,
      // Reaps what the phases leave behind: it is the first process of their namespace.
      Init: true,
      NetworkMode: 'none',
      PidsLimit: 16,
      Memory: 32 * 1024 ** 2,
      MemorySwap: 32 * 1024 ** 2,
      Mounts: [{ Type: 'volume', Source: volume, Target: workspacePath }],
    },
  } satisfies Dockerode.ContainerCreateOptions;
}

export function phaseContainer(
  key: AttemptKey,
  phase: Phase,
  {
    image,
    variables,
    limits,
  }: {
    readonly image: string;
    readonly variables: Readonly<Record<string, string>>;
    readonly limits: Limits;
  },
) {
  return {
    name: phaseName(key, phase.name),
    Image: image,
    Entrypoint: [...phase.command],
    Cmd: [],
    WorkingDir: phase.folder,
    User: `${jobUser}:${jobUser}`,
    Env: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
    Labels: labelsOf(key, phase.name),
    StopSignal: 'SIGTERM',
    HostConfig: {
      ...hardened,
      NetworkMode: phase.network,
      // The workspace's own: when that ends, the kernel ends all of it.
      PidMode: `container:${workspaceName(key)}`,
      PidsLimit: processes,
      Memory: limits.memory_bytes,
      // No swap beside it.
      MemorySwap: limits.memory_bytes,
      NanoCpus: Math.round(limits.cpus * 1e9),
      OomScoreAdj: 500,
      Ulimits: [
        { Name: 'core', Soft: 0, Hard: 0 },
        { Name: 'nofile', Soft: 4_096, Hard: 4_096 },
      ],
      Tmpfs: { '/tmp': 'rw,nosuid,nodev,size=256m,nr_inodes=50000,mode=1777' },
      VolumesFrom: [workspaceName(key)],
    },
  } satisfies Dockerode.ContainerCreateOptions;
}
