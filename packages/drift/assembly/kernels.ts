/**
 * The loops of `kernels/loops.ts` in AssemblyScript, number for number: the same additions in the same order give the same bits,
 * which `kernels/kernels.test.ts` checks. Arguments are places in memory and lengths; nothing is allocated here.
 *
 * Built into `kernels/wasm-binary.ts` by `npm run kernels` in this package.
 */

/** Values a sum runs over before it is added to the whole. */
const stretch: i32 = 4096;

export function rangeAndSum(values: usize, length: i32, out: usize): void {
  let lows = f64x2.splat(load<f64>(out));
  let highs = f64x2.splat(load<f64>(out, 8));
  let sum = load<f64>(out, 16);
  for (let from = 0; from < length; from += stretch) {
    const to = min(length, from + stretch);
    const four = to - ((to - from) & 3);
    let sums01 = f64x2.splat(0);
    let sums23 = f64x2.splat(0);
    let i = from;
    for (; i < four; i += 4) {
      const a = v128.load(values + (<usize>i << 3));
      const b = v128.load(values + (<usize>i << 3), 16);
      sums01 = f64x2.add(sums01, a);
      sums23 = f64x2.add(sums23, b);
      // The first argument where neither is smaller: NaN never gets in.
      lows = f64x2.pmin(f64x2.pmin(lows, a), b);
      highs = f64x2.pmax(f64x2.pmax(highs, a), b);
    }
    let sum0 = f64x2.extract_lane(sums01, 0);
    for (; i < to; i += 1) {
      const x = load<f64>(values + (<usize>i << 3));
      sum0 += x;
      lows = f64x2.pmin(lows, f64x2.splat(x));
      highs = f64x2.pmax(highs, f64x2.splat(x));
    }
    sum +=
      sum0 +
      f64x2.extract_lane(sums01, 1) +
      (f64x2.extract_lane(sums23, 0) + f64x2.extract_lane(sums23, 1));
  }
  const low0 = f64x2.extract_lane(lows, 0);
  const low1 = f64x2.extract_lane(lows, 1);
  const high0 = f64x2.extract_lane(highs, 0);
  const high1 = f64x2.extract_lane(highs, 1);
  store<f64>(out, (low1 < low0 ? low1 : low0) + 0.0);
  store<f64>(out, (high1 > high0 ? high1 : high0) + 0.0, 8);
  store<f64>(out, sum, 16);
}

export function sumOfSquares(values: usize, length: i32, mean: f64): f64 {
  const means = f64x2.splat(mean);
  let squares: f64 = 0;
  for (let from = 0; from < length; from += stretch) {
    const to = min(length, from + stretch);
    const four = to - ((to - from) & 3);
    let sums01 = f64x2.splat(0);
    let sums23 = f64x2.splat(0);
    let i = from;
    for (; i < four; i += 4) {
      const a = f64x2.sub(v128.load(values + (<usize>i << 3)), means);
      const b = f64x2.sub(v128.load(values + (<usize>i << 3), 16), means);
      sums01 = f64x2.add(sums01, f64x2.mul(a, a));
      sums23 = f64x2.add(sums23, f64x2.mul(b, b));
    }
    let sum0 = f64x2.extract_lane(sums01, 0);
    for (; i < to; i += 1) {
      const deviation = load<f64>(values + (<usize>i << 3)) - mean;
      sum0 += deviation * deviation;
    }
    squares +=
      sum0 +
      f64x2.extract_lane(sums01, 1) +
      (f64x2.extract_lane(sums23, 0) + f64x2.extract_lane(sums23, 1));
  }
  return squares;
}

/** `out`: smallest, largest, sum, finite values, missing ones, negative infinities. */
export function keepFinite(values: usize, length: i32, kept: usize, out: usize): void {
  let low: f64 = Infinity;
  let high: f64 = -Infinity;
  let sum: f64 = 0;
  let finite = 0;
  let missing = 0;
  let negative = 0;
  for (let i = 0; i < length; i += 1) {
    const x = load<f64>(values + (<usize>i << 3));
    if (x - x === 0) {
      store<f64>(kept + (<usize>finite << 3), x);
      finite += 1;
      sum += x;
      if (x < low) low = x;
      if (x > high) high = x;
    } else if (x !== x) missing += 1;
    else if (x < 0) negative += 1;
  }
  store<f64>(out, low);
  store<f64>(out, high, 8);
  store<f64>(out, sum, 16);
  store<f64>(out, <f64>finite, 24);
  store<f64>(out, <f64>missing, 32);
  store<f64>(out, <f64>negative, 40);
}

