import { anything, flag, int8, int32, int64, list, memberOf, struct, text } from './thrift.ts';

/** What of Parquet's metadata is read here: https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift */

export const physicalTypes = { boolean: 0, int32: 1, int64: 2, float: 4, double: 5, byteArray: 6 } as const;
export const repetitions = { required: 0, optional: 1 } as const;
export const codecs = { none: 0, snappy: 1 } as const;
export const encodings = { plain: 0, plainDictionary: 2, runLength: 3, runLengthDictionary: 8 } as const;
export const pageTypes = { data: 0, dictionary: 2, dataV2: 3 } as const;
export const timeUnits = { milliseconds: 1, microseconds: 2, nanoseconds: 3 } as const;

const timestampType = struct({ isAdjustedToUtc: [1, flag], unit: [2, memberOf] });
const integerType = struct({ bits: [1, int8], isSigned: [2, flag] });

/** A union; the members that are not named here say that the column is none of these. */
const logicalType = struct({
  string: [1, anything],
  date: [6, anything],
  timestamp: [8, timestampType],
  integer: [10, integerType],
});
export type LogicalType = ReturnType<typeof logicalType>;

const schemaElement = struct({
  type: [1, int32],
  repetition: [3, int32],
  name: [4, text],
  children: [5, int32],
  converted: [6, int32],
  logical: [10, logicalType],
});
export type SchemaElement = ReturnType<typeof schemaElement>;

const columnMetadata = struct({
  type: [1, int32],
  path: [3, list(text)],
  codec: [4, int32],
  values: [5, int64],
  unpackedBytes: [6, int64],
  bytes: [7, int64],
  dataAt: [9, int64],
  dictionaryAt: [11, int64],
});

const columnChunk = struct({
  file: [1, anything],
  metadata: [3, columnMetadata],
  encryption: [8, anything],
  encrypted: [9, anything],
});
export type ChunkMetadata = ReturnType<typeof columnChunk>;

export const fileMetadata = struct({
  schema: [2, list(schemaElement)],
  rows: [3, int64],
  groups: [4, list(struct({ columns: [1, list(columnChunk)], rows: [3, int64] }))],
});

export const pageHeader = struct({
  type: [1, int32],
  unpackedBytes: [2, int32],
  bytes: [3, int32],
  data: [
    5,
    struct({ values: [1, int32], encoding: [2, int32], levels: [3, int32], repetitions: [4, int32] }),
  ],
  dictionary: [7, struct({ values: [1, int32], encoding: [2, int32] })],
  dataV2: [
    8,
    struct({
      values: [1, int32],
      nulls: [2, int32],
      rows: [3, int32],
      encoding: [4, int32],
      levelBytes: [5, int32],
      repetitionBytes: [6, int32],
      isPacked: [7, flag],
    }),
  ],
});
export type PageHeader = ReturnType<typeof pageHeader>;
