import { PageUnreadable } from './page-decoder.ts';

/**
 * Structures of Thrift's compact protocol, as far as Parquet's metadata is made of them. Bytes come from outside: nothing is made of
 * what is not asked for, and nothing is larger, or takes longer, than its bytes account for.
 */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
  /** Elements of lists that may still come. */
  elements: number;
}

/** Elements of lists take more bytes than this in the mean: those of a column's chunk take about twenty. */
const bytesAnElement = 4;

export const cursorAt = (bytes: Uint8Array, at: number): Cursor => ({
  bytes,
  at,
  elements: 64 + (bytes.length - at) / bytesAnElement,
});

/** Reads one value of the type that stands before it. @throws PageUnreadable where that is another one, or broken */
export type Reader<T> = (cursor: Cursor, type: number, depth: number) => T;

type Fields = Readonly<Record<string, readonly [field: number, reader: Reader<unknown>]>>;
/** What a structure holds; undefined what it does not name. */
type Held<F extends Fields> = {
  readonly [K in keyof F]: (F[K] extends readonly [number, Reader<infer T>] ? T : never) | undefined;
};

const [stop, yes, no, byte, short, whole, long, double, binary, listOf, structure] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12,
];

/** The only number of 16 bits that Parquet knows, a row group's place, is this field. */
const shortField = 7;
/** More than Parquet has: structures in structures, and fields of one. */
const deepest = 24;
const mostFields = 64;

/** A structure of which these fields are read, and the others passed over. */
export function struct<F extends Fields>(fields: F): Reader<Held<F>> {
  const wanted: [name: string, reader: Reader<unknown>][] = [];
  for (const [name, [field, reader]] of Object.entries(fields)) wanted[field] = [name, reader];
  return (cursor, type, depth) => {
    if (type !== structure) throw broken();
    const held: Record<string, unknown> = {};
    eachField(cursor, depth, (field, own) => {
      const [name, reader] = wanted[field] ?? [];
      if (name === undefined || reader === undefined) return false;
      held[name] = reader(cursor, own, depth + 1);
      return true;
    });
    // What was not met is not there: undefined.
    return held as Held<F>;
  };
}

/** The number of the first field of a union, which is all that it says. */
export const memberOf: Reader<number> = (cursor, type, depth) => {
  if (type !== structure) throw broken();
  let member = 0;
  eachField(cursor, depth, (field) => {
    member ||= field;
    return false;
  });
  return member;
};

/** Whether there is anything, whatever it is. */
export const anything: Reader<true> = (cursor, type, depth) => {
  if (type !== yes && type !== no) skip(cursor, type, depth);
  return true;
};

export function list<T>(reader: Reader<T>): Reader<readonly T[]> {
  return (cursor, type, depth) => {
    if (type !== listOf) throw broken();
    const header = next(cursor);
    const size = sizeOf(cursor, header);
    const elements: T[] = [];
    for (let i = 0; i < size; i += 1) elements.push(reader(cursor, header & 0x0f, depth + 1));
    return elements;
  };
}

export const flag: Reader<boolean> = (_cursor, type) => {
  if (type !== yes && type !== no) throw broken();
  return type === yes;
};

export const int8: Reader<number> = (cursor, type) => {
  if (type !== byte) throw broken();
  return (next(cursor) << 24) >> 24;
};

export const int32: Reader<number> = (cursor, type) => {
  if (type !== whole) throw broken();
  return signed(varint(cursor, 5)) | 0;
};

/** NaN where it cannot be told exactly: beyond 2^52, which no size in a file is. */
export const int64: Reader<number> = (cursor, type) => {
  if (type !== long) throw broken();
  const value = varint(cursor, 10);
  return Number.isSafeInteger(value) ? signed(value) : Number.NaN;
};

/** Bytes as UTF-8. */
export const text: Reader<string> = (cursor, type) => {
  if (type !== binary) throw broken();
  const length = varint(cursor, 5);
  const from = cursor.at;
  advance(cursor, length);
  return Buffer.from(cursor.bytes.buffer, cursor.bytes.byteOffset + from, length).toString('utf8');
};

/** The structure that begins where the cursor stands, which is then behind it. */
export const read = <T>(cursor: Cursor, reader: Reader<T>): T => reader(cursor, structure, 0);

/** @param visit whether it has read the field's value */
function eachField(cursor: Cursor, depth: number, visit: (field: number, type: number) => boolean): void {
  if (depth > deepest) throw broken();
  let field = 0;
  for (;;) {
    const header = next(cursor);
    const type = header & 0x0f;
    if (type === stop) return;
    // Numbers of fields are written twice as large, the odd ones below zero.
    field = header >> 4 === 0 ? varint(cursor, 5) / 2 : field + (header >> 4);
    if (field > mostFields || !Number.isInteger(field)) throw broken();
    if (type === short && field !== shortField) throw broken();
    if (!visit(field, type) && type !== yes && type !== no) skip(cursor, type, depth + 1);
  }
}

function skip(cursor: Cursor, type: number, depth: number): void {
  if (type === structure) eachField(cursor, depth, () => false);
  else if (type === listOf) skipList(cursor, depth);
  else if (type === binary) advance(cursor, varint(cursor, 5));
  else if (type === long) varint(cursor, 10);
  else if (type === whole || type === short) varint(cursor, 5);
  else if (type === byte) advance(cursor, 1);
  else if (type === double) advance(cursor, 8);
  else throw broken();
}

function skipList(cursor: Cursor, depth: number): void {
  if (depth > deepest) throw broken();
  const header = next(cursor);
  const type = header & 0x0f;
  for (let left = sizeOf(cursor, header); left > 0; left -= 1) {
    if (type === yes || type === no) advance(cursor, 1);
    else skip(cursor, type, depth + 1);
  }
}

/** Elements of a list. */
function sizeOf(cursor: Cursor, header: number): number {
  const size = header >> 4 === 15 ? varint(cursor, 5) : header >> 4;
  cursor.elements -= size;
  if (cursor.elements < 0) throw broken();
  return size;
}

function next(cursor: Cursor): number {
  const found = cursor.bytes[cursor.at];
  if (found === undefined) throw broken();
  cursor.at += 1;
  return found;
}

function advance(cursor: Cursor, count: number): void {
  if (count > cursor.bytes.length - cursor.at) throw broken();
  cursor.at += count;
}

/** @param most bytes it may take */
function varint(cursor: Cursor, most: number): number {
  let value = 0;
  let unit = 1;
  for (let i = 0; i < most; i += 1) {
    const found = next(cursor);
    value += (found & 0x7f) * unit;
    if (found < 0x80) return value;
    unit *= 128;
  }
  throw broken();
}

/** Numbers are written twice as large, those below zero as the odd ones. */
const signed = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

const broken = (): PageUnreadable => new PageUnreadable('what a file or page tells of itself is broken');
