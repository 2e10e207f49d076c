import { execFileSync } from 'node:child_process';

/**
 * PostgreSQL refuses to run as root. A root supervisor starts it in a user namespace, in which it is `nobody` while
 * its files stay root's and may lie in a folder that only root can enter; where namespaces are forbidden (some
 * containers), as the user `postgres` or `nobody`.
 */
export interface PostgresAccount {
  /** Put before the command. */
  readonly prefix: readonly string[];
  readonly account?: { readonly uid: number; readonly gid: number };
}

const namespace = ['unshare', '--user', '--map-user=nobody', '--map-group=65534'] as const;

export function postgresAccount(): PostgresAccount {
  if (process.getuid?.() !== 0) return { prefix: [] };
  if (answers([...namespace, 'id', '-u']) !== undefined) return { prefix: namespace };
  const user = answers(['id', '-u', 'postgres']) === undefined ? 'nobody' : 'postgres';
  return {
    prefix: [],
    account: { uid: Number(answers(['id', '-u', user])), gid: Number(answers(['id', '-g', user])) },
  };
}

function answers(command: readonly [string, ...string[]]): string | undefined {
  const [program, ...args] = command;
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
