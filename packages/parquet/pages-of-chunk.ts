import { parquetHeader } from 'hyparquet/src/column.js';
import type { ColumnChunk } from './flat-columns.ts';
import { PageUnreadable } from './page-decoder.ts';
import type { PageDesk } from './page-desk.ts';
import { endOfThrift } from './thrift-bounds.ts';

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
  const reader = { view: new DataView(input.buffer, input.byteOffset, 0), offset: 0 };
  let position = chunk.at;
  const end = chunk.at + chunk.bytes;
  let from = 0;
  let filled = 0;
  let rows = 0;
  let isFirst = true;
  while (rows < chunk.rows) {
    fill(Math.min(headerBytes, end - position + filled - from));
    reader.view = new DataView(input.buffer, input.byteOffset, filled);
    reader.offset = from;
    endOfThrift(input.subarray(0, filled), from);
    const header = parquetHeader(reader);
    from = reader.offset;
    const { compressed_page_size: packedBytes, uncompressed_page_size: unpackedBytes } = header;
    if (!isSize(packedBytes, end - position + filled - from) || !isSize(unpackedBytes, chunk.unpackedBytes)) {
      throw new PageUnreadable('a page is larger than its column');
    }
    fill(packedBytes);
    const bytes = input.subarray(from, from + packedBytes);
    from += packedBytes;
    if (header.type === 'DICTIONARY_PAGE' && header.dictionary_page_header !== undefined) {
      const { num_values: entries, encoding } = header.dictionary_page_header;
      if (encoding !== 'PLAIN' && encoding !== 'PLAIN_DICTIONARY') throw unknown(encoding);
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

  function dataPage(header: ReturnType<typeof parquetHeader>, bytes: Uint8Array): DataPage {
    const { data_page_header: first, data_page_header_v2: second } = header;
    const size = header.uncompressed_page_size;
    if (header.type === 'DATA_PAGE' && first !== undefined) {
      const { num_values, encoding, definition_level_encoding, repetition_level_encoding } = first;
      requireRows(num_values);
      const page = unpacked(bytes, size, true);
      // Required by the format, used or not: DuckDB refuses pages without them.
      if (repetition_level_encoding === undefined) throw unknown(repetition_level_encoding);
      if (!optional && definition_level_encoding !== undefined) {
        return pageOf(num_values, num_values, encoding, page);
      }
      if (definition_level_encoding !== 'RLE') throw unknown(definition_level_encoding);
      const length = page.length < 4 ? -1 : new DataView(page.buffer, page.byteOffset).getUint32(0, true);
      if (!isSize(length, page.length - 4)) throw new PageUnreadable('the levels are longer than their page');
      const count = desk.decoder.levels(page.subarray(4, 4 + length), num_values, desk.present);
      return pageOf(num_values, count, encoding, page.subarray(4 + length));
    }
    if (header.type !== 'DATA_PAGE_V2' || second === undefined) throw unknown(header.type);
    const { num_values, num_nulls, num_rows, encoding, is_compressed = true } = second;
    for (const each of [num_values, num_nulls, num_rows]) requireRows(each);
    const levels = second.definition_levels_byte_length;
    if (
      second.repetition_levels_byte_length !== 0 ||
      !isSize(levels, optional ? Math.min(bytes.length, size) : 0)
    ) {
      throw new PageUnreadable('the levels are longer than their page');
    }
    const count = optional
      ? desk.decoder.levels(bytes.subarray(0, levels), num_values, desk.present)
      : num_values;
    const values = bytes.subarray(levels);
    // Snappy has bytes even for nothing; a page without a value may lack them.
    const page =
      size === levels && values.length === 0 ? values : unpacked(values, size - levels, is_compressed);
    return pageOf(num_values, count, encoding, page);
  }

  function requireRows(values: number): void {
    if (!isSize(values, chunk.rows)) throw new PageUnreadable('a page holds more rows than its file');
  }
}

function pageOf(rows: number, count: number, encoding: string, values: Uint8Array): DataPage {
  if (encoding === 'PLAIN') return { kind: 'data', rows, count, encoding: 'plain', values };
  if (encoding !== 'RLE_DICTIONARY' && encoding !== 'PLAIN_DICTIONARY') throw unknown(encoding);
  return { kind: 'data', rows, count, encoding: 'dictionary', values };
}

const unknown = (what: string | undefined): PageUnreadable =>
  new PageUnreadable(`pages stored as ${what} are not read here`);

const isSize = (value: number, most: number): boolean =>
  Number.isSafeInteger(value) && value >= 0 && value <= most;
