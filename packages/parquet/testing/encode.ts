import { varint } from './thrift.ts';

/** A part of Snappy's bytes: some as they stand, or some of those before again. */
export type SnappyPart =
  | {
      readonly literal: Uint8Array /** Of the length behind the tag; 0 where the tag has it. */;
      readonly lengthBytes: 0 | 1 | 2 | 3 | 4;
    }
  | { readonly offset: number; readonly length: number; readonly kind: 1 | 2 | 3 };

export function snappyOf(parts: readonly SnappyPart[], size: number): Buffer {
  return Buffer.concat([varint(BigInt(size)), ...parts.map(snappyPart)]);
}

function snappyPart(part: SnappyPart): Buffer {
  if ('literal' in part) {
    const { literal, lengthBytes } = part;
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(literal.length - 1));
    const tag = lengthBytes === 0 ? literal.length - 1 : 59 + lengthBytes;
    return Buffer.concat([Buffer.of(tag << 2), length.subarray(0, lengthBytes), literal]);
  }
  const { offset, length, kind } = part;
  if (kind === 1) return Buffer.of(((offset >> 8) << 5) | ((length - 4) << 2) | 1, offset & 0xff);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(offset);
  return Buffer.concat([Buffer.of(((length - 1) << 2) | kind), bytes.subarray(0, kind === 2 ? 2 : 4)]);
}

/** What Snappy makes of bytes that it cannot make shorter. */
export const stored = (bytes: Uint8Array): Buffer =>
  bytes.length === 0 ? snappyOf([], 0) : snappyOf([{ literal: bytes, lengthBytes: 4 }], bytes.length);

/** A run of Parquet's hybrid of equal and of packed values; packed ones are filled up with zeros to whole eights. */
export type Run = { readonly value: number; readonly times: number } | { readonly packed: readonly number[] };

export const hybridOf = (runs: readonly Run[], width: number): Buffer =>
  Buffer.concat(runs.map((run) => ('packed' in run ? packedRun(run.packed, width) : equalRun(run, width))));

function equalRun({ value, times }: { value: number; times: number }, width: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return Buffer.concat([varint(BigInt(times) << 1n), bytes.subarray(0, Math.ceil(width / 8))]);
}

function packedRun(values: readonly number[], width: number): Buffer {
  const groups = Math.ceil(values.length / 8);
  let bits = 0n;
  for (const [index, value] of values.entries()) bits |= BigInt(value) << BigInt(index * width);
  const bytes = Buffer.alloc(groups * width);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number((bits >> BigInt(8 * i)) & 0xffn);
  return Buffer.concat([varint((BigInt(groups) << 1n) | 1n), bytes]);
}

/** Numbers one after the other, eight bytes each. */
export function doubles(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [i, value] of values.entries()) bytes.writeDoubleLE(value, 8 * i);
  return bytes;
}

export function longs(values: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [i, value] of values.entries()) bytes.writeBigUInt64LE(BigInt.asUintN(64, value), 8 * i);
  return bytes;
}

export function ints(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeInt32LE(value, 4 * i);
  return bytes;
}

/** Texts with their lengths before them. */
export const texts = (values: readonly (string | Uint8Array)[]): Buffer =>
  Buffer.concat(
    values.flatMap((value) => {
      const bytes = Buffer.from(value);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    }),
  );
