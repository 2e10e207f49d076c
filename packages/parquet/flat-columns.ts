import {
  type ChunkMetadata,
  codecs,
  fileMetadata,
  type LogicalType,
  physicalTypes,
  repetitions,
  type SchemaElement,
  timeUnits,
} from './metadata.ts';
import { bytesOf, type NumberKind, type Storage } from './storage.ts';
import { cursorAt, read } from './thrift.ts';

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

/** Bytes of metadata that are read here: what is made of them takes several times as many. */
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
  const metadata = footer.subarray(footer.length - needed, footer.length - tail);
  const { schema = [], rows = Number.NaN, groups = [] } = read(cursorAt(metadata, 0), fileMetadata);
  const leaves = schema.slice(1);
  if (leaves.length !== schema[0]?.children || leaves.length === 0) return null;
  const columns: FlatColumn[] = [];
  for (const [index, element] of leaves.entries()) {
    const kind = kindOf(element);
    const { name = '', repetition } = element;
    if (kind === null || name === '' || name.includes(noText)) return null;
    const chunks: ColumnChunk[] = [];
    for (const { columns: found = [], rows: own = Number.NaN } of groups) {
      const chunk = found.length === leaves.length ? chunkOf(found[index], element, own) : null;
      if (chunk === null) return null;
      chunks.push(chunk);
    }
    columns.push({ name, ...kind, optional: repetition === repetitions.optional, chunks });
  }
  const inGroups = groups.reduce((sum, group) => sum + (group.rows ?? Number.NaN), 0);
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  return rows === inGroups && names.size === columns.length ? { rows, columns } : null;
}

function chunkOf(chunk: ChunkMetadata | undefined, element: SchemaElement, rows: number): ColumnChunk | null {
  if (chunk?.metadata === undefined || chunk.file || chunk.encryption || chunk.encrypted) return null;
  const { type, codec, path = [], values, dataAt = Number.NaN, dictionaryAt = dataAt } = chunk.metadata;
  const { bytes = Number.NaN, unpackedBytes = Number.NaN } = chunk.metadata;
  if (type !== element.type || path.length !== 1 || path[0] !== element.name || values !== rows) return null;
  if (codec !== codecs.snappy && codec !== codecs.none) return null;
  // Arrow tells of a group without rows that its pages begin at 0.
  if (dictionaryAt > dataAt && rows > 0) return null;
  const at = dictionaryAt > 0 ? dictionaryAt : dataAt;
  if (![at, bytes, unpackedBytes, rows].every((each) => Number.isSafeInteger(each) && each >= 0)) return null;
  return { at, bytes, unpackedBytes, rows, codec: codec === codecs.snappy ? 'snappy' : 'none' };
}

type Kind = Pick<FlatColumn, 'storage' | 'sqlType'>;
type WholeNumbers = Kind & { readonly storage: NumberKind };

function kindOf(element: SchemaElement): Kind | null {
  const { type, repetition, children } = element;
  if (children !== undefined) return null;
  if (repetition !== repetitions.optional && repetition !== repetitions.required) return null;
  if (type === physicalTypes.int32 || type === physicalTypes.int64) return wholeNumbers(element);
  if (type === physicalTypes.byteArray)
    return isText(element) ? { storage: 'text', sqlType: 'VARCHAR' } : null;
  if (element.logical !== undefined || element.converted !== undefined) return null;
  if (type === physicalTypes.double) return { storage: 'float64', sqlType: 'DOUBLE' };
  if (type === physicalTypes.float) return { storage: 'float32', sqlType: 'FLOAT' };
  return type === physicalTypes.boolean ? { storage: 'flag', sqlType: 'BOOLEAN' } : null;
}

const utf8 = 0;
const date = 6;

const isText = ({ logical, converted }: SchemaElement): boolean =>
  converted === utf8 && (logical === undefined || logical.string === true);

/** By the number of the converted type. DuckDB goes by it, where there is one; only of timestamps by the logical type. */
const byConvertedType: Readonly<Record<number, WholeNumbers>> = {
  [date]: { storage: 'days', sqlType: 'DATE' },
  9: { storage: 'milliseconds', sqlType: 'TIMESTAMP' },
  10: { storage: 'microseconds', sqlType: 'TIMESTAMP' },
  11: { storage: 'uint8', sqlType: 'UTINYINT' },
  12: { storage: 'uint16', sqlType: 'USMALLINT' },
  13: { storage: 'uint32', sqlType: 'UINTEGER' },
  14: { storage: 'uint64', sqlType: 'UBIGINT' },
  15: { storage: 'int8', sqlType: 'TINYINT' },
  16: { storage: 'int16', sqlType: 'SMALLINT' },
  17: { storage: 'int32', sqlType: 'INTEGER' },
  18: { storage: 'int64', sqlType: 'BIGINT' },
};
const integers = { unsigned: 11, signed: 15 } as const;

function wholeNumbers({ type, logical, converted }: SchemaElement): Kind | null {
  const bytes = type === physicalTypes.int32 ? 4 : 8;
  const kind =
    logical?.timestamp === undefined
      ? byConvertedType[convertedType(logical, converted) ?? integerType(8 * bytes, true)]
      : timestamp(logical.timestamp);
  return kind !== undefined && bytesOf(kind.storage) === bytes ? kind : null;
}

const integerType = (bits: number, isSigned: boolean): number =>
  integers[isSigned ? 'signed' : 'unsigned'] + Math.log2(bits / 8);

/** A logical type beside it has to say the same. @returns the number of no type where it does not */
function convertedType(logical: LogicalType | undefined, converted: number | undefined): number | undefined {
  if (logical === undefined) return converted;
  const { integer } = logical;
  const same = integer ? integerType(integer.bits ?? 0, integer.isSigned === true) : logical.date && date;
  return same === converted && same !== undefined ? same : -1;
}

function timestamp({
  unit,
  isAdjustedToUtc,
}: NonNullable<LogicalType['timestamp']>): WholeNumbers | undefined {
  const name = (['milliseconds', 'microseconds', 'nanoseconds'] as const).find(
    (each) => timeUnits[each] === unit,
  );
  if (name === undefined) return undefined;
  const local = name === 'nanoseconds' ? 'TIMESTAMP_NS' : 'TIMESTAMP';
  return { storage: name, sqlType: isAdjustedToUtc ? 'TIMESTAMP WITH TIME ZONE' : local };
}
