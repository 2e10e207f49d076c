import { type ColumnChunk as FooterChunk, parquetMetadata, type SchemaElement } from 'hyparquet';
import { bytesOf, type NumberKind, type Storage } from './storage.ts';
import { endOfThrift } from './thrift-bounds.ts';

/** A column's values of one row group: pages one after the other. */
export interface ColumnChunk {
  /** Where its first page begins in the file, and the bytes of all its pages. */
  readonly at: number;
  readonly bytes: number;
  /** Bytes of its pages when they are unpacked. */
  readonly unpackedBytes: number;
  readonly rows: number;
  readonly codec: 'snappy' | 'none';
}

/** A column with one value a row, or none. */
export interface FlatColumn {
  readonly name: string;
  /** SQL's name of its type, as DuckDB has it. */
  readonly sqlType: string;
  readonly storage: Storage;
  /** Whether a row may lack its value. */
  readonly optional: boolean;
  readonly chunks: readonly ColumnChunk[];
}

export interface FlatFile {
  readonly rows: number;
  /** In the file's order. */
  readonly columns: readonly FlatColumn[];
}

/** Bytes of the metadata's length and of the sign behind it. */
const tail = 8;

/** Bytes of metadata that are read here: what is made of them takes ten times as many, and of a hostile file's fifty times. */
const mostMetadata = 16 * 1024 * 1024;

/**
 * How many bytes from the end of the file on `flatFile` needs.
 *
 * @param end the file's last bytes
 * @returns null where these are no end of a Parquet file, or of one with very much metadata
 */
export function footerBytes(end: Uint8Array): number | null {
  const last = Buffer.from(end.subarray(-tail));
  if (last.length < tail || last.toString('latin1', 4) !== 'PAR1') return null;
  const metadata = last.readUInt32LE();
  return metadata <= mostMetadata ? metadata + tail : null;
}

/** hyparquet leaves it out where a name begins with it. */
const byteOrderMark = '\uFEFF';
/** What stands for bytes that are no text. */
const noText = '\uFFFD';

/**
 * What a file holds, where all of its columns are flat and stored in ways that are read here: numbers, dates, timestamps, flags
 * and UTF-8 texts, packed by Snappy or not at all.
 *
 * @param footer the file's last bytes, `footerBytes` of them at least
 * @returns null for any other file: nested columns, decimals, other codecs, encryption, names that differ in case alone
 * @throws Error where this is no Parquet footer
 */
export function flatFile(footer: Uint8Array): FlatFile | null {
  const needed = footerBytes(footer);
  if (needed === null || needed > footer.length) return null;
  const own = footer.subarray(-needed);
  endOfThrift(own.subarray(0, -tail), 0);
  if (Buffer.from(own.buffer, own.byteOffset, own.length).includes(byteOrderMark)) return null;
  const { schema, num_rows, row_groups } = parquetMetadata(own, { geoparquet: false });
  const leaves = schema.slice(1);
  if (leaves.length !== schema[0]?.num_children || leaves.length === 0) return null;
  const columns: FlatColumn[] = [];
  for (const [index, element] of leaves.entries()) {
    const kind = kindOf(element);
    if (kind === null || element.name === '' || element.name.includes(noText)) return null;
    const chunks: ColumnChunk[] = [];
    for (const group of row_groups) {
      const found = group.columns[index];
      const chunk =
        found === undefined || group.columns.length !== leaves.length
          ? null
          : chunkOf(found, element, Number(group.num_rows));
      if (chunk === null) return null;
      chunks.push(chunk);
    }
    const optional = element.repetition_type === 'OPTIONAL';
    columns.push({ name: element.name, ...kind, optional, chunks });
  }
  const rows = Number(num_rows);
  const inGroups = row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  return rows === inGroups && names.size === columns.length ? { rows, columns } : null;
}

function chunkOf(
  { file_path, meta_data, crypto_metadata, encrypted_column_metadata }: FooterChunk,
  element: SchemaElement,
  rows: number,
): ColumnChunk | null {
  if (meta_data === undefined || file_path !== undefined) return null;
  if (crypto_metadata !== undefined || encrypted_column_metadata !== undefined) return null;
  const { type, codec, path_in_schema, num_values } = meta_data;
  if (type !== element.type || path_in_schema.length !== 1 || path_in_schema[0] !== element.name) return null;
  if (codec !== 'SNAPPY' && codec !== 'UNCOMPRESSED') return null;
  const data = Number(meta_data.data_page_offset);
  const dictionary = Number(meta_data.dictionary_page_offset ?? data);
  // Arrow tells of a group without rows that its pages begin at 0.
  if (dictionary > data && rows > 0) return null;
  const at = dictionary > 0 ? dictionary : data;
  const bytes = Number(meta_data.total_compressed_size);
  const unpackedBytes = Number(meta_data.total_uncompressed_size);
  const numbers = [at, bytes, unpackedBytes, rows];
  if (Number(num_values) !== rows || !numbers.every((each) => Number.isSafeInteger(each) && each >= 0))
    return null;
  return { at, bytes, unpackedBytes, rows, codec: codec === 'SNAPPY' ? 'snappy' : 'none' };
}

