import type { AttemptResult } from '@watchtower/contracts';

/** A job that misbehaves, and how it has to end. docs/reference/hostile-jobs.md is compared with these. */
export interface HostileJob {
  readonly name: string;
  readonly does: string;
  /** What stopped it, for people. */
  readonly stopped_by: string;
  readonly status: AttemptResult['status'];
  readonly failure_code: AttemptResult['failure_code'];
  /** What its log must show, as proof that the limit was met and not something else. */
  readonly shows: RegExp;
  readonly retrain?: { readonly timeout?: string };
  readonly script: string;
}

export const hostileJobs: readonly HostileJob[] = [
  {
    name: 'fork bomb',
    does: 'starts processes that start processes, and never ends',
    stopped_by: '512 processes; then `retrain.timeout`',
    status: 'failed',
    failure_code: 'TrainingTimedOut',
    shows: /no more processes/,
    retrain: { timeout: '6s' },
    script: `
import os, time
while True:
    try:
        os.fork()
    except BlockingIOError:
        print("no more processes", flush=True)
        time.sleep(60)
`,
  },
  {
    name: 'memory bomb',
    does: 'takes memory until there is none',
    stopped_by: 'the memory limit, without swap: the kernel kills it',
    status: 'failed',
    failure_code: 'TrainingOutOfMemory',
    shows: /taking/,
    script: `
print("taking", flush=True)
taken = []
while True:
    taken.append(bytearray(16 * 1024 * 1024))
`,
  },
  {
    name: 'full disk',
    does: 'writes to every folder until it can no more',
    stopped_by: "the workspace's size; everything else is read-only or as small",
    status: 'failed',
    failure_code: 'TrainingFailed',
    shows: /workspace: No space left on device\n\/: Read-only file system/,
    script: `
import os
for folder in ("/workspace", "/", "/usr", "/etc"):
    try:
        with open(os.path.join(folder, "fill"), "wb") as file:
            while True:
                file.write(bytes(1024 * 1024))
    except OSError as error:
        print(f"{folder}: {error.strerror}", flush=True)
raise SystemExit(1)
`,
  },
  {
    name: 'log flood',
    does: 'prints 1 GB',
    stopped_by: 'nothing: the engine keeps the last 16 MB, and so does the artifact',
    status: 'succeeded',
    failure_code: null,
    shows: /the end of the flood/,
    script: `
import sys
line = b"x" * 1023 + b"\\n"
for _ in range(1024):
    sys.stdout.buffer.write(line * 1024)
print("the end of the flood", flush=True)
`,
  },
  {
    name: 'link out of the workspace',
    does: 'leaves a symbolic link to `/etc/shadow` as its metrics',
    stopped_by: 'the output is taken entry by entry: links are refused, and none is followed',
    status: 'failed',
    failure_code: 'TrainingFailed',
    shows: /"output\/metrics\.json" is a symlink/,
    script: `
import os
os.symlink("/etc/shadow", os.path.join(os.environ["WATCHTOWER_OUTPUT_DIR"], "metrics.json"))
`,
  },
  {
    name: 'deaf to SIGTERM',
    does: 'ignores every signal it can, and goes on',
    stopped_by: '`retrain.timeout`, then SIGKILL after five seconds',
    status: 'failed',
    failure_code: 'TrainingTimedOut',
    shows: /SIGTERM is ignored/,
    retrain: { timeout: '2s' },
    script: `
import signal, time
for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
print("SIGTERM is ignored", flush=True)
while True:
    time.sleep(1)
`,
  },
  {
    name: 'way out',
    does: 'tries the network, another user, mounting, to end its workspace, and to leave a child behind',
    stopped_by:
      'no network, no capability, `no-new-privileges`, another user; the child dies with its container',
    status: 'failed',
    failure_code: 'TrainingFailed',
    shows: /network: unreachable\nroot: refused\nworkspace: refused\nmount: refused/,
    script: `
import ctypes, os, signal, socket, subprocess, sys
def told(what, act):
    try:
        print(f"{what}: {act()}", flush=True)
    except PermissionError:
        print(f"{what}: refused", flush=True)
    except OSError:
        print(f"{what}: unreachable", flush=True)
def mount():
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", b"/tmp", b"tmpfs", 0, b"") != 0:
        raise PermissionError
    return "mounted"
told("network", lambda: socket.create_connection(("172.17.0.1", 22), timeout=2))
told("root", lambda: os.setuid(0))
told("workspace", lambda: os.kill(1, signal.SIGKILL))
told("mount", mount)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)  # left-behind"], start_new_session=True)
raise SystemExit(1)
`,
  },
];

export function hostileJobsTable(): string {
  const rows = hostileJobs.map(({ name, does, stopped_by, status, failure_code }) =>
    ['', name, does, stopped_by, failure_code ? `\`${status}\`, \`${failure_code}\`` : `\`${status}\``, '']
      .join(' | ')
      .trim(),
  );
  return ['| Job | What it does | What stops it | It ends |', '| --- | --- | --- | --- |', ...rows].join(
    '\n',
  );
}
