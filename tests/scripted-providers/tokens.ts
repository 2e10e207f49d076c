/** Tokens as a provider might count them: what matters to tests is that more text is more tokens. */
export const tokensOf = (value: unknown): number => Math.ceil(Buffer.byteLength(JSON.stringify(value)) / 4);

/**
 * A provider's prompt cache: what is marked is kept, and a later request that begins with it, to the byte,
 * reads it. Answers how many of a request's pieces came from the cache and how many were written to it.
 */
export class PromptCache {
  readonly #kept = new Set<string>();

  /** @param pieces the request in order, each with whether it is marked */
  use(pieces: readonly { readonly content: unknown; readonly marked: boolean }[]): {
    readonly read: number;
    readonly written: number;
    readonly rest: number;
  } {
    let prefix = '';
    let read = 0;
    let written = 0;
    let total = 0;
    for (const { content, marked } of pieces) {
      prefix += JSON.stringify(content);
      total += tokensOf(content);
      if (!marked) continue;
      if (this.#kept.has(prefix)) read = total;
      else written = total - read;
      this.#kept.add(prefix);
    }
    return { read, written, rest: total - read - written };
  }
}
