import { Context } from '@temporalio/activity';

/** How a long activity shows Temporal that it lives, and hears from it. */
export interface Watch {
  /** Shows how far the work is. @throws where the activity was cancelled */
  beat(progress: unknown): void;
  /** Waits; rejects where the activity is cancelled. */
  pause(milliseconds: number): Promise<void>;
  /** Aborted where the activity is cancelled. */
  readonly signal: AbortSignal;
  /** What the attempt before this one showed last; undefined where it showed nothing, or there was none. */
  readonly earlier: unknown;
}

/** The watch of the activity that is running. */
export function activityWatch(): Watch {
  const activity = Context.current();
  return {
    beat: (progress) => {
      activity.cancellationSignal.throwIfAborted();
      activity.heartbeat(progress);
    },
    pause: (milliseconds) => activity.sleep(milliseconds),
    signal: activity.cancellationSignal,
    earlier: activity.info.heartbeatDetails,
  };
}

/** How often what was shown last is shown again, and for how long without anything new. */
const repeatEveryMs = 5_000;
const longestSilenceMs = 600_000;

/**
 * Runs work that shows its progress by itself, and shows the latest again while it is silent: a server that answers slowly,
 * or a large file that is stored, is no dead worker. Work that shows nothing new for ten minutes counts as hung.
 */
export async function withRepeatedBeats<Result>(
  work: (watch: Watch) => Promise<Result>,
  watch: Watch = activityWatch(),
): Promise<Result> {
  let latest = watch.earlier;
  let silentMs = 0;
  const timer = setInterval(() => {
    silentMs += repeatEveryMs;
    // Whether cancellation ends the work is decided where its signal is heard.
    if (!watch.signal.aborted && silentMs <= longestSilenceMs) watch.beat(latest);
  }, repeatEveryMs);
  try {
    return await work({
      ...watch,
      beat: (progress) => {
        latest = progress;
        silentMs = 0;
        watch.beat(progress);
      },
    });
  } finally {
    clearInterval(timer);
  }
}

/** What a process that works for an activity may show. */
export interface Progress {
  readonly signal: AbortSignal;
  /** The latest thing a process said. */
  readonly line: (line: string) => void;
}

const interval = 2_000;

/**
 * Runs work that shows nothing by itself while heartbeats carry its latest line and the seconds since it began. They go on
 * while a model loads in silence, because a cancellation arrives with a heartbeat's answer; how long silence may last is
 * the timeout's business.
 */
export async function withProgress<Result>(
  stage: string,
  work: (progress: Progress) => Promise<Result>,
): Promise<Result> {
  const watch = activityWatch();
  const began = Date.now();
  let latest = '';
  const beat = () => {
    // Whether cancellation ends the work is decided where its signal is heard.
    if (watch.signal.aborted) return;
    watch.beat({ stage, seconds: Math.round((Date.now() - began) / 1000), line: latest });
  };
  const timer = setInterval(beat, interval);
  beat();
  try {
    return await work({
      signal: watch.signal,
      line: (line) => {
        latest = line;
        beat();
      },
    });
  } finally {
    clearInterval(timer);
  }
}
