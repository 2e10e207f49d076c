import path from 'node:path/posix';
import type { Environment, ModelDefinition, TrainingRequest } from '@watchtower/contracts';
import { jobVariables, mlflowVariables } from '../trainer-environment.ts';
import { codePath, outputPath, packagesPath, requestPath, workspacePath } from './workspace-paths.ts';

export const phaseNames = ['clone', 'install', 'train'] as const;

/** One container of an attempt; the next follows where it exits with 0. */
export interface Phase {
  readonly name: (typeof phaseNames)[number];
  readonly command: readonly string[];
  /** Absolute, inside the container. */
  readonly folder: string;
  /** Docker's network mode. */
  readonly network: string;
}

/** What an attempt does, in this order. */
export function phasesOf(environment: Environment, { retrain }: ModelDefinition): readonly Phase[] {
  const { clone, install, network } = retrain.docker;
  const reachable = environment.EXECUTION_NETWORK;
  const phases: Phase[] = [];
  // A clone has folders of its own choosing; code of ours is copied with its folder as the root.
  const folder = clone ? path.join(codePath, retrain.working_directory) : codePath;
  if (clone) {
    const branch = clone.ref === undefined ? [] : ['--branch', clone.ref];
    const command = ['git', '-c', 'protocol.allow=never', '-c', 'protocol.https.allow=always', 'clone'];
    phases.push({
      name: 'clone',
      command: [
        ...command,
        '--depth',
        '1',
        '--single-branch',
        '--no-tags',
        ...branch,
        '--',
        clone.url,
        codePath,
      ],
      folder: workspacePath,
      network: reachable,
    });
  }
  if (install) phases.push({ name: 'install', command: filled(install), folder, network: reachable });
  phases.push({
    name: 'train',
    command: filled(retrain.command),
    folder,
    network: network === 'allowed' ? reachable : 'none',
  });
  return phases;
}

const filled = (command: readonly string[]) => command.map((part) => part.replaceAll('{python}', 'python3'));

/** All a job finds in its environment. Only training that may reach MLflow gets its address and credentials. */
export function phaseVariables(
  environment: Environment,
  definition: ModelDefinition,
  request: Pick<TrainingRequest, 'mlflow_run_id'>,
  phase: Phase,
): Readonly<Record<string, string>> {
  const trains = phase.name === 'train';
  const connected = trains && definition.retrain.docker.network === 'allowed';
  return {
    ...jobVariables(definition),
    HOME: workspacePath,
    TMPDIR: '/tmp',
    // `pip install` writes into the workspace, where Python looks as well.
    PIP_USER: '1',
    PIP_NO_CACHE_DIR: '1',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PYTHONUSERBASE: packagesPath,
    GIT_TERMINAL_PROMPT: '0',
    ...(connected && mlflowVariables(environment, request.mlflow_run_id)),
    ...(trains && { WATCHTOWER_TRAINING_REQUEST: requestPath }),
    ...(trains && !connected && { WATCHTOWER_OUTPUT_DIR: outputPath }),
  };
}
