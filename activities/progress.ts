import { cancellationSignal, heartbeat } from '@temporalio/activity';

/** What a long activity tells Temporal, and hears from it. */
export interface Progress {
  readonly signal: AbortSignal;
  /** The latest thing a process said. */
  readonly line: (line: string) => void;
}

const interval = 2_000;

/**
 * Runs work while heartbeats carry the process's latest line and the seconds since it began. They go on
 * while a model loads in silence, because a cancellation arrives with a heartbeat's answer; how long
 * silence may last is the timeout's business.
 */
export async function withProgress<Result>(
  stage: string,
  work: (progress: Progress) => Promise<Result>,
): Promise<Result> {
  const began = Date.now();
  let latest = '';
  const beat = () => heartbeat({ stage, seconds: Math.round((Date.now() - began) / 1000), line: latest });
  const timer = setInterval(beat, interval);
  beat();
  try {
    return await work({
      signal: cancellationSignal(),
      line: (line) => {
        latest = line;
        beat();
      },
    });
  } finally {
    clearInterval(timer);
  }
}
