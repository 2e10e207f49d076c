import { isAscii, isUtf8 } from 'node:buffer';
import type { FlatColumn } from './flat-columns.ts';
import { PageUnreadable } from './page-decoder.ts';
import type { PageDesk } from './page-desk.ts';
import { type ReadAt, visitPages } from './pages-of-chunk.ts';
import { bytesOf } from './storage.ts';

/**
 * A column's numbers in the order of the rows; NaN where a row has no value.
 *
 * @param into filled from the start, in the memory of the desk; as long as the file has rows
 * @throws PageUnreadable where it is broken or not stored in a way that is read here; Error from `readAt`
 */
export function readNumbers(
  { storage, optional, chunks }: FlatColumn,
  readAt: ReadAt,
  desk: PageDesk,
  into: Float64Array,
): void {
  if (storage === 'text' || storage === 'flag') throw new PageUnreadable('the column holds no numbers');
  const { decoder, present } = desk;
  let row = 0;
  for (const chunk of chunks) {
    let dictionary: Float64Array | null = null;
    visitPages(chunk, optional, readAt, desk, (page) => {
      if (page.kind === 'dictionary') {
        if (page.entries * bytesOf(storage) > page.values.length) throw shortDictionary();
        dictionary = desk.dictionary.subarray(0, page.entries);
        decoder.plainNumbers(page.values, page.entries, storage, dictionary);
        return;
      }
      const values = into.subarray(row, row + page.rows);
      if (page.encoding === 'plain') decoder.plainNumbers(page.values, page.count, storage, values);
      else if (dictionary === null) throw shortDictionary();
      else decoder.indexedNumbers(page.values, page.count, dictionary, values);
      if (page.count < page.rows) decoder.spread(present, page.count, values);
      row += page.rows;
    });
  }
}

/** Texts that stand one after the other, not in a dictionary: more of them are counted sooner by whoever hashes bytes. */
const mostPlainTexts = 65_536;

/** How many rows hold each text. */
export interface CountedTexts {
  readonly counts: ReadonlyMap<string, number>;
  readonly missing: number;
}

/**
 * Counts a column of texts by its dictionaries, or one of flags (`false`, `true`).
 *
 * @param most texts that are told apart
 * @throws PageUnreadable where the column is broken, is not stored by dictionaries but for a few rows, or holds more texts than that; Error from
 * `readAt`
 */
export function countTexts(
  { storage, optional, chunks }: FlatColumn,
  readAt: ReadAt,
  desk: PageDesk,
  most: number,
): CountedTexts {
  const counts = new Map<string, number>();
  const add = (text: string, rows: number): void => {
    if (rows === 0) return;
    counts.set(text, (counts.get(text) ?? 0) + rows);
    if (counts.size > most) throw new PageUnreadable('the column holds too many texts');
  };
  let missing = 0;
  let plainTexts = mostPlainTexts;
  for (const chunk of chunks) {
    let texts: readonly string[] | null = null;
    let met = desk.counts.subarray(0, 0);
    visitPages(chunk, optional, readAt, desk, (page) => {
      if (page.kind === 'dictionary') {
        // As many again may still be added by other chunks: a dictionary alone tells nothing about the column.
        if (page.entries > 4 * most) throw new PageUnreadable('the column holds too many texts');
        texts = textsOf(page.values, page.entries);
        met = desk.counts.subarray(0, page.entries).fill(0);
        return;
      }
      missing += page.rows - page.count;
      // Where there is no text there need be no dictionary.
      if (page.count === 0) return;
      if (storage === 'flag' && page.encoding === 'plain') {
        const set = desk.decoder.plainFlags(page.values, page.count);
        add('true', set);
        add('false', page.count - set);
      } else if (storage === 'text' && page.encoding === 'dictionary' && texts !== null) {
        desk.decoder.indexedCounts(page.values, page.count, met);
      } else if (storage === 'text' && page.encoding === 'plain' && page.count <= plainTexts) {
        plainTexts -= page.count;
        for (const text of textsOf(page.values, page.count)) add(text, 1);
      } else throw new PageUnreadable('the column is not stored by a dictionary');
    });
    for (const [index, text] of (texts ?? []).entries()) add(text, met[index] ?? 0);
  }
  return { counts, missing };
}

const shortDictionary = (): PageUnreadable => new PageUnreadable('a dictionary is missing or too short');

function textsOf({ buffer, byteOffset, length }: Uint8Array, entries: number): readonly string[] {
  const bytes = Buffer.from(buffer, byteOffset, length);
  // Lengths below 128 are ASCII as well: the texts of most dictionaries are cut from one.
  const all = isAscii(bytes) ? bytes.toString('latin1') : null;
  let at = 0;
  return Array.from({ length: entries }, () => {
    const size = at + 4 > length ? -1 : bytes.readUInt32LE(at);
    const from = at + 4;
    at = from + size;
    if (size < 0 || at > length) throw shortDictionary();
    if (all !== null) return all.slice(from, at);
    const text = bytes.toString('utf8', from, at);
    // What stands for a byte that is no UTF-8, unless it is there as itself.
    if (text.includes('\uFFFD') && !isUtf8(bytes.subarray(from, at))) {
      throw new PageUnreadable('a text is not UTF-8');
    }
    return text;
  });
}
