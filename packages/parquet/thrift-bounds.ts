import { PageUnreadable } from './page-decoder.ts';

const [stop, yes, no, byte, short, whole, long, double, binary, listOf, structure] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12,
];

/** The only number of 16 bits that Parquet knows, a row group's place, is this field. */
const shortField = 7;

/** More than Parquet has: structures in structures, and fields of one. */
const deepest = 24;
const mostFields = 64;
/** Elements of lists take more bytes than this in the mean: those of a column's chunk take about twenty. */
const bytesAnElement = 4;

/**
 * Goes over a structure of Thrift's compact protocol and makes nothing of it. hyparquet trusts the lengths that stand there: a
 * list of a few bytes may ask for gigabytes, and a number without an end for hours.
 *
 * @returns where the structure ends
 * @throws PageUnreadable where it is broken, or larger when it is read than its bytes account for
 */
export function endOfThrift(bytes: Uint8Array, from: number): number {
  let at = from;
  let elements = 64 + (bytes.length - from) / bytesAnElement;
  skipStruct(0);
  return at;

  function next(): number {
    const found = bytes[at];
    if (found === undefined) throw broken();
    at += 1;
    return found;
  }

  function skip(count: number): void {
    if (count > bytes.length - at) throw broken();
    at += count;
  }

  /** @param most bytes it may take */
  function varint(most: number): number {
    let value = 0;
    for (let i = 0; i < most; i += 1) {
      const found = next();
      value += (found & 0x7f) * 2 ** (7 * i);
      if (found < 0x80) return value;
    }
    throw broken();
  }

  function skipStruct(depth: number): void {
    let field = 0;
    for (;;) {
      const header = next();
      const type = header & 0x0f;
      if (type === stop) return;
      // Numbers of fields are written twice as large, the odd ones below zero.
      field = header >> 4 === 0 ? varint(5) / 2 : field + (header >> 4);
      if (field > mostFields || !Number.isInteger(field)) throw broken();
      if (type === short && field !== shortField) throw broken();
      if (type !== yes && type !== no) skipValue(type, depth);
    }
  }

  function skipList(depth: number): void {
    const header = next();
    const type = header & 0x0f;
    const size = header >> 4 === 15 ? varint(5) : header >> 4;
    elements -= size;
    if (elements < 0) throw broken();
    for (let i = 0; i < size; i += 1) {
      if (type === yes || type === no) skip(1);
      else skipValue(type, depth);
    }
  }

  function skipValue(type: number, depth: number): void {
    if (depth > deepest) throw broken();
    if (type === structure) skipStruct(depth + 1);
    else if (type === listOf) skipList(depth + 1);
    else if (type === binary) skip(varint(5));
    else if (type === long) varint(10);
    else if (type === whole || type === short) varint(5);
    else if (type === byte) skip(1);
    else if (type === double) skip(8);
    else throw broken();
  }
}

const broken = (): PageUnreadable => new PageUnreadable('what a file or page tells of itself is broken');
