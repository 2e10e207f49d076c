import type { ToolCall } from '@watchtower/contracts';

type JsonValue = ToolCall['input'];
type JsonFields = { [name: string]: JsonValue };

/** What looks like a key in text of others: prefixed keys, keys masked in part, bearer tokens, basic credentials. */
const keyLike =
  /[\w.-]{0,64}\*{3}[\w.*-]*|\b(?:sk|gsk|rk|pk|xai|key)[-_][\w.*-]{6,}|\b(?:bearer|basic)\s+[\w.~+/=*-]{6,}|(?<=x-api-key["':=\s]{1,6})[\w.*-]{6,}/gi;

/** Text without a key: ours wherever it stands, and whatever looks like one. */
export function redacted(text: string, key: string | null): string {
  return withoutKey(text, key).replace(keyLike, '[redacted]');
}

/**
 * Characters. What is shorter is a placeholder for a server that asks for some key (`x`, `none`, `EMPTY`): taken out of what
 * a language model answers, it would make nonsense of it.
 */
const shortestKey = 8;

/**
 * Text without our key, and otherwise as it was: what an endpoint answers may repeat it, also with its
 * characters escaped as in JSON (`\u0073k-…`, `\/`), which may be JSON within JSON.
 */
export const withoutKey = (text: string, key: string | null): string =>
  key === null || key.length < shortestKey ? text : text.replace(patternOf(key), '[redacted]');

/** JSON without our key, in its strings and in the names of its fields. */
export function withoutKeyWithin(value: JsonFields, key: string | null): JsonFields;
export function withoutKeyWithin(value: JsonValue, key: string | null): JsonValue;
export function withoutKeyWithin(value: JsonValue, key: string | null): JsonValue {
  if (typeof value === 'string') return withoutKey(value, key);
  if (Array.isArray(value)) return value.map((item) => withoutKeyWithin(item, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [withoutKey(name, key), withoutKeyWithin(item, key)]),
  );
}

/** Few backslashes, so that a text of nothing else takes no longer. */
function patternOf(key: string): RegExp {
  const units = key.split('').map((unit) => {
    const plain = unit.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');
    const hex = unit.charCodeAt(0).toString(16).padStart(4, '0');
    const digits = hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
    return `(?:\\\\{0,4}${plain}|\\\\{1,4}u${digits})`;
  });
  // A backslash before the first character belongs to what stands before, unless it escapes that character.
  return new RegExp(units.join('').replace('(?:\\\\{0,4}', '(?:'), 'g');
}