/** Cells of values[from, to), by steps of equal width or, where `least` is not negative, of equal ratio. */
@inline
function assign(
  values: usize,
  from: i32,
  to: i32,
  least: i32,
  low: f64,
  scale: f64,
  segments: i32,
  table: usize,
  cells: usize,
): void {
  const most: f64 = <f64>segments - 1e-6;
  if (least >= 0) {
    const half: f64 = <f64>(segments >> 1);
    const mostSize: f64 = half - 1e-6;
    for (let i = from; i < to; i += 1) {
      const word = load<i32>(values + (<usize>i << 3), 4);
      const size = (word & 0x7fffffff) - least;
      const step = size > 0 ? min<f64>(<f64>size * scale, mostSize) : 0;
      const at = word < 0 ? half - step : half + step;
      const segment = <i32>at;
      const entry = table + (<usize>segment << 4);
      const cell = <i32>(load<f64>(entry) + (at - <f64>segment) * load<f64>(entry, 8));
      store<u16>(cells + (<usize>i << 1), <u16>cell);
    }
    return;
  }
  const lows = f64x2.splat(low);
  const scales = f64x2.splat(scale);
  const zeros = f64x2.splat(0);
  const mosts = f64x2.splat(most);
  const pairs = to - ((to - from) & 1);
  let i = from;
  for (; i < pairs; i += 2) {
    const x = v128.load(values + (<usize>i << 3));
    const scaled = f64x2.mul(f64x2.sub(x, lows), scales);
    // 0 unless above it, NaN included.
    const at = f64x2.pmin(mosts, f64x2.pmax(zeros, scaled));
    const segment = i32x4.trunc_sat_f64x2_s_zero(at);
    const part = f64x2.sub(at, f64x2.convert_low_i32x4_s(segment));
    const a = v128.load(table + (<usize>i32x4.extract_lane(segment, 0) << 4));
    const b = v128.load(table + (<usize>i32x4.extract_lane(segment, 1) << 4));
    const first = v128.shuffle<f64>(a, b, 0, 2);
    const width = v128.shuffle<f64>(a, b, 1, 3);
    const cell = i32x4.trunc_sat_f64x2_s_zero(f64x2.add(first, f64x2.mul(part, width)));
    store<u16>(cells + (<usize>i << 1), <u16>i32x4.extract_lane(cell, 0));
    store<u16>(cells + (<usize>i << 1), <u16>i32x4.extract_lane(cell, 1), 2);
  }
  for (; i < to; i += 1) {
    const scaled = (load<f64>(values + (<usize>i << 3)) - low) * scale;
    const above: f64 = scaled > 0 ? scaled : 0;
    const at = above < most ? above : most;
    const segment = <i32>at;
    const entry = table + (<usize>segment << 4);
    const cell = <i32>(load<f64>(entry) + (at - <f64>segment) * load<f64>(entry, 8));
    store<u16>(cells + (<usize>i << 1), <u16>cell);
  }
}

/** Values that are given their cells before these are counted: few enough to stay in the core's nearest cache. */
const block: i32 = 1024;

