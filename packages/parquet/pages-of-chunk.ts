import type { ColumnChunk } from './flat-columns.ts';
import { encodings, type PageHeader, pageHeader, pageTypes } from './metadata.ts';
import { PageUnreadable } from './page-decoder.ts';
import type { PageDesk } from './page-desk.ts';
import { cursorAt, read } from './thrift.ts';

/** Fills `into` with the file's bytes from `position` on. @throws Error where the file ends before */
export type ReadAt = (into: Uint8Array, position: number) => void;

/** A page's values, without what stands before them. */
export interface DataPage {
  readonly kind: 'data';
  readonly rows: number;
  /** Rows that have a value. */
  readonly count: number;
  readonly encoding: 'plain' | 'dictionary';
  readonly values: Uint8Array;
}

export interface DictionaryPage {
  readonly kind: 'dictionary';
  readonly entries: number;
  readonly values: Uint8Array;
}

/** Bytes read at a time, where no page is larger: what a core keeps near it. */
const windowBytes = 1.25 * 1024 * 1024;
/** Bytes in which a page's header is looked for. */
const headerBytes = 64 * 1024;

/**
 * Reads a chunk's pages one by one. What a page holds is valid until the next one; `desk.present` then tells which of its rows
 * have a value, where not all of them do.
 *
 * @throws PageUnreadable where it is broken or not stored in a way that is read here; Error from `readAt`
 */
export function visitPages(
  chunk: ColumnChunk,
  optional: boolean,
  readAt: ReadAt,
  desk: PageDesk,
  visit: (page: DataPage | DictionaryPage) => void,
): void {
  const { input } = desk;
  let position = chunk.at;
  const end = chunk.at + chunk.bytes;
  let from = 0;
  let filled = 0;
  let rows = 0;
  let isFirst = true;
  while (rows < chunk.rows) {
    fill(Math.min(headerBytes, end - position + filled - from));
    const cursor = cursorAt(input.subarray(0, filled), from);
    const header = read(cursor, pageHeader);
    from = cursor.at;
    const { bytes: packedBytes = Number.NaN, unpackedBytes = Number.NaN } = header;
    if (!isSize(packedBytes, end - position + filled - from) || !isSize(unpackedBytes, chunk.unpackedBytes)) {
      throw new PageUnreadable('a page is larger than its column');
    }
    fill(packedBytes);
    const bytes = input.subarray(from, from + packedBytes);
    from += packedBytes;
    if (header.type === pageTypes.dictionary && header.dictionary !== undefined) {
      const { values: entries = Number.NaN, encoding } = header.dictionary;
      if (encoding !== encodings.plain && encoding !== encodings.plainDictionary) throw unknown(encoding);
      if (!isFirst) throw new PageUnreadable('a dictionary stands behind other pages');
      // Each of them has a byte at least.
      if (!isSize(entries, unpackedBytes)) throw new PageUnreadable('a dictionary is larger than its page');
      visit({ kind: 'dictionary', entries, values: unpacked(bytes, unpackedBytes, true) });
    } else {
      const page = dataPage(header, bytes);
      rows += page.rows;
      if (rows > chunk.rows) throw new PageUnreadable('a column holds more rows than its file');
      visit(page);
    }
    isFirst = false;
  }

  /** Makes sure that so many bytes lie in the input from `from` on. */
  function fill(wanted: number): void {
    if (filled - from >= wanted) return;
    input.copyWithin(0, from, filled);
    filled -= from;
    from = 0;
    const most = Math.min(input.length - filled, end - position);
    const more = Math.min(most, Math.max(wanted, windowBytes) - filled);
    if (filled + more < wanted) throw new PageUnreadable('a column ends in the middle of a page');
    readAt(input.subarray(filled, filled + more), position);
    position += more;
    filled += more;
  }

  function unpacked(bytes: Uint8Array, size: number, isPacked: boolean): Uint8Array {
    const isPlain = chunk.codec === 'none' || !isPacked;
    const page = isPlain ? bytes : desk.decoder.unpack(bytes, desk.page.subarray(0, size));
    if (page.length !== size) throw new PageUnreadable('a page is not as long as its header says');
    return page;
  }

  function dataPage(header: PageHeader, bytes: Uint8Array): DataPage {
    const { data, dataV2, unpackedBytes: size = Number.NaN } = header;
    if (header.type === pageTypes.data && data !== undefined) {
      const { values: rowCount = Number.NaN, encoding, levels, repetitions } = data;
      requireRows(rowCount);
      const page = unpacked(bytes, size, true);
      // Required by the format, used or not: DuckDB refuses pages without them.
      if (repetitions === undefined || levels === undefined) throw unknown(undefined);
      if (!optional) return pageOf(rowCount, rowCount, encoding, page);
      if (levels !== encodings.runLength) throw unknown(levels);
      const length = page.length < 4 ? -1 : new DataView(page.buffer, page.byteOffset).getUint32(0, true);
      if (!isSize(length, page.length - 4)) throw new PageUnreadable('the levels are longer than their page');
      const count = desk.decoder.levels(page.subarray(4, 4 + length), rowCount, desk.present);
      return pageOf(rowCount, count, encoding, page.subarray(4 + length));
    }
    if (header.type !== pageTypes.dataV2 || dataV2 === undefined) throw unknown(header.type);
    const { values: rowCount = Number.NaN, nulls, rows: ownRows, encoding, isPacked = true } = dataV2;
    for (const each of [rowCount, nulls, ownRows]) requireRows(each ?? Number.NaN);
    const { levelBytes = Number.NaN, repetitionBytes } = dataV2;
    if (repetitionBytes !== 0 || !isSize(levelBytes, optional ? Math.min(bytes.length, size) : 0)) {
      throw new PageUnreadable('the levels are longer than their page');
    }
    const count = optional
      ? desk.decoder.levels(bytes.subarray(0, levelBytes), rowCount, desk.present)
      : rowCount;
    const values = bytes.subarray(levelBytes);
    // Snappy has bytes even for nothing; a page without a value may lack them.
    const page =
      size === levelBytes && values.length === 0 ? values : unpacked(values, size - levelBytes, isPacked);
    return pageOf(rowCount, count, encoding, page);
  }

  function requireRows(values: number): void {
    if (!isSize(values, chunk.rows)) throw new PageUnreadable('a page holds more rows than its file');
  }
}

function pageOf(rows: number, count: number, encoding: number | undefined, values: Uint8Array): DataPage {
  if (encoding === encodings.plain) return { kind: 'data', rows, count, encoding: 'plain', values };
  if (encoding !== encodings.runLengthDictionary && encoding !== encodings.plainDictionary) {
    throw unknown(encoding);
  }
  return { kind: 'data', rows, count, encoding: 'dictionary', values };
}

const unknown = (kind: number | undefined): PageUnreadable =>
  new PageUnreadable(`pages of the kind or encoding ${kind} are not read here`);

const isSize = (value: number, most: number): boolean =>
  Number.isSafeInteger(value) && value >= 0 && value <= most;
