/** Ends work that takes too long, or whose activity was cancelled. */
export interface TimeLimit {
  /** Aborted with a `TimeoutError` when the time is over, with the cancellation's own reason when that came first. */
  readonly signal: AbortSignal;
  /** Starts the time anew: what it limits is silence then. */
  readonly restart: () => void;
  /** Call it when the work is over. */
  readonly end: () => void;
}

export function limitTime(milliseconds: number, cancelled?: AbortSignal): TimeLimit {
  const controller = new AbortController();
  const timer = setTimeout(
    () => controller.abort(new DOMException('no answer in time', 'TimeoutError')),
    milliseconds,
  );
  const cancel = () => controller.abort(cancelled?.reason);
  if (cancelled?.aborted) cancel();
  else cancelled?.addEventListener('abort', cancel, { once: true });
  return {
    signal: controller.signal,
    restart: () => {
      timer.refresh();
    },
    end: () => {
      clearTimeout(timer);
      cancelled?.removeEventListener('abort', cancel);
    },
  };
}
