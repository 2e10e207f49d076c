const longest = 24 * 60 * 60 * 1000;

/**
 * How long a provider asks to be left alone, in milliseconds: `retry-after-ms`, else `retry-after` in
 * seconds or as an HTTP date (RFC 9110, section 10.2.3). Undefined where it says nothing that can be
 * understood, or asks for no time at all (a date that has passed, by our clock): then the usual pauses hold,
 * which grow, instead of all attempts at once.
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const exact = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  if (exact > 0) return bounded(exact);
  const told = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(told)) return bounded(Number.parseFloat(told) * 1000);
  const at = Date.parse(told);
  return Number.isNaN(at) ? undefined : bounded(at - now);
}

const bounded = (milliseconds: number): number | undefined =>
  milliseconds > 0 ? Math.ceil(Math.min(milliseconds, longest)) : undefined;
