import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { installRequirements } from './python-packages.mjs';

/**
 * Stands for Python, and for the one it puts into a venv: pip says what PIP_CONFIG holds (not where it is `broken`), installs a uv that ends as
 * UV_ENDS says, and whoever installs requirements writes so beside them.
 */
const python = `#!/bin/sh
case "$*" in
  '-m venv --clear '*) mkdir -p "$4/bin"; cp "$0" "$4/bin/python" ;;
  *'pip config list')
    [ "$PIP_CONFIG" = broken ] && { echo 'ERROR: Configuration file contains invalid lines'; exit 1; }
    printf '%s\\n' "$PIP_CONFIG" ;;
  *'install '*' uv=='*)
    [ "$UV_ENDS" = missing ] && { echo 'ERROR: No matching distribution found for uv'; exit 1; }
    printf '#!/bin/sh\\n%s\\n' \\
      'echo "uv $UV_DEFAULT_INDEX $SSL_CERT_FILE" >> "$LOG"; echo "error: uv cannot"; exit '"$UV_ENDS" \\
      > "$(dirname "$0")/uv"
    chmod +x "$(dirname "$0")/uv" ;;
  *'install '*'--requirement '*)
    echo pip >> "$LOG"; echo 'ERROR: no such index'; exit "$PIP_ENDS" ;;
esac
`;

let folder: string;
let said: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'python-packages-'));
  writeFileSync(join(folder, 'python'), python, { mode: 0o755 });
  said = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** @returns who installed the requirements, in order */
async function install(variables: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const log = join(folder, 'log');
  const { PATH } = process.env;
  await installRequirements({
    python: join(folder, 'python'),
    venv: join(folder, 'venv'),
    requirements: join(folder, 'requirements.txt'),
    variables: { PATH, LOG: log, UV_ENDS: '0', PIP_ENDS: '0', ...variables },
    say: (line) => said.push(line),
  });
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
}

test("uv installs, with pip's index and certificates", async () => {
  const PIP_CONFIG = "global.index-url='https://index.test/simple'\n:env:.cert='/etc/ca.crt'";
  expect(await install({ PIP_CONFIG })).toEqual(['uv https://index.test/simple /etc/ca.crt']);
  expect(said).toEqual([]);
});

test('where uv fails, pip installs, and it is said why', async () => {
  expect(await install({ UV_ENDS: '1' })).toEqual(['uv  ', 'pip']);
  expect(said).toEqual([
    expect.stringMatching(/^· uv could not .*, pip does it now.* \(error: uv cannot\)$/),
  ]);
});

test('where uv is not to be had, pip installs, and it is said why', async () => {
  expect(await install({ UV_ENDS: 'missing' })).toEqual(['pip']);
  expect(said).toEqual([expect.stringContaining('(ERROR: No matching distribution found for uv)')]);
});

test('where pip is set up as uv cannot be, uv is not tried', async () => {
  expect(await install({ PIP_CONFIG: "global.extra-index-url='https://other.test/simple'" })).toEqual([
    'pip',
  ]);
  expect(said).toEqual([]);
});

test('where pip cannot say how it is set up, uv is not tried', async () => {
  expect(await install({ PIP_CONFIG: 'broken' })).toEqual(['pip']);
});

test('where pip fails as well, the set-up ends with what it said and what to do', async () => {
  await expect(install({ UV_ENDS: '1', PIP_ENDS: '1' })).rejects.toThrow(
    /ended with exit code 1\.\nERROR: no such index\nIs a package index reachable/,
  );
});