export function tally(
  values: usize,
  length: i32,
  least: i32,
  low: f64,
  scale: f64,
  segments: i32,
  table: usize,
  cells: usize,
  origin: f64,
  pairs: usize,
  cellCount: i32,
  counts: usize,
  sums: usize,
): void {
  // A cell's sum and count side by side: one place of the memory to go to for each value, and one addition.
  memory.fill(pairs, 0, <usize>cellCount << 4);
  const step = f64x2.replace_lane(f64x2.splat(0), 1, 1);
  const shift = f64x2.replace_lane(f64x2.splat(0), 0, origin);
  for (let from = 0; from < length; from += block) {
    const to = min(length, from + block);
    assign(values, from, to, least, low, scale, segments, table, cells);
    for (let i = from; i < to; i += 1) {
      const pair = pairs + (<usize>load<u16>(cells + (<usize>i << 1)) << 4);
      const x = f64x2.sub(f64x2.replace_lane(step, 0, load<f64>(values + (<usize>i << 3))), shift);
      v128.store(pair, f64x2.add(v128.load(pair), x));
    }
  }
  for (let cell = 0; cell < cellCount; cell += 1) {
    const pair = v128.load(pairs + (<usize>cell << 4));
    store<f64>(sums + (<usize>cell << 3), f64x2.extract_lane(pair, 0));
    store<u32>(counts + (<usize>cell << 2), <u32>f64x2.extract_lane(pair, 1));
  }
}

export function tallyTied(
  values: usize,
  length: i32,
  least: i32,
  low: f64,
  scale: f64,
  segments: i32,
  table: usize,
  cells: usize,
  origin: f64,
  counts: usize,
  sums: usize,
  first: usize,
  mixed: usize,
): void {
  for (let from = 0; from < length; from += block) {
    const to = min(length, from + block);
    assign(values, from, to, least, low, scale, segments, table, cells);
    for (let i = from; i < to; i += 1) {
      const cell = <usize>load<u16>(cells + (<usize>i << 1));
      const x = load<f64>(values + (<usize>i << 3));
      const count = load<u32>(counts + (cell << 2));
      if (count === 0) store<f64>(first + (cell << 3), x);
      else if (load<f64>(first + (cell << 3)) !== x) store<u8>(mixed + cell, 1);
      store<u32>(counts + (cell << 2), count + 1);
      store<f64>(sums + (cell << 3), load<f64>(sums + (cell << 3)) + (x - origin));
    }
  }
}

/** Marks a bin that holds more than one end. */
const several: i32 = 1 << 15;

/** Finds the ends that a lane's value lies between, from its bin on, and adds it there: the sum and the count side by side. */
@inline
function addAtEnd(
  values: v128,
  lane: i32,
  one: v128,
  origins: v128,
  bin: i32,
  first: usize,
  ends: usize,
  pairs: usize,
): void {
  const x = lane === 0 ? f64x2.extract_lane(values, 0) : f64x2.extract_lane(values, 1);
  const entry = <i32>load<u16>(first + (<usize>bin << 1));
  let at = <usize>(entry & (several - 1));
  // Without a jump, which could not be foretold; the last end is +∞.
  at += <usize>i32(x > load<f64>(ends + (at << 3)));
  if (entry >= several) {
    while (x > load<f64>(ends + (at << 3))) at += 1;
  }
  const pair = pairs + (at << 4);
  const value = f64x2.sub(f64x2.replace_lane(one, 0, x), origins);
  v128.store(pair, f64x2.add(v128.load(pair), value));
}

