/** What Parquet's metadata is made of, to be written in Thrift's compact protocol. */
export type Thrift =
  | { readonly i8: number }
  | { readonly i32: number }
  | { readonly i64: bigint }
  | { readonly bytes: string | Uint8Array }
  | { readonly flag: boolean }
  | { readonly list: readonly Thrift[] }
  | { readonly struct: Struct };

/** Fields by their number; those that are undefined are left out. */
export type Struct = Readonly<Record<number, Thrift | undefined>>;

export const i8 = (value: number): Thrift => ({ i8: value });
export const i32 = (value: number): Thrift => ({ i32: value });
export const i64 = (value: bigint | number): Thrift => ({ i64: BigInt(value) });
export const text = (value: string): Thrift => ({ bytes: value });
export const struct = (fields: Struct): Thrift => ({ struct: fields });
export const list = (elements: readonly Thrift[]): Thrift => ({ list: elements });

export function writeStruct(fields: Struct): Buffer {
  const parts: Buffer[] = [];
  let last = 0;
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const id = Number(key);
    const type = typeOf(value);
    if (id - last < 16) parts.push(Buffer.of(((id - last) << 4) | type));
    else parts.push(Buffer.of(type), varint(BigInt(2 * id)));
    if (!('flag' in value)) parts.push(write(value));
    last = id;
  }
  return Buffer.concat([...parts, Buffer.of(0)]);
}

function typeOf(value: Thrift): number {
  if ('flag' in value) return value.flag ? 1 : 2;
  if ('i8' in value) return 3;
  if ('i32' in value) return 5;
  if ('i64' in value) return 6;
  if ('bytes' in value) return 8;
  return 'list' in value ? 9 : 12;
}

function write(value: Thrift): Buffer {
  if ('flag' in value) return Buffer.of(value.flag ? 1 : 2);
  if ('i8' in value) return Buffer.of(value.i8);
  if ('i32' in value) return varint(zigzag(BigInt(value.i32)));
  if ('i64' in value) return varint(zigzag(value.i64));
  if ('struct' in value) return writeStruct(value.struct);
  if ('bytes' in value) {
    const bytes = Buffer.from(value.bytes);
    return Buffer.concat([varint(BigInt(bytes.length)), bytes]);
  }
  const [first] = value.list;
  const type = first === undefined ? 12 : typeOf(first);
  const { length } = value.list;
  const header = length < 15 ? Buffer.of((length << 4) | type) : Buffer.of(0xf0 | type);
  const size = length < 15 ? Buffer.alloc(0) : varint(BigInt(length));
  return Buffer.concat([header, size, ...value.list.map(write)]);
}

const zigzag = (value: bigint): bigint => (value < 0n ? -2n * value - 1n : 2n * value);

/** Seven bits a byte, the lowest first. */
export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.of(...bytes, Number(rest));
}
