import { describe, expect, it } from '@jest/globals';
import {
  definitionInput,
  type ModelDefinition,
  parseEnvironment,
  resolveDefinition,
  trainingIdOf,
} from '@watchtower/contracts';
import { limitsOf, phaseContainer, workspaceContainer, workspaceVolume } from './container-spec.ts';
import { phasesOf, phaseVariables } from './phases.ts';

const key = { training_id: trainingIdOf('0198f3c2-0000-7000-8000-000000000001'), attempt: 2 };
const environment = parseEnvironment({
  EXECUTION_NETWORK: 'guarded',
  MLFLOW_TRACKING_TOKEN: 'the-token',
  API_KEY: 'the-key-of-the-gateway',
});

function definitionOf(docker: Record<string, unknown> = {}, timeout = '1h'): ModelDefinition {
  const input = definitionInput.parse({
    version: 1,
    model: 'tiny',
    data: { source: { type: 'synthetic' }, time_column: 'time', target: 'y' },
    windows: {
      reference: { from: '2026-01-01', to: '2026-02-01' },
      current: { from: '2026-02-01', to: '2026-03-01' },
    },
    retrain: { trainer: 'docker', command: ['{python}', 'train.py'], timeout, docker },
    evaluate: { primary_metric: 'roc_auc' },
  });
  return resolveDefinition(input, { task: 'binary_classification', shareThreshold: 0.2, minImprovement: 0 });
}

function containersOf(definition: ModelDefinition) {
  const limits = limitsOf(environment, definition);
  return phasesOf(environment, definition).map((phase) => {
    const variables = phaseVariables(environment, definition, { mlflow_run_id: 'run-1' }, phase);
    return { phase, spec: phaseContainer(key, phase, { image: 'sha256:0', variables, limits }) };
  });
}

const everything = {
  clone: { url: 'https://git.test/team/model.git', ref: 'v1.2' },
  install: ['pip', 'install', '-r', 'requirements.txt'],
};

describe('the containers of an attempt', () => {
  it('are hardened, every one of them', () => {
    const definition = definitionOf(everything);
    const limits = limitsOf(environment, definition);
    const spec = { name: 'x', image: 'y', volume: 'z', mlflowRunId: 'run-1' };
    const all = [workspaceContainer(key, spec, limits), ...containersOf(definition).map((each) => each.spec)];
    expect(all).toHaveLength(4);
    for (const { User, HostConfig } of all) {
      expect(User).toMatch(/^1000[12]:1000[12]$/);
      expect(HostConfig).toMatchObject({
        ReadonlyRootfs: true,
        Privileged: false,
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        PidsLimit: expect.any(Number),
        Memory: expect.any(Number),
        RestartPolicy: { Name: 'no' },
      });
      expect(HostConfig.MemorySwap).toBe(HostConfig.Memory);
      expect(HostConfig).not.toHaveProperty('Binds');
      expect(HostConfig).not.toHaveProperty('CapAdd');
    }
  });

  it('have network to clone and to install, and none to train', () => {
    const networks = (docker: Record<string, unknown>) =>
      containersOf(definitionOf(docker)).map(({ phase, spec }) => [phase.name, spec.HostConfig.NetworkMode]);
    expect(networks(everything)).toEqual([
      ['clone', 'guarded'],
      ['install', 'guarded'],
      ['train', 'none'],
    ]);
    expect(networks({ network: 'allowed' })).toEqual([['train', 'guarded']]);
  });

  it('know MLflow where they train with network, and nowhere else; our own keys never', () => {
    const told = (docker: Record<string, unknown>) =>
      containersOf(definitionOf(docker)).map(({ spec }) => spec.Env.join('\n'));
    for (const variables of told(everything)) expect(variables).not.toMatch(/MLFLOW_TRACKING|the-token/);
    const [connected] = told({ network: 'allowed' });
    expect(connected).toMatch(/MLFLOW_RUN_ID=run-1/);
    expect(connected).toMatch(/MLFLOW_TRACKING_TOKEN=the-token/);
    expect(connected).not.toMatch(/the-key-of-the-gateway|DATABASE_URL|WATCHTOWER_OUTPUT_DIR/);
  });

  it('clone by https alone, from an address that can be no option', () => {
    const [clone] = containersOf(definitionOf(everything));
    expect(clone?.spec.Entrypoint.join(' ')).toBe(
      'git -c protocol.allow=never -c protocol.https.allow=always clone --depth 1 --single-branch --no-tags --branch v1.2 -- https://git.test/team/model.git /workspace/code',
    );
    for (const wrong of [
      { url: 'http://git.test/x' },
      { url: 'https://u:p@git.test/x' },
      { url: 'ssh://git.test/x' },
    ]) {
      expect(() => definitionOf({ clone: wrong })).toThrow();
    }
    expect(() => definitionOf({ clone: { ...everything.clone, ref: '--upload-pack=x' } })).toThrow();
  });

  it('take the definition’s limits before the environment’s, and the time limit of whichever is lower', () => {
    expect(limitsOf(environment, definitionOf({ memory: '512m', cpus: 0.5, workspace: '100m' }))).toEqual({
      timeout_ms: 3_600_000,
      memory_bytes: 512 * 1024 ** 2,
      cpus: 0.5,
      workspace_bytes: 100 * 1024 ** 2,
    });
    const short = parseEnvironment({ EXECUTION_TIMEOUT_SECONDS: '60' });
    expect(limitsOf(short, definitionOf())).toMatchObject({
      timeout_ms: 60_000,
      memory_bytes: 4 * 1024 ** 3,
    });
    expect(workspaceVolume(key, 'v', limitsOf(short, definitionOf())).DriverOpts.o).toMatch(
      /^size=2147483648,nr_inodes=\d+,/,
    );
  });
});
