import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '@watchtower/stack/repository';

const run = promisify(execFile);
const cache = join(repositoryRoot, '.watchtower', 'docker');
/** Dependencies that only their packages' scripts need. */
const unneeded = /^(perl|libperl|dpkg|tar$|install-info|mailcap|media-types|mime-support|libgdbm|libdb)/;

/**
 * A small image with Python, a shell and `sleep`, made from Debian's packages, because a machine with a package mirror
 * need not reach an image registry. Its root file system is kept under .watchtower.
 */
export async function pythonImage(): Promise<string> {
  const packages = await packagesOf(['python3', 'busybox-static']);
  const name = `watchtower-test:${createHash('sha256').update(packages.join()).digest('hex').slice(0, 16)}`;
  const there = await run('docker', ['image', 'inspect', name]).catch(() => null);
  if (there) return name;
  const archive = join(cache, `${name.replace(':', '-')}.tar`);
  if (!existsSync(archive)) await makeArchive(packages, archive);
  await run('docker', ['import', archive, name]);
  return name;
}

async function packagesOf(wanted: readonly string[]): Promise<readonly string[]> {
  const without = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'];
  const options = without.map((kind) => `--no-${kind}`);
  const { stdout } = await run('apt-cache', ['depends', '--recurse', ...options, ...wanted]);
  const names = stdout.split('\n').filter((line) => /^\w/.test(line) && !unneeded.test(line));
  return [...new Set(names)].sort();
}

async function makeArchive(packages: readonly string[], archive: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'image-'));
  const root = join(folder, 'root');
  try {
    await run('apt-get', ['download', '-qq', '-o', 'APT::Sandbox::User=root', ...packages], { cwd: folder });
    for (const file of await readdir(folder))
      await run('dpkg-deb', ['--extract', file, root], { cwd: folder });
    for (const empty of ['tmp', 'proc', 'sys', 'dev', 'workspace', 'run']) {
      await mkdir(join(root, empty), { recursive: true });
    }
    for (const tool of ['sh', 'sleep', 'cat', 'ls']) await symlink('busybox', join(root, 'bin', tool));
    await run('tar', ['--create', '--file', `${archive}.partial`, '--directory', root, '.']);
    await rename(`${archive}.partial`, archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