/** Counts values between ends. */
export function tallyEnds(
  values: usize,
  length: i32,
  least: i32,
  low: f64,
  scale: f64,
  shift: i32,
  middle: i32,
  most: f64,
  first: usize,
  origin: f64,
  ends: usize,
  pairs: usize,
  endCount: i32,
  counts: usize,
  sums: usize,
): void {
  memory.fill(pairs, 0, <usize>endCount << 4);
  const one = f64x2.replace_lane(f64x2.splat(0), 1, 1);
  const origins = f64x2.replace_lane(f64x2.splat(0), 0, origin);
  if (least >= 0) {
    const leasts = i32x4.splat(least);
    const signs = i32x4.splat(0x7fffffff);
    const middles = i32x4.splat(middle);
    const mosts = i32x4.splat(<i32>most);
    const zeros = i32x4.splat(0);
    for (let i = 0; i < length; i += 4) {
      // The last few are looked at together with whatever stands behind them, and added one by one.
      const place = values + (<usize>i << 3);
      const a = v128.load(place);
      const b = v128.load(place, 16);
      const word = v128.shuffle<i32>(a, b, 1, 3, 5, 7);
      const size = i32x4.max_s(zeros, i32x4.sub(v128.and(word, signs), leasts));
      const step = i32x4.min_s(mosts, i32x4.shr_s(size, shift));
      const sign = i32x4.shr_s(word, 31);
      const signed = i32x4.sub(v128.xor(step, sign), sign);
      const bin = i32x4.max_s(zeros, i32x4.add(middles, signed));
      addAtEnd(a, 0, one, origins, i32x4.extract_lane(bin, 0), first, ends, pairs);
      if (i + 1 >= length) break;
      addAtEnd(a, 1, one, origins, i32x4.extract_lane(bin, 1), first, ends, pairs);
      if (i + 2 >= length) break;
      addAtEnd(b, 0, one, origins, i32x4.extract_lane(bin, 2), first, ends, pairs);
      if (i + 3 >= length) break;
      addAtEnd(b, 1, one, origins, i32x4.extract_lane(bin, 3), first, ends, pairs);
    }
  } else {
    const lows = f64x2.splat(low);
    const scales = f64x2.splat(scale);
    const zeros = f64x2.splat(0);
    const mosts = f64x2.splat(most);
    for (let i = 0; i < length; i += 2) {
      const a = v128.load(values + (<usize>i << 3));
      const at = f64x2.pmin(mosts, f64x2.pmax(zeros, f64x2.mul(f64x2.sub(a, lows), scales)));
      const bin = i32x4.trunc_sat_f64x2_s_zero(at);
      addAtEnd(a, 0, one, origins, i32x4.extract_lane(bin, 0), first, ends, pairs);
      if (i + 1 >= length) break;
      addAtEnd(a, 1, one, origins, i32x4.extract_lane(bin, 1), first, ends, pairs);
    }
  }
  for (let end = 0; end < endCount; end += 1) {
    const pair = v128.load(pairs + (<usize>end << 4));
    store<f64>(sums + (<usize>end << 3), f64x2.extract_lane(pair, 0));
    store<f64>(counts + (<usize>end << 3), f64x2.extract_lane(pair, 1));
  }
}

/** Writes the values in (above, upTo], in their order. @returns how many */
export function valuesBetween(values: usize, length: i32, above: f64, upTo: f64, out: usize): i32 {
  const lows = f64x2.splat(above);
  const highs = f64x2.splat(upTo);
  const even = length & ~1;
  let found = 0;
  for (let i = 0; i < even; i += 2) {
    const x = v128.load(values + (<usize>i << 3));
    const inside = v128.and(f64x2.gt(x, lows), f64x2.le(x, highs));
    if (!v128.any_true(inside)) continue;
    if (i64x2.extract_lane(inside, 0) !== 0) put(out, found++, f64x2.extract_lane(x, 0));
    if (i64x2.extract_lane(inside, 1) !== 0) put(out, found++, f64x2.extract_lane(x, 1));
  }
  if (even < length) {
    const x = at(values, even);
    if (x > above && x <= upTo) put(out, found++, x);
  }
  return found;
}

/** Sums of counts up to and with each cell. */
export function runningTotals(counts: usize, cells: i32, totals: usize): void {
  let total: u32 = 0;
  for (let cell = 0; cell < cells; cell += 1) {
    total += load<u32>(counts + (<usize>cell << 2));
    store<u32>(totals + (<usize>cell << 2), total);
  }
}

/** Upper ends of cells, from the origin on, none beyond the largest value. */
export function cellEnds(
  cells: i32,
  least: i32,
  low: f64,
  scale: f64,
  segments: i32,
  table: usize,
  origin: f64,
  high: f64,
  ends: usize,
): void {
  const half = <f64>(segments >> 1);
  let cell = 0;
  for (let segment = 0; segment < segments; segment += 1) {
    const width = load<f64>(table + (<usize>segment << 4), 8);
    for (let part: f64 = 1; part <= width; part += 1) {
      const place = <f64>segment + part / width;
      let start: f64;
      if (least >= 0) {
        start =
          place <= half
            ? -numberOf(<f64>least + Math.floor((half - place) / scale) + 1)
            : numberOf(<f64>least + Math.ceil((place - half) / scale));
      } else start = scale === 0 ? low : low + place / scale;
      put(ends, cell, min(high, max<f64>(0, start - origin)));
      cell += 1;
    }
  }
  for (let rest = max(0, cell - 1); rest < cells; rest += 1) put(ends, rest, high);
}

