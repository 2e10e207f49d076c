import canonicalize from 'canonicalize';
import { z } from 'zod';

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };
/** Keys with `undefined` are left out when it is written, as `JSON.stringify` does. */
export type JsonObject = { readonly [key: string]: Json | undefined };

/** Any JSON object: finite numbers only, no `undefined` (what RFC 8785 can write). */
export const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json()) as z.ZodType<JsonObject>;

/**
 * RFC 8785 (JSON Canonicalization Scheme): keys sorted by UTF-16 code units, no white space, numbers and strings as
 * ECMAScript writes them. Keys whose value is `undefined` are left out.
 *
 * @throws Error on what JSON has no form for (NaN, ±Infinity, a function), which `JSON.stringify` would make `null`
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError(`a value of type ${typeof value} has no JSON form`);
  return text;
}
