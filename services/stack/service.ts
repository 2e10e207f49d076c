/** A program and its arguments, run without a shell. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** What a supervisor needs to know to run one process. */
export interface ServiceDefinition {
  readonly name: string;
  readonly command: Command;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Run as another user (only where the supervisor is root). */
  readonly account?: { readonly uid: number; readonly gid: number };
  /** What asks it to end; after `graceMs` it is killed. */
  readonly stopSignal: NodeJS.Signals;
  readonly graceMs: number;
  /** Asked again and again until true; `log` is what this process wrote, at most its last 64 KiB. */
  readonly isReady: (log: string) => Promise<boolean>;
  readonly readyWithinMs: number;
}

/** How long a crashed service is left alone before its next start, and when its crashes are forgotten. */
export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
  /** A service that was ready for this long starts counting anew. */
  readonly stableMs: number;
}

export const defaultBackoff: Backoff = { firstMs: 500, longestMs: 30_000, stableMs: 30_000 };

/** Before its `crashes`-th restart in a row (from 1). */
export const restartDelay = (crashes: number, backoff: Backoff): number =>
  Math.min(backoff.longestMs, backoff.firstMs * 2 ** (crashes - 1));

/** Crashes of a service that was never ready, after which its first start is given up. */
export const crashesBeforeGivingUp = 3;

export type ServiceEvent =
  | { readonly kind: 'ready'; readonly service: string; readonly seconds: number; readonly restarts: number }
  | {
      readonly kind: 'crashed';
      readonly service: string;
      /** `exit code 1`, `signal SIGKILL` or what else ended it. */
      readonly how: string;
      readonly tail: readonly string[];
      readonly log: string;
      readonly restartInMs: number;
    }
  | { readonly kind: 'stopped'; readonly service: string }
  | { readonly kind: 'note'; readonly text: string };
