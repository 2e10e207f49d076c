interface Screen {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** On a terminal nothing is said about work that takes less than this, in milliseconds. */
const patience = 1500;
/** Where nobody watches, a line is enough this often, and not before that. */
const interval = 10_000;

export interface ProgressLine {
  say(text: string): void;
  /** Leaves the screen as it was. */
  end(): void;
}

/** Progress of long work on standard error: one line that changes on a terminal, a line now and then in a log. */
export function progressLine(screen: Screen, now: () => number = () => performance.now()): ProgressLine {
  const began = now();
  let last = Number.NEGATIVE_INFINITY;
  let drawn = false;
  return {
    say(text) {
      const at = now();
      const [first, pause] = screen.isTTY === true ? [patience, 100] : [interval, interval];
      if (at - began < first || at - last < pause) return;
      last = at;
      drawn = true;
      screen.write(screen.isTTY === true ? `\r\x1b[K${text}` : `${text}\n`);
    },
    end() {
      if (drawn && screen.isTTY === true) screen.write('\r\x1b[K');
    },
  };
}
