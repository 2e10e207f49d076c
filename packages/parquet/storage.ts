/** How a column's values are stored and what number they become; the place in this list is what `assembly/pages.ts` calls it. */
export const numberKinds = [
  'float64',
  'float32',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'days',
  'milliseconds',
  'microseconds',
  'nanoseconds',
] as const;

/**
 * Integers become the nearest double; days and times since 1970 become milliseconds, of which fractions are cut off towards
 * zero.
 */
export type NumberKind = (typeof numberKinds)[number];

export type Storage = NumberKind | 'text' | 'flag';

const eightBytes: ReadonlySet<NumberKind> = new Set([
  'float64',
  'int64',
  'uint64',
  'milliseconds',
  'microseconds',
  'nanoseconds',
]);

/** Bytes of a stored value. */
export const bytesOf = (storage: NumberKind): number => (eightBytes.has(storage) ? 8 : 4);
