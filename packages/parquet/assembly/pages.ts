/**
 * Pages of Parquet files, decoded where the drift kernels find the values: Snappy, runs of levels and of dictionary indices, plain
 * values. Arguments are places in memory and lengths. Bytes come from outside: every reading and every writing is checked against its
 * region's end, and what does not fit is answered with -1.
 *
 * Regions that are read end at least 16 bytes before the memory does: loads of 8 bytes may look beyond the last value.
 *
 * Built into `wasm-binary.ts` by `npm run pages` in this package.
 */

/** @returns the bytes written, or -1 */
export function snappy(input: usize, length: i32, output: usize, capacity: i32): i32 {
  const end = input + <usize>length;
  let at = input;
  let size: u64 = 0;
  for (let shift: u64 = 0; ; shift += 7) {
    if (at >= end || shift > 28) return -1;
    const byte = load<u8>(at);
    at += 1;
    size |= (<u64>byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  if (size > <u64>capacity) return -1;
  const limit = output + <usize>size;
  let to = output;
  while (at < end) {
    const tag = <u32>load<u8>(at);
    at += 1;
    if ((tag & 3) === 0) {
      let literal: u64 = <u64>(tag >> 2);
      if (literal >= 60) {
        const bytes = <usize>(literal - 59);
        if (bytes > end - at) return -1;
        literal = <u64>load<u32>(at) & ((<u64>1 << (<u64>bytes << 3)) - 1);
        at += bytes;
      }
      literal += 1;
      if (literal > <u64>(end - at) || literal > <u64>(limit - to)) return -1;
      if (literal <= 16 && limit - to >= 16) v128.store(to, v128.load(at));
      else memory.copy(to, at, <usize>literal);
      at += <usize>literal;
      to += <usize>literal;
      continue;
    }
    let copied: usize;
    let offset: usize;
    if ((tag & 3) === 1) {
      if (at >= end) return -1;
      copied = 4 + <usize>((tag >> 2) & 7);
      offset = (<usize>(tag >> 5) << 8) | <usize>load<u8>(at);
      at += 1;
    } else if ((tag & 3) === 2) {
      if (end - at < 2) return -1;
      copied = 1 + <usize>(tag >> 2);
      offset = <usize>load<u16>(at);
      at += 2;
    } else {
      if (end - at < 4) return -1;
      copied = 1 + <usize>(tag >> 2);
      offset = <usize>load<u32>(at);
      at += 4;
    }
    if (offset === 0 || offset > to - output || copied > limit - to) return -1;
    const stop = to + copied;
    if (offset >= 8 && limit - stop >= 8) {
      for (; to < stop; to += 8) store<u64>(to, load<u64>(to - offset));
      to = stop;
    } else {
      for (; to < stop; to += 1) store<u8>(to, load<u8>(to - offset));
    }
  }
  return to === limit ? <i32>size : -1;
}

// Where a run of `hybrid` values stands: one reader at a time.
let at: usize = 0;
let end: usize = 0;
/** Values left of the run, and what they are: equal ones, or packed from `at` on. */
let left: i32 = 0;
let isPacked: bool = false;
let repeated: u32 = 0;

/** The next run of values of `width` bits. @returns whether there is a whole one */
function nextRun(width: i32, wanted: i32): bool {
  let header: u64 = 0;
  for (let shift: u64 = 0; ; shift += 7) {
    if (at >= end || shift > 28) return false;
    const byte = load<u8>(at);
    at += 1;
    header |= (<u64>byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  if (header >> 32 !== 0) return false;
  isPacked = (header & 1) === 1;
  const length = (header >> 1) << (isPacked ? 3 : 0);
  left = <i32>min<u64>(length, <u64>wanted);
  if (isPacked) {
    // A writer may leave out the bytes behind the last value.
    return (<u64>left * <u64>width + 7) >> 3 <= <u64>(end - at);
  }
  const bytes = <usize>((width + 7) >> 3);
  if (bytes > end - at) return false;
  repeated = bytes === 0 ? 0 : load<u32>(at) & <u32>((<u64>1 << (<u64>bytes << 3)) - 1);
  at += bytes;
  return true;
}

@inline
function packed(from: usize, index: i32, width: i32, mask: u32): u32 {
  const bit = <u64>index * <u64>width;
  return <u32>(load<u64>(from + <usize>(bit >> 3)) >> (bit & 7)) & mask;
}

/** Bytes that packed values take: whole groups of eight. */
@inline
function skipPacked(from: usize, count: i32, width: i32): void {
  const bytes = ((<u64>count + 7) >> 3) * <u64>width;
  at = bytes < <u64>(end - from) ? from + <usize>bytes : end;
}

/** Definition levels of 0 and 1, one byte each. @returns how many are 1, or -1 */
export function levels(input: usize, length: i32, count: i32, out: usize): i32 {
  at = input;
  end = input + <usize>length;
  let ones = 0;
  for (let done = 0; done < count; done += left) {
    if (!nextRun(1, count - done)) return -1;
    if (isPacked) {
      const from = at;
      for (let i = 0; i < left; i += 1) {
        const level = packed(from, i, 1, 1);
        store<u8>(out + <usize>(done + i), <u8>level);
        ones += <i32>level;
      }
      skipPacked(from, left, 1);
    } else {
      if (repeated > 1) return -1;
      memory.fill(out + <usize>done, <u8>repeated, <usize>left);
      if (repeated === 1) ones += left;
    }
  }
  return ones;
}

/** How a stored value becomes a number; `numberKinds` in `storage.ts` gives them their names. */
const float64: i32 = 0;
const float32: i32 = 1;
/** Whole numbers of up to 32 bits take four bytes each; of the shorter ones the low bytes count. */
const int8: i32 = 2;
const uint8: i32 = 3;
const int16: i32 = 4;
const uint16: i32 = 5;
const int32: i32 = 6;
const uint32: i32 = 7;
const int64: i32 = 8;
const uint64: i32 = 9;
/** Days since 1970 as milliseconds. */
const days: i32 = 10;
/** Milliseconds, their thousandths and their millionths, of which whole milliseconds are kept. */
const millis: i32 = 11;
const micros: i32 = 12;
const nanos: i32 = 13;

/** Days and parts of seconds beyond these may stand for infinity, or for no time at all: not to be told here. */
const furthestDay: i32 = 100000000;
const furthestMilli: i64 = 9000000000000000;
const furthestPart: i64 = 9000000000000000000;

/** One comparison: what lies below wraps around to the top. */
@inline
function isFar(time: i64, furthest: i64): bool {
  return <u64>(time + furthest) > <u64>furthest << 1;
}

/** Stored one after the other. @returns the values written, or -1 */
export function plainNumbers(input: usize, length: i32, count: i32, kind: i32, out: usize): i32 {
  const narrow = kind === float32 || (kind >= int8 && kind <= uint32) || kind === days;
  if (count < 0 || <i64>count << (narrow ? 2 : 3) > <i64>length) return -1;
  if (kind === float64) {
    memory.copy(out, input, <usize>count << 3);
    return count;
  }
  for (let i: usize = 0; i < <usize>count; i += 1) {
    const to = out + (i << 3);
    const four = input + (i << 2);
    const eight = input + (i << 3);
    if (kind === int64) store<f64>(to, <f64>load<i64>(eight));
    else if (kind === int32) store<f64>(to, <f64>load<i32>(four));
    else if (kind === float32) store<f64>(to, <f64>load<f32>(four));
    else if (kind === micros) {
      const time = load<i64>(eight);
      if (isFar(time, furthestPart)) return -1;
      store<f64>(to, <f64>(time / 1000));
    } else if (kind === nanos) {
      const time = load<i64>(eight);
      if (isFar(time, furthestPart)) return -1;
      store<f64>(to, <f64>(time / 1000000));
    } else if (kind === millis) {
      const time = load<i64>(eight);
      if (isFar(time, furthestMilli)) return -1;
      store<f64>(to, <f64>time);
    } else if (kind === days) {
      const day = load<i32>(four);
      if (isFar(day, furthestDay)) return -1;
      store<f64>(to, <f64>day * 86400000.0);
    } else if (kind === uint32) store<f64>(to, <f64>load<u32>(four));
    else if (kind === uint64) store<f64>(to, <f64>load<u64>(eight));
    else if (kind === int16) store<f64>(to, <f64>load<i16>(four));
    else if (kind === uint16) store<f64>(to, <f64>load<u16>(four));
    else if (kind === int8) store<f64>(to, <f64>load<i8>(four));
    else store<f64>(to, <f64>load<u8>(four));
  }
  return count;
}

/** Indices of a dictionary's numbers, behind the byte that tells their width. @returns the values written, or -1 */
export function indexedNumbers(
  input: usize,
  length: i32,
  count: i32,
  dictionary: usize,
  entries: i32,
  out: usize,
): i32 {
  const width = widthOf(input, length);
  if (width < 0) return count === 0 ? 0 : -1;
  const mask = <u32>((<u64>1 << <u64>width) - 1);
  for (let done = 0; done < count; done += left) {
    if (!nextRun(width, count - done)) return -1;
    const to = out + (<usize>done << 3);
    if (isPacked) {
      const from = at;
      for (let i = 0; i < left; i += 1) {
        const index = packed(from, i, width, mask);
        if (index >= <u32>entries) return -1;
        store<f64>(to + (<usize>i << 3), load<f64>(dictionary + (<usize>index << 3)));
      }
      skipPacked(from, left, width);
    } else {
      if (repeated >= <u32>entries) return -1;
      const value = load<f64>(dictionary + (<usize>repeated << 3));
      for (let i: usize = 0; i < <usize>left; i += 1) store<f64>(to + (i << 3), value);
    }
  }
  return count;
}

/** Adds to the counts of a dictionary's entries how often each is named. @returns the values counted, or -1 */
export function indexedCounts(input: usize, length: i32, count: i32, counts: usize, entries: i32): i32 {
  const width = widthOf(input, length);
  if (width < 0) return count === 0 ? 0 : -1;
  const mask = <u32>((<u64>1 << <u64>width) - 1);
  for (let done = 0; done < count; done += left) {
    if (!nextRun(width, count - done)) return -1;
    if (isPacked) {
      const from = at;
      for (let i = 0; i < left; i += 1) {
        const index = packed(from, i, width, mask);
        if (index >= <u32>entries) return -1;
        const place = counts + (<usize>index << 2);
        store<u32>(place, load<u32>(place) + 1);
      }
      skipPacked(from, left, width);
    } else {
      if (repeated >= <u32>entries) return -1;
      const place = counts + (<usize>repeated << 2);
      store<u32>(place, load<u32>(place) + <u32>left);
    }
  }
  return count;
}

/** Goes behind the first byte. @returns the width of the indices that follow, or -1 */
function widthOf(input: usize, length: i32): i32 {
  if (length < 1) return -1;
  const width = <i32>load<u8>(input);
  at = input + 1;
  end = input + <usize>length;
  return width > 32 ? -1 : width;
}

/** Flags, eight to a byte. @returns how many are set, or -1 */
export function plainFlags(input: usize, length: i32, count: i32): i32 {
  if (<i64>count > <i64>length << 3) return -1;
  let set = 0;
  for (let i = 0; i < count; i += 1) set += <i32>((load<u8>(input + <usize>(i >> 3)) >> <u8>(i & 7)) & 1);
  return set;
}

/** Moves values to the rows that have one, and writes NaN to the others. */
export function spread(present: usize, rows: i32, count: i32, values: usize): void {
  let from = count;
  for (let row = rows - 1; row >= 0; row -= 1) {
    let value: f64 = NaN;
    if (load<u8>(present + <usize>row) !== 0) {
      from -= 1;
      value = load<f64>(values + (<usize>from << 3));
    }
    store<f64>(values + (<usize>row << 3), value);
  }
}