@inline
function numberOf(word: f64): f64 {
  return reinterpret<f64>((<i64>min<f64>(word, 0x7fefffff)) << 32);
}

export function singleCells(
  cells: i32,
  before: usize,
  beforeFirst: usize,
  beforeMixed: usize,
  after: usize,
  afterFirst: usize,
  afterMixed: usize,
  single: usize,
): void {
  for (let cell = 0; cell < cells; cell += 1) {
    const a = load<u32>(before + (<usize>cell << 2));
    const b = load<u32>(after + (<usize>cell << 2));
    const alike =
      a === 0 ||
      b === 0 ||
      load<f64>(beforeFirst + (<usize>cell << 3)) === load<f64>(afterFirst + (<usize>cell << 3));
    const mixed = load<u8>(beforeMixed + cell) | load<u8>(afterMixed + cell);
    store<u8>(single + cell, (a | b) !== 0 && alike && mixed === 0 ? 1 : 0);
  }
}

/** `sizes`: n, m, finite values of either, negative infinities of either. */
export function markUndecided(
  cells: i32,
  before: usize,
  after: usize,
  single: usize,
  sizes: usize,
  wanted: usize,
): void {
  const n = load<f64>(sizes);
  const m = load<f64>(sizes, 8);
  const nf = load<f64>(sizes, 16);
  const mf = load<f64>(sizes, 24);
  const start = load<f64>(sizes, 32) * m - load<f64>(sizes, 40) * n;
  let difference = start;
  let best = abs(start);
  for (let cell = 0; cell < cells; cell += 1) {
    const a = <f64>load<u32>(before + (<usize>cell << 2));
    const b = <f64>load<u32>(after + (<usize>cell << 2));
    difference += a * m - b * n;
    best = max(best, abs(difference));
  }
  difference = start;
  let gap: f64 = 0;
  for (let cell = 0; cell < cells; cell += 1) {
    const a = <f64>load<u32>(before + (<usize>cell << 2));
    const b = <f64>load<u32>(after + (<usize>cell << 2));
    const mayBeBest = difference + a * m > best || b * n - difference > best;
    const changesSign = gap - b * nf < 0 && gap + a * mf > 0;
    const open = a + b > 0 && load<u8>(single + cell) === 0;
    store<u8>(wanted + cell, open && (mayBeBest || changesSign) ? 1 : 0);
    difference += a * m - b * n;
    gap += a * mf - b * nf;
  }
}

/** Values of wanted cells, each cell's sorted, from starts[cell] of `sorted` on. `next` is memory to work with. */
export function gatherSorted(
  values: usize,
  length: i32,
  cells: usize,
  cellCount: i32,
  counts: usize,
  wanted: usize,
  starts: usize,
  next: usize,
  sorted: usize,
): void {
  let total: u32 = 0;
  for (let cell = 0; cell < cellCount; cell += 1) {
    store<u32>(starts + (<usize>cell << 2), total);
    store<u32>(next + (<usize>cell << 2), total);
    if (load<u8>(wanted + cell) !== 0) total += load<u32>(counts + (<usize>cell << 2));
  }
  if (total === 0) return;
  // Few are wanted: four are asked at a time.
  const four = length & ~3;
  let i = 0;
  for (; i < four; i += 4) {
    const word = load<u64>(cells + (<usize>i << 1));
    const a = load<u8>(wanted + <usize>(word & 0xffff));
    const b = load<u8>(wanted + <usize>((word >> 16) & 0xffff));
    const c = load<u8>(wanted + <usize>((word >> 32) & 0xffff));
    const d = load<u8>(wanted + <usize>(word >> 48));
    if ((a | b | c | d) === 0) continue;
    if (a !== 0) take(values, i, cells, next, sorted);
    if (b !== 0) take(values, i + 1, cells, next, sorted);
    if (c !== 0) take(values, i + 2, cells, next, sorted);
    if (d !== 0) take(values, i + 3, cells, next, sorted);
  }
  for (; i < length; i += 1) {
    if (load<u8>(wanted + load<u16>(cells + (<usize>i << 1))) !== 0) take(values, i, cells, next, sorted);
  }
  for (let cell = 0; cell < cellCount; cell += 1) {
    const count = load<u32>(counts + (<usize>cell << 2));
    if (load<u8>(wanted + cell) === 0 || count < 2) continue;
    const start = load<u32>(starts + (<usize>cell << 2));
    // What `next` held is of no use any more.
    if (count <= <u32>fewValues) sortFew(sorted + (<usize>start << 3), <i32>count, next);
    else sortRange(sorted, <i32>start, <i32>(start + count));
  }
}

