/** How a column's values are stored and what number they become; the place in this list is what `assembly/pages.ts` calls it. */
export const numberKinds = [
  'float64',
  'float32',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'days',
  'microseconds',
  'nanoseconds',
] as const;

/**
 * Integers become the nearest double; days and times since 1970 become milliseconds, of which fractions are cut off towards
 * zero. Whole milliseconds are `int64`.
 */
export type NumberKind = (typeof numberKinds)[number];

export type Storage = NumberKind | 'text' | 'flag';

/** Bytes of a dictionary's entry. */
export const bytesOf = (storage: NumberKind): number =>
  storage === 'float32' || storage === 'int32' || storage === 'uint32' || storage === 'days' ? 4 : 8;
