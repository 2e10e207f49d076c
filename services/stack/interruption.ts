/** Ends with Ctrl-C, SIGTERM, a closed terminal, or the end of the process that launched this one. */
export interface Interruption {
  /** Aborted at the first signal: stop in order. */
  readonly signal: AbortSignal;
  /** Resolves then. */
  readonly happened: Promise<void>;
}

/** @param again called at a second signal: stop by force */
export function watchForInterruption(again: () => void): Interruption {
  const controller = new AbortController();
  const happened = new Promise<void>((resolve) => {
    controller.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const interrupt = (): void => {
    if (controller.signal.aborted) again();
    else controller.abort();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  process.on('SIGHUP', interrupt);
  // Sent when scripts/launch.mjs is gone, however it ended. The channel alone keeps nothing running.
  process.once('disconnect', () => controller.abort());
  process.channel?.unref();
  return { signal: controller.signal, happened };
}
