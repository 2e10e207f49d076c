/** What looks like a key in text of others: prefixed keys, bearer tokens, basic credentials. */
const keyLike =
  /\b(?:sk|gsk|rk|pk|xai|key)[-_][\w.*-]{6,}|\b(?:bearer|basic)\s+[\w.~+/=*-]{6,}|(?<=x-api-key["':=\s]{1,6})[\w.*-]{6,}/gi;

/** Text without a key: ours wherever it stands, and whatever looks like one. */
export function redacted(text: string, key: string | null): string {
  return withoutKey(text, key).replace(keyLike, '[redacted]');
}

/** Text without our key, and otherwise as it was: what an endpoint answers may repeat it. */
export const withoutKey = (text: string, key: string | null): string =>
  key === null || key === '' ? text : text.replaceAll(key, '[redacted]');
