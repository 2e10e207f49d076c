import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { runCommand } from './run-command.mjs';

/** Installs these requirements in 30 s where pip takes two minutes; it comes from the same index as they do. */
const uv = 'uv==0.13.9';
const advice =
  'Is a package index reachable (`python3 -m pip download six`)? WATCHTOWER_PYTHON names another Python.';

/**
 * Makes the venv anew and installs the requirements into it: by uv, or by pip where uv can't be used here.
 *
 * @param {{ python: string, venv: string, requirements: string, variables: NodeJS.ProcessEnv,
 *   say: (line: string) => void, signal?: AbortSignal }} options
 */
export async function installRequirements({ python, venv, requirements, variables, say, signal }) {
  const options = { cwd: dirname(requirements), env: variables, signal };
  const last = { ...options, advice };
  const program = join(venv, 'bin', 'python');
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-input', 'install', '--progress-bar=off'];
  await runCommand(python, ['-m', 'venv', '--clear', venv], last);
  const environment = uvEnvironment(program, variables);
  if (environment !== undefined) {
    try {
      await runCommand(program, [...pip, uv], options);
      // Compiled here once: every later start of MLflow, a training or a scorer is some seconds faster.
      const flags = ['--no-progress', '--compile-bytecode'];
      const args = ['pip', 'install', ...flags, '--python', program, '--requirement', requirements];
      await runCommand(join(venv, 'bin', 'uv'), args, { ...options, env: environment });
      return;
    } catch (error) {
      signal?.throwIfAborted();
      const [why = error.message.split('\n')[0]] = /^error.*/im.exec(error.message) ?? [];
      say(`· uv could not install the Python packages, pip does it now, which takes longer (${why})`);
    }
  }
  await runCommand(program, [...pip, '--prefer-binary', '--requirement', requirements], last);
}

/** uv reads none of pip's configuration: index and certificates are handed on, for more than that pip is used. */
function uvEnvironment(program, variables) {
  const list = pipConfiguration(program, variables);
  if (list === undefined) return undefined;
  const settings = new Map(
    [...list.matchAll(/^[^=]*\.([a-z-]+)='(.*)'$/gm)].map(([, name, value]) => [name, value]),
  );
  if (settings.has('extra-index-url') || settings.has('no-index') || settings.has('proxy')) return undefined;
  const index = settings.get('index-url');
  const certificates = settings.get('cert');
  return {
    ...variables,
    ...(index === undefined ? {} : { UV_DEFAULT_INDEX: index }),
    ...(certificates === undefined ? {} : { SSL_CERT_FILE: certificates }),
  };
}

/** Undefined where pip can't say it: what it would do is not known then, and it is left to pip. */
function pipConfiguration(program, variables) {
  try {
    const stdio = ['ignore', 'pipe', 'pipe'];
    return execFileSync(program, ['-m', 'pip', 'config', 'list'], {
      encoding: 'utf8',
      env: variables,
      stdio,
    });
  } catch {
    return undefined;
  }
}
