/** A language model's answer is text of some thousand tokens; what is longer than this is none. */
export const largestAnswer = 4 * 1024 * 1024;

export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge';
}

/**
 * `fetch` for SDKs: it ends with the signal even while a body is being read, does not follow an endpoint
 * that sends us elsewhere (the key would go along), and reads no more than `largestAnswer` bytes, counted
 * after decompression.
 *
 * @param headers all that is sent: SDKs take more of them, even other keys, from the process's environment
 */
export const limitedFetch =
  (signal: AbortSignal, headers: Readonly<Record<string, string>>): typeof fetch =>
  async (target, init) => {
    const signals = init?.signal ? [signal, init.signal] : [signal];
    const response = await fetch(target, {
      ...init,
      headers,
      redirect: 'manual',
      signal: AbortSignal.any(signals),
    });
    if (response.body === null) return response;
    const { status, statusText } = response;
    const body = response.body.pipeThrough(counting());
    return new Response(body, { status, statusText, headers: response.headers });
  };

function counting(): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > largestAnswer) controller.error(new AnswerTooLarge(`more than ${largestAnswer} bytes`));
      else controller.enqueue(chunk);
    },
  });
}
