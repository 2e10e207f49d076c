import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '@watchtower/stack/repository';

const run = promisify(execFile);
const cache = join(repositoryRoot, '.watchtower', 'docker');
/** Dependencies that only their packages' scripts need. */
const unneeded = /^(perl|libperl|dpkg|tar$|install-info|mailcap|media-types|mime-support|libgdbm|libdb)/;

/** For `pip install`, with what they need. */
export interface Wheels {
  /** A Python that has pip, and whose own versions of everything are taken. */
  readonly python: string;
  readonly requirements: readonly string[];
}

/**
 * A small image with Python, git, a shell and `sleep`, made from Debian's packages, because a machine with a package mirror
 * need not reach an image registry. Its root file system is kept under .watchtower.
 *
 * @param wheels Python packages to have in it
 */
export async function pythonImage(wheels: Wheels = { python: '', requirements: [] }): Promise<string> {
  const { requirements } = wheels;
  // What Debian's own Python does without, and most wheels do not.
  const libraries = requirements.length === 0 ? [] : ['libstdc++6'];
  const packages = await packagesOf(['python3', 'busybox-static', 'git', 'openssl', ...libraries]);
  const versions = requirements.length === 0 ? [] : await versionsOf(wheels);
  const content = [...packages, ...requirements, ...versions].join();
  const name = `watchtower-test:${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
  const there = await run('docker', ['image', 'inspect', name]).catch(() => null);
  if (there) return name;
  const archive = join(cache, `${name.replace(':', '-')}.tar`);
  if (!existsSync(archive)) await makeArchive(packages, wheels, archive);
  await run('docker', ['import', archive, name]);
  return name;
}

/** What the packages need is worked out once for each state of the machine's package lists: that takes seconds. */
async function packagesOf(wanted: readonly string[]): Promise<readonly string[]> {
  const { mtimeMs } = await stat('/var/lib/apt/lists');
  const key = createHash('sha256')
    .update([mtimeMs, ...wanted].join())
    .digest('hex')
    .slice(0, 16);
  const file = join(cache, `packages-${key}.txt`);
  if (existsSync(file)) return (await readFile(file, 'utf8')).split('\n');
  const packages = await dependenciesOf(wanted);
  await mkdir(cache, { recursive: true });
  await writeFile(`${file}.partial-${process.pid}`, packages.join('\n'));
  await rename(`${file}.partial-${process.pid}`, file);
  return packages;
}

async function dependenciesOf(wanted: readonly string[]): Promise<readonly string[]> {
  const without = ['recommends', 'suggests', 'conflicts', 'breaks', 'replaces', 'enhances'];
  const options = without.map((kind) => `--no-${kind}`);
  const { stdout } = await run('apt-cache', ['depends', '--recurse', ...options, ...wanted]);
  const names = stdout.split('\n').filter((line) => /^\w/.test(line) && !unneeded.test(line));
  return [...new Set(names)].sort();
}

async function makeArchive(packages: readonly string[], wheels: Wheels, archive: string): Promise<void> {
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
    if (wheels.requirements.length > 0) await installWheels(root, wheels);
    for (const tool of ['sh', 'sleep', 'cat', 'ls']) await symlink('busybox', join(root, 'bin', tool));
    await run('tar', ['--create', '--file', `${archive}.partial`, '--directory', root, '.']);
    await rename(`${archive}.partial`, archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function versionsOf({ python }: Wheels): Promise<readonly string[]> {
  const { stdout } = await run(python, ['-m', 'pip', 'freeze']);
  return stdout.split('\n').filter((line) => line.includes('=='));
}

async function installWheels(root: string, wheels: Wheels): Promise<void> {
  const { python, requirements } = wheels;
  const libraries = (await readdir(join(root, 'usr', 'lib'))).find((name) => /^python3\.\d+$/.test(name));
  if (libraries === undefined) throw new Error(`Debian's python3 left no library folder in ${root}.`);
  const constraints = `${root}-versions.txt`;
  await writeFile(constraints, (await versionsOf(wheels)).join('\n'));
  const target = ['--target', join(root, 'usr', 'lib', 'python3', 'dist-packages')];
  const asFor = ['--only-binary=:all:', '--python-version', libraries.replace('python', '')];
  const options = ['--quiet', '--constraint', constraints, ...target, ...asFor];
  await run(python, ['-m', 'pip', 'install', ...options, ...requirements]);
}
