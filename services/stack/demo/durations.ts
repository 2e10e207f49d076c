import { type Colours, table } from '@watchtower/client';
import type { Step } from '@watchtower/contracts';

export interface Duration {
  readonly what: string;
  readonly seconds: number;
}

/** Seconds of what this process does itself; what overlaps is measured each for itself. */
export class Stopwatch {
  readonly #durations: Duration[] = [];
  readonly #started = Date.now();
  readonly #setUp: number;

  /** @param setUp seconds that went into the set-up before this process began; 0 for none */
  constructor(setUp: number) {
    this.#setUp = setUp;
    if (setUp > 0) this.#durations.push({ what: 'set-up', seconds: setUp });
  }

  /** Seconds until now, the set-up among them. */
  get total(): number {
    return (Date.now() - this.#started) / 1000 + this.#setUp;
  }

  get durations(): readonly Duration[] {
    return this.#durations;
  }

  async measure<T>(what: string, action: () => Promise<T>): Promise<T> {
    const started = Date.now();
    try {
      return await action();
    } finally {
      this.#durations.push({ what, seconds: (Date.now() - started) / 1000 });
    }
  }
}

/** Stretches of a run between two of its steps (docs/decisions/0001-contracts.md, section 4). */
const stretches = [
  { what: 'run: drift', from: /^run_opened$/, to: /^verdict$/ },
  { what: 'run: retraining', from: /^tool_call trigger_retrain$/, to: /^tool_result trigger_retrain$/ },
  { what: 'run: evaluation', from: /^tool_call evaluate_model$/, to: /^tool_result evaluate_model$/ },
  { what: 'run: approval', from: /^approval_requested$/, to: /^approval_decided$/ },
  { what: 'run: promotion', from: /^approval_decided$/, to: /^promotion_settled$/ },
] as const;

/** Where a run's time went, from the times its steps carry. */
export function durationsOf(steps: readonly Step[]): readonly Duration[] {
  const timeOf = (pattern: RegExp): number | undefined => {
    const found = steps.find(({ kind, name }) => pattern.test(name) || pattern.test(`${kind} ${name}`));
    return found === undefined ? undefined : Date.parse(found.at);
  };
  return stretches.flatMap(({ what, from, to }) => {
    const [begin, end] = [timeOf(from), timeOf(to)];
    return begin === undefined || end === undefined ? [] : [{ what, seconds: (end - begin) / 1000 }];
  });
}

export const durationsText = (durations: readonly Duration[], colours: Colours): string =>
  table(
    ['where the time went', 'seconds'],
    durations.map(({ what, seconds }) => [what, seconds.toFixed(1)]),
    colours,
    [1],
  );