/** Values that are sorted by counting the smaller ones of each. */
const fewValues: i32 = 64;

/** Each value goes to the place that as many smaller ones leave it: many comparisons, and no jump that could be mistaken. */
function sortFew(values: usize, count: i32, copy: usize): void {
  const four = (count + 3) & ~3;
  const nothing = f64x2.splat(NaN);
  for (let i = 0; i < four; i += 2) {
    v128.store(copy + (<usize>i << 3), i + 2 <= count ? v128.load(values + (<usize>i << 3)) : nothing);
  }
  if ((count & 1) !== 0) store<f64>(copy + (<usize>(count - 1) << 3), load<f64>(values + (<usize>(count - 1) << 3)));
  for (let i = 0; i < count; i += 1) store<f64>(values + (<usize>i << 3), NaN);
  for (let i = 0; i < count; i += 1) {
    const x = load<f64>(copy + (<usize>i << 3));
    const both = f64x2.splat(x);
    let smaller0 = i64x2.splat(0);
    let smaller1 = i64x2.splat(0);
    for (let j = 0; j < four; j += 4) {
      smaller0 = i64x2.sub(smaller0, f64x2.lt(v128.load(copy + (<usize>j << 3)), both));
      smaller1 = i64x2.sub(smaller1, f64x2.lt(v128.load(copy + (<usize>j << 3), 16), both));
    }
    const smaller = i64x2.add(smaller0, smaller1);
    const place = <i32>(i64x2.extract_lane(smaller, 0) + i64x2.extract_lane(smaller, 1));
    store<f64>(values + (<usize>place << 3), x);
  }
  // Equal ones went to one place: the others of them follow it.
  let last = load<f64>(values);
  for (let i = 1; i < count; i += 1) {
    const x = load<f64>(values + (<usize>i << 3));
    if (x === x) last = x;
    else store<f64>(values + (<usize>i << 3), last);
  }
}

/** Puts a value where the next one of its cell belongs. */
@inline
function take(values: usize, i: i32, cells: usize, next: usize, sorted: usize): void {
  const place = next + (<usize>load<u16>(cells + (<usize>i << 1)) << 2);
  const at = load<u32>(place);
  store<f64>(sorted + (<usize>at << 3), load<f64>(values + (<usize>i << 3)));
  store<u32>(place, at + 1);
}

@inline
function at(values: usize, i: i32): f64 {
  return load<f64>(values + (<usize>i << 3));
}

@inline
function put(values: usize, i: i32, x: f64): void {
  store<f64>(values + (<usize>i << 3), x);
}

/** Quicksort in three parts; from the depth at which that goes wrong on, a heap. */
export function sortRange(values: usize, from: i32, to: i32): void {
  let low = from;
  let high = to;
  let rounds = 0;
  while (high - low > 24) {
    rounds += 1;
    if (rounds > 64) {
      sortByHeap(values, low, high);
      return;
    }
    const a = at(values, low);
    const b = at(values, (low + high) >>> 1);
    const c = at(values, high - 1);
    const pivot = max(min(a, b), min(max(a, b), c));
    let smaller = low;
    let larger = high;
    let i = low;
    while (i < larger) {
      const x = at(values, i);
      if (x < pivot) {
        put(values, i, at(values, smaller));
        put(values, smaller, x);
        smaller += 1;
        i += 1;
      } else if (x > pivot) {
        larger -= 1;
        put(values, i, at(values, larger));
        put(values, larger, x);
      } else i += 1;
    }
    if (smaller - low < high - larger) {
      sortRange(values, low, smaller);
      low = larger;
    } else {
      sortRange(values, larger, high);
      high = smaller;
    }
  }
  for (let i = low + 1; i < high; i += 1) {
    const x = at(values, i);
    let j = i - 1;
    while (j >= low && at(values, j) > x) {
      put(values, j + 1, at(values, j));
      j -= 1;
    }
    put(values, j + 1, x);
  }
}