type Kind = Pick<FlatColumn, 'storage' | 'sqlType'>;
type WholeNumbers = Kind & { readonly storage: NumberKind };

function kindOf(element: SchemaElement): Kind | null {
  if (element.num_children !== undefined) return null;
  if (element.repetition_type !== 'OPTIONAL' && element.repetition_type !== 'REQUIRED') return null;
  if (element.type === 'INT32' || element.type === 'INT64') return wholeNumbers(element);
  if (element.type === 'BYTE_ARRAY') return isText(element) ? { storage: 'text', sqlType: 'VARCHAR' } : null;
  if (!plain(element)) return null;
  if (element.type === 'DOUBLE') return { storage: 'float64', sqlType: 'DOUBLE' };
  if (element.type === 'FLOAT') return { storage: 'float32', sqlType: 'FLOAT' };
  return element.type === 'BOOLEAN' ? { storage: 'flag', sqlType: 'BOOLEAN' } : null;
}

const plain = ({ logical_type, converted_type }: SchemaElement): boolean =>
  logical_type === undefined && converted_type === undefined;

const isText = ({ logical_type, converted_type }: SchemaElement): boolean =>
  converted_type === 'UTF8' && (logical_type === undefined || logical_type.type === 'STRING');

/** DuckDB goes by the converted type, where there is one; only of timestamps by the logical type. */
const byConvertedType: Readonly<Record<string, WholeNumbers>> = {
  INT_8: { storage: 'int8', sqlType: 'TINYINT' },
  INT_16: { storage: 'int16', sqlType: 'SMALLINT' },
  INT_32: { storage: 'int32', sqlType: 'INTEGER' },
  INT_64: { storage: 'int64', sqlType: 'BIGINT' },
  UINT_8: { storage: 'uint8', sqlType: 'UTINYINT' },
  UINT_16: { storage: 'uint16', sqlType: 'USMALLINT' },
  UINT_32: { storage: 'uint32', sqlType: 'UINTEGER' },
  UINT_64: { storage: 'uint64', sqlType: 'UBIGINT' },
  DATE: { storage: 'days', sqlType: 'DATE' },
  TIMESTAMP_MILLIS: { storage: 'milliseconds', sqlType: 'TIMESTAMP' },
  TIMESTAMP_MICROS: { storage: 'microseconds', sqlType: 'TIMESTAMP' },
};

function wholeNumbers({ type, logical_type, converted_type }: SchemaElement): Kind | null {
  const bytes = type === 'INT32' ? 4 : 8;
  const kind =
    logical_type?.type === 'TIMESTAMP'
      ? timestamp(logical_type)
      : byConvertedType[convertedTypeOf(logical_type, converted_type) ?? `INT_${8 * bytes}`];
  return kind !== undefined && bytesOf(kind.storage) === bytes ? kind : null;
}

type LogicalType = SchemaElement['logical_type'];

/** A logical type beside it has to say the same. @returns a name of no type where it does not */
function convertedTypeOf(logical: LogicalType, converted: string | undefined): string | undefined {
  if (logical === undefined) return converted;
  const signed = logical.type === 'INTEGER' && logical.isSigned;
  const same = logical.type === 'INTEGER' ? `${signed ? '' : 'U'}INT_${logical.bitWidth}` : logical.type;
  return same === converted ? converted : 'another';
}

function timestamp({ unit, isAdjustedToUTC }: Extract<LogicalType, { type: 'TIMESTAMP' }>): WholeNumbers {
  const storages = { MILLIS: 'milliseconds', MICROS: 'microseconds', NANOS: 'nanoseconds' } as const;
  const local = unit === 'NANOS' ? 'TIMESTAMP_NS' : 'TIMESTAMP';
  return { storage: storages[unit], sqlType: isAdjustedToUTC ? 'TIMESTAMP WITH TIME ZONE' : local };
}
