import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { Socket } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import type { PythonEnd, PythonRun } from './python-process.ts';
import { scorerProgram } from './scorer-program.ts';
import { scoringEnvironment } from './scrubbed-environment.ts';

/** How long a server without work is kept, in milliseconds. */
const idleLimit = 60_000;

/** A server that does not kill what it is told to kill, within so many milliseconds, hangs and takes all of its processes along. */
const patience = 10_000;

/** Of a server's own standard error, this many characters from the end are kept. */
const tailLength = 4096;

const message = z.union([
  z.object({ id: z.number(), line: z.string() }),
  z.object({ id: z.number(), status: z.number(), stderr: z.string() }),
  z.object({ id: z.number(), signal: z.string(), stderr: z.string() }),
]);

/** Runs `score.py`; below `workspace` the server has a home of its own. */
export type ForkedScoring = Omit<PythonRun, 'script'> & { readonly workspace: string };

/** A Python that has loaded what every scoring needs, and forks a process for each (`scorer/fork_server.py`). */
interface ForkServer {
  readonly key: string;
  readonly process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly atWork: Map<number, AtWork>;
  lastId: number;
  idle: NodeJS.Timeout | undefined;
}

interface AtWork {
  readonly onLine: (line: string) => void;
  readonly ended: (end: PythonEnd) => void;
}

const servers = new Map<string, ForkServer>();

/** Where processes are forked: elsewhere (macOS) libraries that have begun threads do not survive it. */
export const canFork = process.platform === 'linux';

/**
 * Scores in a process that was forked from one with its libraries loaded: a tenth of the time of a process that loads them
 * itself. In all else it is `runPython`, whose word on limits, ends and cancellation holds here.
 */
export async function scoreForked(scoring: ForkedScoring): Promise<PythonEnd> {
  scoring.signal.throwIfAborted();
  const server = serverFor(scoring);
  server.lastId += 1;
  const id = server.lastId;
  const order = (value: unknown) => server.process.stdin.write(`${JSON.stringify(value)}\n`);
  let timedOut = false;
  let stuck: NodeJS.Timeout | undefined;
  const kill = () => {
    order({ kill: id });
    stuck = setTimeout(() => server.process.kill('SIGKILL'), patience);
  };
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, scoring.timeout);
  scoring.signal.addEventListener('abort', kill, { once: true });
  try {
    const end = await new Promise<PythonEnd>((resolve) => {
      server.atWork.set(id, { onLine: scoring.onLine, ended: resolve });
      const { job, directory, environment } = scoring;
      order({ id, job, directory, environment });
    });
    scoring.signal.throwIfAborted();
    return timedOut && end.kind === 'killed' ? { kind: 'timed_out', stderr: end.stderr } : end;
  } finally {
    clearTimeout(timer);
    clearTimeout(stuck);
    scoring.signal.removeEventListener('abort', kill);
    server.atWork.delete(id);
    rest(server);
  }
}

function serverFor({ python, workspace }: ForkedScoring): ForkServer {
  const key = JSON.stringify([python, workspace]);
  const server = servers.get(key) ?? startServer(key, python, workspace);
  clearTimeout(server.idle);
  for (const handle of handlesOf(server)) handle.ref();
  return server;
}

function startServer(key: string, python: string, workspace: string): ForkServer {
  const home = path.join(workspace, 'scorer-home');
  mkdirSync(home, { recursive: true });
  const child = spawn(python, [scorerProgram('fork_server')], {
    cwd: home,
    env: scoringEnvironment(home),
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  const server: ForkServer = { key, process: child, atWork: new Map(), lastId: 0, idle: undefined };
  servers.set(key, server);
  // The server may be gone before it has read its orders.
  child.stdin.on('error', () => undefined);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-tailLength);
  });
  createInterface({ input: child.stdout }).on('line', (line) => hear(server, line));
  const endAll = (end: PythonEnd) => {
    if (servers.get(key) === server) servers.delete(key);
    for (const { ended } of server.atWork.values()) ended(end);
  };
  child.once('error', (error) => endAll({ kind: 'not_started', reason: error.message }));
  child.once('close', (status, signal) =>
    endAll(
      status === null
        ? { kind: 'killed', signal: signal ?? 'unknown', stderr }
        : { kind: 'exited', status, stderr },
    ),
  );
  return server;
}

function hear(server: ForkServer, line: string): void {
  const told = message.parse(JSON.parse(line));
  const work = server.atWork.get(told.id);
  if (work === undefined) return;
  if ('line' in told) work.onLine(told.line);
  else if ('status' in told) work.ended({ kind: 'exited', status: told.status, stderr: told.stderr });
  else work.ended({ kind: 'killed', signal: told.signal, stderr: told.stderr });
}

/** A server without work keeps no process alive, and ends when its input is closed. */
function rest(server: ForkServer): void {
  if (server.atWork.size > 0) return;
  for (const handle of handlesOf(server)) handle.unref();
  server.idle = setTimeout(() => {
    servers.delete(server.key);
    server.process.stdin.end();
  }, idleLimit).unref();
}

/** What keeps our own process alive: the server and the pipes to it. */
function handlesOf({ process: child }: ForkServer) {
  const pipes = [child.stdin, child.stdout, child.stderr].filter((stream) => stream instanceof Socket);
  return [child, ...pipes];
}
