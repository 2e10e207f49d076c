import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '@watchtower/stack/repository';
import { type DockerLab, openDockerLab } from './docker-lab.ts';
import { type GitServer, startGitServer } from './git-server.ts';
import { describeWith, docker } from './optional-parts.ts';

const run = promisify(execFile);
const minutes = 60_000;
jest.setTimeout(2 * minutes);

const network = `
import os
print("interfaces", sorted(os.listdir("/sys/class/net")), "output", "WATCHTOWER_OUTPUT_DIR" in os.environ)
`;

describeWith(docker, 'what comes before training in a container', () => {
  let lab: DockerLab;
  let folder = '';
  beforeAll(async () => {
    [lab, folder] = await Promise.all([
      openDockerLab('docker-phases'),
      mkdtemp(join(tmpdir(), 'watchtower-build-')),
    ]);
  }, 3 * minutes);
  afterAll(async () => {
    await lab?.close();
    await rm(folder, { recursive: true, force: true });
  }, minutes);

  test('an image is built from a folder once, and again where the folder changed', async () => {
    const build = async (content: string) => {
      await writeFile(join(folder, 'Dockerfile'), `FROM ${lab.image}\nRUN ${content}\n`);
      const job = 'print(open("/made").read())';
      const training = await lab.opening(job, { base_dir: folder, docker: { build: {} } });
      const before = await builtImages();
      await lab.start(training);
      const made = (await builtImages()).filter((name) => !before.includes(name));
      return { made, said: (await lab.observe(training)).log_tail };
    };
    const mark = crypto.randomUUID();
    const first = await build(`echo ${mark} one > /made`);
    const again = await build(`echo ${mark} one > /made`);
    const changed = await build(`echo ${mark} two > /made`);
    await run('docker', ['image', 'rm', ...first.made, ...changed.made]);
    expect([first.made.length, again.made.length, changed.made.length]).toEqual([1, 0, 1]);
    expect([first.said, again.said, changed.said].map((said) => said.trim())).toEqual([
      `${mark} one`,
      `${mark} one`,
      `${mark} two`,
    ]);
  });

  test('a build that fails says with what', async () => {
    await writeFile(join(folder, 'Broken'), `FROM ${lab.image}\nRUN echo no such compiler; exit 3\n`);
    const training = await lab.opening('pass', {
      base_dir: folder,
      docker: { build: { dockerfile: 'Broken' } },
    });
    await expect(lab.start(training)).rejects.toMatchObject({
      code: 'TrainingSetupFailed',
      message: expect.stringMatching(/no such compiler[\s\S]*returned a non-zero code: 3/),
    });
  });

  test('a build that does not end is ended', async () => {
    await writeFile(join(folder, 'Endless'), `FROM ${lab.image}\nRUN sleep 600\n`);
    const training = await lab.opening('pass', {
      base_dir: folder,
      timeout: '3s',
      docker: { build: { dockerfile: 'Endless' } },
    });
    await expect(lab.start(training)).rejects.toMatchObject({
      code: 'TrainingSetupFailed',
      message: expect.stringContaining('longer than 3 s'),
    });
    for (let look = 0; look < 50 && (await sleeping()).length > 0; look += 1) await sleep(200);
    expect(await sleeping()).toEqual([]);
  });

  test('what needs the network has it before training, which has none', async () => {
    const training = await lab.opening(network, { docker: { install: ['python3', '-c', network] } });
    await lab.start(training);
    const { log_tail } = await lab.observe(training);
    expect(log_tail).toMatch(/install\]\ninterfaces \['eth0', 'lo'\] output False\n/);
    expect(log_tail).toMatch(/train\]\ninterfaces \['lo'\] output True\n/);
  });
});

describeWith(docker, 'code that is cloned', () => {
  let lab: DockerLab;
  let server: GitServer;
  beforeAll(async () => {
    lab = await openDockerLab('docker-clone');
    server = await startGitServer(lab.image, { 'train.py': 'print("cloned, and begun")' });
  }, 3 * minutes);
  afterAll(async () => {
    await server?.close();
    await lab?.close();
  }, minutes);

  const cloning = (ref: string) => ({
    command: ['{python}', 'train.py'],
    environment: { GIT_SSL_NO_VERIFY: '1' },
    docker: { clone: { url: server.url, ref } },
  });

  test('trains as that of a folder does', async () => {
    const training = await lab.opening('', cloning('main'));
    await lab.start(training);
    const result = await lab.observe(training);
    expect(result).toMatchObject({ status: 'succeeded' });
    expect(result.log_tail).toMatch(/\[watchtower: train\]\ncloned, and begun\n$/);
  });

  test('from a branch that is not there fails by its name', async () => {
    const training = await lab.opening('', cloning('no-such-branch'));
    await lab.start(training);
    const result = await lab.observe(training);
    expect(result).toMatchObject({ status: 'failed', failure_code: 'TrainingSetupFailed' });
    expect(result.log_tail).toMatch(/no-such-branch/);
  });
});

describeWith(docker, 'training that may use the network', () => {
  let lab: DockerLab;
  beforeAll(async () => {
    // The tests' MLflow listens on this machine alone.
    lab = await openDockerLab('docker-connected', { EXECUTION_NETWORK: 'host' });
  }, 3 * minutes);
  afterAll(() => lab?.close(), minutes);

  test('logs into its MLflow run by itself, and leaves no output', async () => {
    const training = await lab.opening('', {
      base_dir: join(repositoryRoot, 'tests', 'trainer'),
      command: ['{python}', 'brief.py'],
      docker: { network: 'allowed' },
    });
    await lab.start(training);
    expect(await lab.observe(training)).toMatchObject({ status: 'succeeded', output_artifact: null });
    const { mlflow_run_id } = training.request;
    expect(await lab.collect(training)).toMatchObject({ metrics: { trained: 1 }, mlflow_run_id });
  });
});

/** Containers of the build that does not end. */
async function sleeping(): Promise<readonly string[]> {
  const { stdout } = await run('docker', ['ps', '--no-trunc', '--format', '{{.Command}}']);
  return stdout.split('\n').filter((command) => command.includes('sleep 600'));
}

async function builtImages(): Promise<readonly string[]> {
  const { stdout } = await run('docker', [
    'images',
    '--format',
    '{{.Repository}}:{{.Tag}}',
    'watchtower-build',
  ]);
  return stdout.split('\n').filter(Boolean);
}
