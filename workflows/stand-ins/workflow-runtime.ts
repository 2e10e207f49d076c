/** What parts of a workflow ask of Temporal's runtime, for their unit tests: handlers are kept for the test to call. */
export class WorkflowRuntime {
  readonly #handlers = new Map<string, Handler>();
  /** What the Temporal UI would show. */
  details = '';
  memo: Readonly<Record<string, unknown>> = {};

  /** In place of the functions of `@temporalio/workflow`. */
  readonly functions = {
    setHandler: (
      { name }: { readonly name: string },
      handle: Handler['handle'],
      options?: Pick<Handler, 'validator'>,
    ) => {
      this.#handlers.set(name, { handle, ...options });
    },
    /** Time is `Date.now()`, which a test may move. */
    condition: async (holds: () => boolean, timeoutMs = Number.POSITIVE_INFINITY): Promise<boolean> => {
      const end = Date.now() + timeoutMs;
      while (!holds()) {
        if (Date.now() >= end) return false;
        await new Promise((resolve) => setImmediate(resolve));
      }
      return true;
    },
    CancellationScope: { nonCancellable: <T>(work: () => Promise<T>): Promise<T> => work() },
    setCurrentDetails: (details: string) => {
      this.details = details;
    },
    upsertMemo: (memo: Readonly<Record<string, unknown>>) => {
      this.memo = { ...this.memo, ...memo };
    },
    upsertSearchAttributes: () => undefined,
  };

  /** Sends an Update, as Temporal does: the validator first. */
  async update(name: string, argument: unknown): Promise<unknown> {
    const handler = this.#handlerOf(name);
    handler.validator?.(argument);
    return handler.handle(argument);
  }

  signal(name: string, argument?: unknown): void {
    this.#handlerOf(name).handle(argument);
  }

  #handlerOf(name: string): Handler {
    const handler = this.#handlers.get(name);
    if (!handler) throw new Error(`The workflow has no handler "${name}".`);
    return handler;
  }
}

interface Handler {
  readonly handle: (argument: unknown) => unknown;
  readonly validator?: (argument: unknown) => void;
}
