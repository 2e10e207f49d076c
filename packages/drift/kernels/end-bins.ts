/**
 * Where values lie among given ends: a monotone map of numbers to bins, by equal widths or by equal ratios (sign, exponent and
 * leading bits of the mantissa), and for each bin where a value's search begins. The map only decides how long that is.
 */
export interface EndBins {
  readonly kind: 'linear' | 'ratio';
  readonly bins: number;
  /** Linear: where the first bin begins. */
  readonly low: number;
  /** Ratio: the leading word at and below which sizes lie in the middle, and the bin that is. */
  readonly least: number;
  readonly middle: number;
  /** Linear: bins by unit of the value. */
  readonly scale: number;
  /** Ratio: bits of the leading word that do not count. */
  readonly shift: number;
  /** The place, or in a ratio the distance from the middle, that none lies beyond. */
  readonly most: number;
  /** For each bin the first end that a value of it may not lie above; with `several` where the bin holds more than one. */
  readonly first: Uint16Array;
}

/** Marks a bin that holds more than one end. */
export const several = 1 << 15;

/** What keeps a place inside the last bin. */
const inside = 1e-6;

/** The places of values among the bins. */
type Places = Omit<EndBins, 'first'>;

/** Ends of a value's bin, on average, with which equal widths are as good as anything. */
const enough = 1.5;

/**
 * @param ends ascending, distinct, finite, fewer than `several`
 * @param first where the bins are to stand, as many as it is long
 */
export function binEnds(ends: Float64Array, first: Uint16Array): EndBins {
  const own = new Uint16Array(ends.length);
  const linear = linearPlaces(ends, first.length);
  const crowd = crowding(ends, linear, own);
  let places = linear;
  if (crowd > enough * ends.length) {
    const ratio = ratioPlaces(ends, first.length);
    if (crowding(ends, ratio, own) < crowd) places = ratio;
    else assignBins(ends, linear, own);
  }
  fillFirst(own, first);
  return { ...places, first };
}

/** The outermost ends share the outer bins. */
function linearPlaces(ends: Float64Array, bins: number): Places {
  const low = endAt(ends, 0.002);
  const scale = bins / (endAt(ends, 0.998) - low);
  const usable = Number.isFinite(scale) && Number.isFinite(low);
  const [from, by] = usable ? [low, scale] : [0, 0];
  return { kind: 'linear', bins, low: from, scale: by, most: bins - inside, least: -1, middle: 0, shift: 0 };
}

function ratioPlaces(ends: Float64Array, bins: number): Places {
  const sizes = ends.map(Math.abs).sort();
  // Sizes of one sign alone have all bins; else each has half of them.
  const middle = endAt(ends, 0.01) >= 0 ? 0 : bins >> 1;
  const least = Math.max(0, leadingWord(endAt(sizes, 0.01)) - 1);
  const most = leadingWord(endAt(sizes, 0.995));
  let shift = 0;
  while ((most - least) >> shift >= bins - middle) shift += 1;
  return { kind: 'ratio', bins, low: 0, scale: 0, most: bins - middle - 1, least, middle, shift };
}

const endAt = (ends: Float64Array, share: number): number => ends[Math.round(share * (ends.length - 1))] ?? 0;

/** About as many values lie before each end: how many ends the bin of a value holds, summed over the ends. */
function crowding(ends: Float64Array, places: Places, own: Uint16Array): number {
  assignBins(ends, places, own);
  let sum = 0;
  let from = 0;
  for (let i = 1; i <= own.length; i += 1) {
    if (i < own.length && own[i] === own[from]) continue;
    sum += (i - from) ** 2;
    from = i;
  }
  return sum;
}

function fillFirst(own: Uint16Array, first: Uint16Array): void {
  let next = 0;
  for (let i = 0; i < own.length; i += 1) {
    const bin = own[i] ?? 0;
    if (bin < next) first[bin] = (first[bin] ?? 0) | several;
    else {
      first.fill(i, next, bin + 1);
      next = bin + 1;
    }
  }
  first.fill(own.length, next);
}

/** @param own the bins of the values, as many as there are values at least */
export function assignBins(values: Float64Array, places: Places, own: Uint16Array): void {
  const { kind, low, scale, most } = places;
  if (kind === 'linear') assignLinear(values, low, scale, most, own);
  else {
    const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    assignByRatio(words, places, own);
  }
}

function assignLinear(
  values: Float64Array,
  low: number,
  scale: number,
  most: number,
  own: Uint16Array,
): void {
  for (let i = 0; i < values.length; i += 1) {
    const scaled = ((values[i] ?? 0) - low) * scale;
    own[i] = scaled > 0 ? Math.min(scaled, most) : 0;
  }
}

/** @param words the values' bits, the low half of each first */
function assignByRatio(words: Int32Array, { least, shift, middle, most }: Places, own: Uint16Array): void {
  for (let i = 0; i < words.length >> 1; i += 1) {
    const word = words[2 * i + 1] ?? 0;
    const step = Math.min(most, Math.max(0, (word & 0x7fffffff) - least) >> shift);
    own[i] = Math.max(0, word < 0 ? middle - step : middle + step);
  }
}

const buffer = new DataView(new ArrayBuffer(8));

/** Sign, exponent and the first twenty bits of the mantissa. */
export function leadingWord(x: number): number {
  buffer.setFloat64(0, x);
  return buffer.getInt32(0);
}
