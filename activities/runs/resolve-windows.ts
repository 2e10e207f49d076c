import {
  type Instant,
  type ModelDefinition,
  milliseconds,
  type TimeWindow,
  WatchtowerError,
  type WindowDefinition,
  windowName,
} from '@watchtower/contracts';

export interface ResolvedWindows {
  readonly current_window: TimeWindow;
  readonly reference_window: TimeWindow;
  readonly split_at: Instant;
}

/**
 * The windows of a run with their ends known: sliding ones end when the run was triggered, a fractional split is an
 * instant.
 *
 * @throws WatchtowerError `UnknownWindow`; `InvalidDefinition` where the split does not lie inside the window
 */
export function resolveWindows(
  definition: ModelDefinition,
  windowId: string,
  triggeredAt: Instant,
): ResolvedWindows {
  const window = (name: string): TimeWindow => {
    const defined: WindowDefinition | undefined = definition.windows[windowName.parse(name)];
    if (!defined) {
      throw new WatchtowerError('UnknownWindow', `Model "${definition.model}" has no window "${name}".`);
    }
    if ('from' in defined) return defined;
    const end = Date.parse(triggeredAt);
    return { from: new Date(end - milliseconds(defined.last)).toISOString(), to: triggeredAt };
  };
  const current = window(windowId);
  return {
    current_window: current,
    reference_window: window('reference'),
    split_at: splitOf(definition, windowId, current),
  };
}

function splitOf(definition: ModelDefinition, windowId: string, current: TimeWindow): Instant {
  const { split } = definition.evaluate;
  if ('fraction' in split) return instantAt(current, split.fraction);
  if (split.at > current.from && split.at < current.to) return split.at;
  // A fixed split belongs to the window "current"; another window (of a one-off run) is split in the same proportion.
  if (windowId !== 'current') return instantAt(current, 0.75);
  throw new WatchtowerError(
    'InvalidDefinition',
    `evaluate.split.at (${split.at}) does not lie inside window "${windowId}" (${current.from} to ${current.to}).`,
  );
}

function instantAt(window: TimeWindow, fraction: number): Instant {
  const from = Date.parse(window.from);
  return new Date(Math.round(from + (Date.parse(window.to) - from) * fraction)).toISOString();
}
