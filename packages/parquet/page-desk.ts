import type { FlatColumn } from './flat-columns.ts';
import { margin, type PageDecoder, PageUnreadable, pageDecoder, type SharedMemory } from './page-decoder.ts';

/** Memory in which pages are taken apart, one at a time, and what does that. */
export interface PageDesk {
  readonly decoder: PageDecoder;
  /** Bytes of the file as they stand there. */
  readonly input: Uint8Array;
  /** An unpacked page. */
  readonly page: Uint8Array;
  /** For each row of a page, whether it has a value. */
  readonly present: Uint8Array;
  /** A dictionary's numbers, or how often each of its texts was met. */
  readonly dictionary: Float64Array;
  readonly counts: Uint32Array;
}

interface DeskSizes {
  readonly input: number;
  readonly page: number;
  readonly present: number;
  readonly dictionary: number;
}

const alignment = 16;
const padded = (bytes: number): number => Math.ceil((bytes + margin) / alignment) * alignment;

/** As much as the largest chunk of these columns may need: no page is larger than its chunk. */
function sizesFor(columns: readonly FlatColumn[]): DeskSizes {
  const sizes = { input: 0, page: 0, present: 0, dictionary: 0 };
  for (const { chunks } of columns) {
    for (const { bytes, unpackedBytes, rows, codec } of chunks) {
      sizes.input = Math.max(sizes.input, bytes);
      if (codec !== 'none') sizes.page = Math.max(sizes.page, unpackedBytes);
      sizes.present = Math.max(sizes.present, rows);
      // An entry takes four bytes at least, and eight as a number.
      sizes.dictionary = Math.max(sizes.dictionary, Math.ceil(unpackedBytes / 4));
    }
  }
  return sizes;
}

/** Bytes of memory a desk for these columns takes; a page of the system is taken only when it is first written to. */
export function deskBytes(columns: readonly FlatColumn[]): number {
  const { input, page, present, dictionary } = sizesFor(columns);
  return padded(input) + padded(page) + padded(present) + padded(8 * dictionary);
}

/**
 * @param region of `memory`, `deskBytes` long, which begins at a multiple of 16
 * @throws PageUnreadable where the region is too small
 */
export function pageDesk(memory: SharedMemory, region: Uint8Array, columns: readonly FlatColumn[]): PageDesk {
  const sizes = sizesFor(columns);
  let next = region.byteOffset;
  const place = (bytes: number): number => {
    const at = next;
    next += padded(bytes);
    if (next > region.byteOffset + region.length) throw new PageUnreadable('the memory is too small');
    return at;
  };
  const { buffer } = memory;
  const input = new Uint8Array(buffer, place(sizes.input), sizes.input);
  const page = new Uint8Array(buffer, place(sizes.page), sizes.page);
  const present = new Uint8Array(buffer, place(sizes.present), sizes.present);
  const dictionary = new Float64Array(buffer, place(8 * sizes.dictionary), sizes.dictionary);
  const counts = new Uint32Array(buffer, dictionary.byteOffset, sizes.dictionary);
  return { decoder: pageDecoder(memory), input, page, present, dictionary, counts };
}
