// Brings a fresh clone to where everything runs, and does nothing twice. Plain Node: nothing is installed yet.
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { abortOnSignal } from './setup/interruption.mjs';
import { findPython, requireNode } from './setup/prerequisites.mjs';
import { installRequirements } from './setup/python-packages.mjs';
import { runCommand, SetupError } from './setup/run-command.mjs';
import { createStages, digestOfFiles } from './setup/stages.mjs';

export { SetupError };

export const root = resolve(import.meta.dirname, '..');
const pnpm = ['--yes', 'pnpm@12.21.0'];

/**
 * @param {{ variables?: NodeJS.ProcessEnv, say?: (line: string) => void }} options
 * @returns {Promise<void>} when workspace, Prisma client, programs and Python packages are there
 * @throws {SetupError} that says which stage failed, with the end of its output and what to do
 */
export async function setup({ variables = process.env, say = console.log } = {}) {
  requireNode();
  const home = join(root, '.watchtower');
  mkdirSync(home, { recursive: true });
  const controller = new AbortController();
  const stopListening = abortOnSignal(controller);
  const { signal } = controller;
  let stages;
  try {
    stages = await createStages(home, say, signal);
    const context = {
      stages,
      variables,
      say,
      signal,
      machine: [process.platform, process.arch, process.version],
    };
    const programs = async () => {
      await installWorkspace(context);
      await generateClient(context);
      await build(context);
    };
    const work = [programs(), installPython(context)];
    try {
      await Promise.all(work);
    } catch (error) {
      // One failed: the other does not go on alone, and nothing is left of it when this ends.
      if (!signal.aborted) controller.abort(error);
      await Promise.allSettled(work);
      throw error;
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    stages?.close();
    stopListening();
  }
}

async function installWorkspace({ stages, machine, variables, signal }) {
  await stages.run({
    name: 'workspace packages',
    key: digestOfFiles(root, ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json'], machine),
    isPresent: () => existsSync(join(root, 'node_modules', '.modules.yaml')),
    work: () =>
      runCommand('npx', [...pnpm, 'install', '--frozen-lockfile', '--reporter=append-only'], {
        cwd: root,
        // Nobody is there to answer a question.
        env: { ...variables, CI: 'true' },
        signal,
        advice:
          'Where nothing above helps: is a package registry reachable (`npm ping`)? What was fetched is kept.',
      }),
  });
}

async function generateClient({ stages, machine, variables, signal }) {
  const folder = join(root, 'prisma');
  const inputs = ['schema.prisma', 'prisma.config.ts', 'generate.mjs'].map((file) => `prisma/${file}`);
  await stages.run({
    name: 'Prisma client',
    key: digestOfFiles(root, ['pnpm-lock.yaml', ...inputs], machine),
    isPresent: () => existsSync(join(folder, 'generated', 'client.ts')),
    work: () =>
      runCommand(process.execPath, [join(folder, 'generate.mjs')], {
        cwd: folder,
        env: variables,
        signal,
        advice: 'Does prisma/schema.prisma hold a mistake?',
      }),
  });
}

/** What is started from `dist`: the command, and with it all that it refers to. The compiler knows what changed. */
async function build({ stages, variables, signal }) {
  await stages.always({
    name: 'programs',
    work: async () => {
      await runCommand(
        process.execPath,
        [join('node_modules', 'typescript', 'bin', 'tsc'), '-b', join('services', 'cli')],
        {
          cwd: root,
          env: variables,
          signal,
          advice: 'The sources do not compile as they are: mend what is named above.',
        },
      );
      await runCommand(process.execPath, [join('services', 'cli', 'bundle.mjs')], {
        cwd: root,
        env: variables,
        signal,
        advice: 'The command cannot be joined to a few files: services/cli/bundle.mjs says how it is done.',
      });
    },
  });
}

async function installPython({ stages, machine, variables, say, signal }) {
  if (variables.WATCHTOWER_VENV) {
    stages.skip('Python packages', `those of WATCHTOWER_VENV, ${variables.WATCHTOWER_VENV}`);
    return;
  }
  const venv = resolve(root, variables.WATCHTOWER_HOME || '.watchtower', 'venv');
  const python = findPython(variables);
  await stages.run({
    name: 'Python packages',
    key: digestOfFiles(
      root,
      ['infra/python/requirements.txt', 'scripts/setup/python-packages.mjs'],
      [...machine, venv, python.version],
    ),
    isPresent: () => existsSync(join(venv, 'bin', 'python')) && existsSync(join(venv, 'bin', 'mlflow')),
    work: () =>
      installRequirements({
        python: python.program,
        venv,
        requirements: join(root, 'infra', 'python', 'requirements.txt'),
        variables,
        say,
        signal,
      }),
  });
}
