import { type NumberKind, numberKinds } from './storage.ts';
import { wasmBinary } from './wasm-binary.ts';

/** The memory of a WebAssembly module. */
export interface SharedMemory {
  readonly buffer: ArrayBuffer;
}

/** What of WebAssembly is used here; TypeScript knows it only together with a browser. */
declare namespace WebAssembly {
  export class Module {
    constructor(code: Uint8Array);
  }
  export class Instance {
    constructor(code: Module, imports: { readonly env: { readonly memory: SharedMemory } });
    readonly exports: Readonly<Record<string, unknown>>;
  }
}

/** Bytes behind every region that is read, since values are loaded eight bytes at a time. */
export const margin = 16;

/** A page or column that cannot be read here: broken, or stored in a way that is not decoded here. */
export class PageUnreadable extends Error {
  override readonly name = 'PageUnreadable';
}

/** The loops over the bytes of pages. All arrays lie in one memory, and have `margin` bytes of it behind them. */
export interface PageDecoder {
  /** @returns the part of `into` that was written */
  unpack(packed: Uint8Array, into: Uint8Array): Uint8Array;
  /** Writes for each row whether it has a value. @returns how many have one */
  levels(bytes: Uint8Array, rows: number, present: Uint8Array): number;
  plainNumbers(bytes: Uint8Array, count: number, kind: NumberKind, into: Float64Array): void;
  indexedNumbers(bytes: Uint8Array, count: number, dictionary: Float64Array, into: Float64Array): void;
  /** Adds to the counts of a dictionary's entries. */
  indexedCounts(bytes: Uint8Array, count: number, counts: Uint32Array): void;
  /** @returns how many flags are set */
  plainFlags(bytes: Uint8Array, count: number): number;
  /** Moves the values, which are the first `count`, to the rows that have one; the others become NaN. */
  spread(present: Uint8Array, count: number, values: Float64Array): void;
}

type Kernel = (...places: readonly number[]) => number;

let module: WebAssembly.Module | null = null;

/** @throws PageUnreadable, each of its functions, where bytes are not what they should be */
export function pageDecoder(memory: SharedMemory): PageDecoder {
  module ??= new WebAssembly.Module(Buffer.from(wasmBinary, 'base64'));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernel = (name: string): Kernel => {
    const found = exports[name];
    if (typeof found !== 'function') throw new Error(`The page decoder lacks ${name}.`);
    return (...places) => Number(found(...places));
  };
  const checked = (name: string, what: string): Kernel => {
    const run = kernel(name);
    return (...places) => {
      const found = run(...places);
      if (found < 0) throw new PageUnreadable(`${what} of a page cannot be decoded`);
      return found;
    };
  };
  const snappy = checked('snappy', 'the packed bytes');
  const levels = checked('levels', 'the definition levels');
  const plainNumbers = checked('plainNumbers', 'the values');
  const indexedNumbers = checked('indexedNumbers', 'the indices');
  const indexedCounts = checked('indexedCounts', 'the indices');
  const plainFlags = checked('plainFlags', 'the flags');
  const spread = kernel('spread');
  const room = (count: number, into: { readonly length: number }): void => {
    if (count > into.length) throw new PageUnreadable('a page holds more values than were announced');
  };
  return {
    unpack: (packed, into) =>
      into.subarray(0, snappy(packed.byteOffset, packed.length, into.byteOffset, into.length)),
    levels(bytes, rows, present) {
      room(rows, present);
      return levels(bytes.byteOffset, bytes.length, rows, present.byteOffset);
    },
    plainNumbers(bytes, count, kind, into) {
      room(count, into);
      plainNumbers(bytes.byteOffset, bytes.length, count, numberKinds.indexOf(kind), into.byteOffset);
    },
    indexedNumbers(bytes, count, dictionary, into) {
      room(count, into);
      const places = [dictionary.byteOffset, dictionary.length, into.byteOffset];
      indexedNumbers(bytes.byteOffset, bytes.length, count, ...places);
    },
    indexedCounts(bytes, count, counts) {
      indexedCounts(bytes.byteOffset, bytes.length, count, counts.byteOffset, counts.length);
    },
    plainFlags: (bytes, count) => plainFlags(bytes.byteOffset, bytes.length, count),
    spread(present, count, values) {
      spread(present.byteOffset, values.length, count, values.byteOffset);
    },
  };
}
