import { i32, i64, list, type Struct, struct, type Thrift, text, writeStruct } from './thrift.ts';

/** Parquet files byte by byte, for what no writer would make. Numbers are those of Parquet's own list of names. */
export const physical = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  INT96: 3,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
} as const;

export const encodings = { PLAIN: 0, PLAIN_DICTIONARY: 2, RLE: 3, RLE_DICTIONARY: 8 } as const;

export interface HandMadeColumn {
  readonly name: string;
  readonly type: keyof typeof physical;
  readonly required?: boolean;
  readonly converted?: number | undefined;
  readonly logical?: Thrift | undefined;
  readonly snappy?: boolean;
  /** Of each row group the bytes of all pages; the rows they are said to hold; what the footer says in other words. */
  readonly chunks: readonly {
    readonly pages: readonly Uint8Array[];
    readonly rows: number;
    readonly unpackedBytes?: number;
    readonly metadata?: Struct;
  }[];
}

/** A whole file. */
export function handMadeFile(columns: readonly HandMadeColumn[], metadata: Struct = {}): Buffer {
  const parts = [Buffer.from('PAR1')];
  let at = 4;
  const groups = (columns[0]?.chunks ?? []).map(({ rows }, group) => {
    const chunks = columns.map((column) => {
      const chunk = column.chunks[group] ?? { pages: [], rows: 0 };
      const bytes = Buffer.concat(chunk.pages);
      parts.push(bytes);
      const fields: Struct = {
        1: i32(physical[column.type]),
        2: list([i32(0)]),
        3: list([text(column.name)]),
        4: i32(column.snappy === true ? 1 : 0),
        5: i64(chunk.rows),
        6: i64(chunk.unpackedBytes ?? bytes.length),
        7: i64(bytes.length),
        9: i64(at),
        ...chunk.metadata,
      };
      at += bytes.length;
      return struct({ 2: i64(0), 3: struct(fields) });
    });
    return struct({ 1: list(chunks), 2: i64(0), 3: i64(rows) });
  });
  const schema = columns.map(({ name, type, required, converted, logical }) =>
    struct({
      1: i32(physical[type]),
      2: type === 'FIXED_LEN_BYTE_ARRAY' ? i32(16) : undefined,
      3: i32(required === true ? 0 : 1),
      4: text(name),
      6: converted === undefined ? undefined : i32(converted),
      10: logical,
    }),
  );
  const rows = (columns[0]?.chunks ?? []).reduce((sum, chunk) => sum + chunk.rows, 0);
  const footer = writeStruct({
    1: i32(1),
    2: list([struct({ 4: text('schema'), 5: i32(columns.length) }), ...schema]),
    3: i64(rows),
    4: list(groups),
    ...metadata,
  });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([...parts, footer, length, Buffer.from('PAR1')]);
}

export interface PageSizes {
  readonly unpacked?: number;
  readonly packed?: number;
}

/** A page with its header. */
export const page = (type: number, body: Uint8Array, fields: Struct, sizes: PageSizes = {}): Buffer =>
  Buffer.concat([
    writeStruct({
      1: i32(type),
      2: i32(sizes.unpacked ?? body.length),
      3: i32(sizes.packed ?? body.length),
      ...fields,
    }),
    body,
  ]);

export const dictionaryPage = (body: Uint8Array, entries: number, sizes?: PageSizes): Buffer =>
  page(2, body, { 7: struct({ 1: i32(entries), 2: i32(encodings.PLAIN) }) }, sizes);

export const dataPage = (
  body: Uint8Array,
  rows: number,
  encoding: keyof typeof encodings = 'PLAIN',
  sizes?: PageSizes,
): Buffer =>
  page(
    0,
    body,
    {
      5: struct({ 1: i32(rows), 2: i32(encodings[encoding]), 3: i32(encodings.RLE), 4: i32(encodings.RLE) }),
    },
    sizes,
  );

export const dataPageV2 = (
  body: Uint8Array,
  rows: number,
  {
    levels = 0,
    encoding = 'PLAIN',
    packed = true,
  }: { levels?: number; encoding?: keyof typeof encodings; packed?: boolean } = {},
  sizes?: PageSizes,
): Buffer =>
  page(
    3,
    body,
    {
      8: struct({
        1: i32(rows),
        2: i32(0),
        3: i32(rows),
        4: i32(encodings[encoding]),
        5: i32(levels),
        6: i32(0),
        7: { flag: packed },
      }),
    },
    sizes,
  );

/** Levels with their length before them, as pages of the first version have them. */
export function withLength(levels: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(levels.length);
  return Buffer.concat([length, levels]);
}
