import { execFileSync } from 'node:child_process';
import { SetupError } from './run-command.mjs';

/** @throws {SetupError} where this Node is older than `engines` of package.json allows */
export function requireNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const supported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;
  if (supported) return;
  throw new SetupError(
    `This is Node ${version}; Watchtower needs 20.19 or newer (even versions): https://nodejs.org/download.`,
  );
}

const question = 'import ensurepip, sys, venv; print("%d.%d.%d" % sys.version_info[:3])';

/**
 * WATCHTOWER_PYTHON, else the first of python3 and python that is new enough and can make a venv.
 *
 * @param {NodeJS.ProcessEnv} variables
 * @returns {{ program: string, version: string }}
 * @throws {SetupError} where there is none
 */
export function findPython(variables) {
  const named = variables.WATCHTOWER_PYTHON;
  const candidates = named
    ? [named]
    : ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
  const found = candidates.map((program) => ({ program, ...ask(program, variables) }));
  const usable = found.find(({ version }) => version !== undefined && isNewEnough(version));
  if (usable !== undefined) return { program: usable.program, version: usable.version };
  const seen = found.map(({ program, version, problem }) => `  ${program}: ${version ?? problem}`).join('\n');
  throw new SetupError(
    `Watchtower needs Python 3.10 or newer with the modules venv and pip:\n${seen}\n` +
      'Install it (Debian and Ubuntu: apt-get install python3 python3-venv), or name one by WATCHTOWER_PYTHON.',
  );
}

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 10);
}

function ask(program, variables) {
  try {
    const options = { encoding: 'utf8', env: variables, stdio: ['ignore', 'pipe', 'pipe'] };
    return { version: execFileSync(program, ['-c', question], options).trim() };
  } catch (error) {
    if (error.code === 'ENOENT') return { problem: 'not found' };
    const lines = String(error.stderr ?? error.message)
      .trim()
      .split('\n');
    return { problem: lines.at(-1) ?? 'does not run' };
  }
}