function sortByHeap(values: usize, from: i32, to: i32): void {
  const length = to - from;
  for (let root = (length >>> 1) - 1; root >= 0; root -= 1) sink(values, from, root, length);
  for (let end = length - 1; end > 0; end -= 1) {
    const largest = at(values, from);
    put(values, from, at(values, from + end));
    put(values, from + end, largest);
    sink(values, from, 0, end);
  }
}

function sink(values: usize, from: i32, root: i32, length: i32): void {
  const x = at(values, from + root);
  let place = root;
  for (;;) {
    let child = 2 * place + 1;
    if (child >= length) break;
    if (child + 1 < length && at(values, from + child + 1) > at(values, from + child)) child += 1;
    if (at(values, from + child) <= x) break;
    put(values, from + place, at(values, from + child));
    place = child;
  }
  put(values, from + place, x);
}

/** `sizes` as above, the origin behind them. `out`: D·n·m, ∫|F − G|. */
export function walk(
  cells: i32,
  before: usize,
  beforeSums: usize,
  beforeFirst: usize,
  beforeStarts: usize,
  beforeSorted: usize,
  after: usize,
  afterSums: usize,
  afterFirst: usize,
  afterStarts: usize,
  afterSorted: usize,
  single: usize,
  wanted: usize,
  ends: usize,
  sizes: usize,
  out: usize,
): void {
  const n = load<f64>(sizes);
  const m = load<f64>(sizes, 8);
  const nf = load<f64>(sizes, 16);
  const mf = load<f64>(sizes, 24);
  const origin = load<f64>(sizes, 48);
  let difference = load<f64>(sizes, 32) * m - load<f64>(sizes, 40) * n;
  let largest = abs(difference);
  let gap: f64 = 0;
  let distance: f64 = 0;
  let left: f64 = 0;
  for (let cell = 0; cell < cells; cell += 1) {
    const a = load<u32>(before + (<usize>cell << 2));
    const b = load<u32>(after + (<usize>cell << 2));
    const end = max(left, at(ends, cell));
    const next = gap + <f64>a / nf - <f64>b / mf;
    if ((a | b) === 0) distance += abs(gap) * (end - left);
    else if (load<u8>(single + cell) === 1) {
      const value = (a > 0 ? at(beforeFirst, cell) : at(afterFirst, cell)) - origin;
      distance += abs(gap) * (value - left) + abs(next) * (end - value);
    } else if (load<u8>(wanted + cell) === 0) {
      const inside =
        (<f64>a * end - at(beforeSums, cell)) / nf - (<f64>b * end - at(afterSums, cell)) / mf;
      distance += abs(gap * (end - left) + inside);
    } else {
      const firstK = load<i32>(beforeStarts + (<usize>cell << 2));
      const firstL = load<i32>(afterStarts + (<usize>cell << 2));
      const endK = firstK + <i32>a;
      const endL = firstL + <i32>b;
      let k = firstK;
      let l = firstL;
      let seen = left;
      let inside = gap;
      while (k < endK || l < endL) {
        const x: f64 = k < endK ? at(beforeSorted, k) : Infinity;
        const y: f64 = l < endL ? at(afterSorted, l) : Infinity;
        const value = min(x, y);
        distance += abs(inside) * (value - origin - seen);
        seen = value - origin;
        while (k < endK && at(beforeSorted, k) === value) k += 1;
        while (l < endL && at(afterSorted, l) === value) l += 1;
        inside = gap + <f64>(k - firstK) / nf - <f64>(l - firstL) / mf;
        largest = max(largest, abs(difference + <f64>(k - firstK) * m - <f64>(l - firstL) * n));
      }
      distance += abs(inside) * (end - seen);
    }
    difference += <f64>a * m - <f64>b * n;
    largest = max(largest, abs(difference));
    gap = next;
    left = end;
  }
  store<f64>(out, largest);
  store<f64>(out, distance, 8);
}
