/**
 * JSON as Postgres can keep it: `jsonb` knows neither U+0000 nor lone surrogates, which data from outside may hold
 * (column names, log lines). Both become U+FFFD, before hashing, so that what is hashed is what is stored.
 */
export function storableJson<T>(value: T): T;
export function storableJson(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map((item: unknown) => storableJson(item));
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).flatMap(([key, item]: [string, unknown]) =>
      item === undefined ? [] : [[storableText(key), storableJson(item)] as const],
    );
    return Object.fromEntries(entries);
  }
  // −0 and 0 are one number in JSON.
  return value === 0 ? 0 : value;
}

export const storableText = (text: string): string => text.replace(/\0|\p{Surrogate}/gu, '\uFFFD');
