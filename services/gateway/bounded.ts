/** Thrown by `bounded` when the time is over. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

/**
 * The promise's result, or `TimedOut` after so many milliseconds. The work itself goes on: this bounds only how long
 * its caller waits.
 */
export async function bounded<T>(limit: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TimedOut(`no answer within ${limit} ms`)), limit);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
