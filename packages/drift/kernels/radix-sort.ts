import { byStretches } from './by-stretches.ts';

/** Below this many values a typed array's own sort is quicker. */
const few = 2048;

const digitBits = 11;
const buckets = 1 << digitBits;
const mask = buckets - 1;
/** Digits of 64 bits. */
const digits = 6;

/**
 * Sorts ascending, in place, −0 before 0: the bits of a double, taken for a whole number, are in the order of its size. Digit by digit
 * from the last one on; a digit that all values share costs nothing. Several times as quick as a typed array's own sort, and
 * with as much memory again.
 *
 * @param values without NaN
 */
export function sortAscending(values: Float64Array): Float64Array {
  const { length } = values;
  if (length < few) return values.sort();
  const counts = new Uint32Array(digits * buckets);
  byStretches(length, (from, to) => countDigits(wordsOf(values), counts, from, to));
  let source = values;
  let target: Float64Array = new Float64Array(length);
  for (let digit = 0; digit < digits; digit += 1) {
    const own = counts.subarray(digit * buckets, (digit + 1) * buckets);
    if (own.includes(length)) continue;
    let next = 0;
    for (let bucket = 0; bucket < buckets; bucket += 1) {
      const count = own[bucket] ?? 0;
      own[bucket] = next;
      next += count;
    }
    const [words, from, to] = [wordsOf(source), source, target];
    byStretches(length, (start, end) => scatter(words, from, to, digit, own, start, end));
    [source, target] = [target, source];
  }
  // As whole numbers, negative doubles come last, and the smallest of them first.
  let negatives = 0;
  while (negatives < length && isNegative(source[length - 1 - negatives] ?? 0)) negatives += 1;
  if (negatives > 0) {
    target.set(source.subarray(length - negatives).reverse());
    target.set(source.subarray(0, length - negatives), negatives);
    source = target;
  }
  if (source !== values) values.set(source);
  return values;
}

const wordsOf = ({ buffer, byteOffset, length }: Float64Array): Uint32Array =>
  new Uint32Array(buffer, byteOffset, 2 * length);

const isNegative = (x: number): boolean => x < 0 || Object.is(x, -0);

/** The digits of a value are bits 0 to 10, 11 to 21, 22 to 32 and so on; the last one has nine. */
function countDigits(words: Uint32Array, counts: Uint32Array, from: number, to: number): void {
  for (let i = from; i < to; i += 1) {
    const low = words[2 * i] ?? 0;
    const high = words[2 * i + 1] ?? 0;
    add(counts, low & mask);
    add(counts, buckets + ((low >>> 11) & mask));
    add(counts, 2 * buckets + (((low >>> 22) | (high << 10)) & mask));
    add(counts, 3 * buckets + ((high >>> 1) & mask));
    add(counts, 4 * buckets + ((high >>> 12) & mask));
    add(counts, 5 * buckets + (high >>> 23));
  }
}

function add(counts: Uint32Array, place: number): void {
  counts[place] = (counts[place] ?? 0) + 1;
}

function scatter(
  words: Uint32Array,
  source: Float64Array,
  target: Float64Array,
  digit: number,
  next: Uint32Array,
  from: number,
  to: number,
): void {
  // Which word a digit lies in, and how far up; the third one lies in both.
  const word = digit < 3 ? 0 : 1;
  const shift = [0, 11, 22, 1, 12, 23][digit] ?? 0;
  const isSplit = digit === 2;
  for (let i = from; i < to; i += 1) {
    let own = (words[2 * i + word] ?? 0) >>> shift;
    if (isSplit) own |= (words[2 * i + 1] ?? 0) << 10;
    own &= mask;
    const place = next[own] ?? 0;
    target[place] = source[i] ?? 0;
    next[own] = place + 1;
  }
}
