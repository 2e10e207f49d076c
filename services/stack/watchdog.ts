import { spawn } from 'node:child_process';
import type { ProcessIdentity } from './process-identity.ts';
import type { Command } from './service.ts';

/**
 * A shell of 1 MB that outlives its supervisor just long enough: it knows the children's pids, and when its input
 * ends without a word (the supervisor was killed) it stops their process groups and runs `afterwards`.
 */
const script = `
trap '' INT TERM HUP
pids=''
while read -r verb pid; do
  case "$verb" in
    began) pids="$pids $pid" ;;
    ended)
      kept=''
      for known in $pids; do [ "$known" = "$pid" ] || kept="$kept $known"; done
      pids="$kept" ;;
    dismissed) exit 0 ;;
  esac
done
for pid in $pids; do kill -s TERM -- "-$pid" 2>/dev/null; done
"$@" >/dev/null 2>&1
waited=0
while [ "$waited" -lt 20 ]; do
  alive=''
  for pid in $pids; do kill -s 0 -- "-$pid" 2>/dev/null && alive=yes; done
  [ -z "$alive" ] && exit 0
  sleep 0.25
  waited=$((waited + 1))
done
for pid in $pids; do kill -s KILL -- "-$pid" 2>/dev/null; done
`;

export interface Watchdog {
  readonly track: (verb: 'began' | 'ended', process: ProcessIdentity) => void;
  /** All is stopped: nothing is left to watch over. */
  readonly dismiss: () => void;
}

/** @param afterwards run after a supervisor that was killed */
export function startWatchdog(
  afterwards: Command,
  environment: Readonly<Record<string, string | undefined>>,
): Watchdog {
  const child = spawn('/bin/sh', ['-c', script, 'watchdog', afterwards.program, ...afterwards.args], {
    detached: true,
    env: { ...environment },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.on('error', () => {
    // Killed by somebody: what it would have stopped is found at the next start.
  });
  child.unref();
  return {
    track: (verb, process) => {
      child.stdin.write(`${verb} ${process.pid}\n`);
    },
    dismiss: () => {
      child.stdin.end('dismissed\n');
    },
  };
}
