import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface PythonRun {
  readonly python: string;
  readonly script: string;
  /** JSON file, the script's only argument. */
  readonly job: string;
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Called for each line of standard output. */
  readonly onLine: (line: string) => void;
}

export type PythonEnd =
  | { readonly kind: 'exited'; readonly status: number; readonly stderr: string }
  | { readonly kind: 'killed'; readonly signal: string; readonly stderr: string }
  | { readonly kind: 'timed_out'; readonly stderr: string }
  | { readonly kind: 'not_started'; readonly reason: string };

/** Of standard error, this many characters from the end are kept. */
const tailLength = 4096;

/**
 * Runs one of our Python scripts in a process group of its own, killed as a whole on timeout or
 * cancellation. The script watches its standard input, which closes when this process dies however it dies,
 * so that none outlives the worker. Rejects with the signal's reason when cancelled, after the group is
 * gone.
 */
export async function runPython(run: PythonRun): Promise<PythonEnd> {
  run.signal.throwIfAborted();
  const child = spawn(run.python, [run.script, run.job], {
    cwd: run.directory,
    env: run.environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  let timedOut = false;
  const kill = () => killGroup(child.pid);
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, run.timeout);
  run.signal.addEventListener('abort', kill, { once: true });
  // The script may be gone before its input is closed.
  child.stdin.on('error', () => undefined);
  createInterface({ input: child.stdout }).on('line', run.onLine);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-tailLength);
  });
  try {
    const end = await new Promise<PythonEnd>((resolve) => {
      child.once('error', (error) => resolve({ kind: 'not_started', reason: error.message }));
      child.once('close', (status, signal) => {
        if (timedOut) resolve({ kind: 'timed_out', stderr });
        else if (status === null) resolve({ kind: 'killed', signal: signal ?? 'unknown', stderr });
        else resolve({ kind: 'exited', status, stderr });
      });
    });
    run.signal.throwIfAborted();
    return end;
  } finally {
    clearTimeout(timer);
    run.signal.removeEventListener('abort', kill);
    // What the script started and left behind belongs to its group.
    kill();
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}
