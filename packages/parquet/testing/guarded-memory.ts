import type { SharedMemory } from '../page-decoder.ts';

/** What of WebAssembly is used here; TypeScript knows it only together with a browser. */
declare namespace WebAssembly {
  export class Memory {
    constructor(limits: { readonly initial: number });
    readonly buffer: ArrayBuffer;
  }
}

/** Memory of a decoder that is filled with one byte, so that every writing beside the arrays is seen. */
export interface GuardedMemory {
  readonly memory: SharedMemory;
  /** Bytes that begin at a multiple of 16, behind guard bytes. */
  readonly bytes: (length: number) => Uint8Array;
  /** The same with something in them. */
  readonly filled: (content: Uint8Array) => Uint8Array;
  readonly numbers: (length: number) => Float64Array;
  readonly counts: (length: number) => Uint32Array;
  /** Whether all that lies beside these arrays is as it was. */
  readonly isIntactBeside: (...arrays: readonly ArrayBufferView[]) => boolean;
}

const guard = 0xa5;
const pageBytes = 2 ** 16;

export function guardedMemory(bytes: number): GuardedMemory {
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) + 2 });
  const all = Buffer.from(memory.buffer).fill(guard);
  const untouched = Buffer.alloc(all.length, guard);
  let next = 64;
  const place = (length: number): number => {
    const at = next;
    next = Math.ceil((at + length + 64) / 16) * 16;
    if (next > all.length) throw new Error('the guarded memory is too small');
    return at;
  };
  return {
    memory,
    bytes: (length) => new Uint8Array(memory.buffer, place(length), length),
    filled(content) {
      const found = new Uint8Array(memory.buffer, place(content.length), content.length);
      found.set(content);
      return found;
    },
    numbers: (length) => new Float64Array(memory.buffer, place(8 * length), length),
    counts: (length) => new Uint32Array(memory.buffer, place(4 * length), length).fill(0),
    isIntactBeside(...arrays) {
      const inOrder = arrays.toSorted((a, b) => a.byteOffset - b.byteOffset);
      const ends = [0, ...inOrder.map(({ byteOffset, byteLength }) => byteOffset + byteLength)];
      const starts = [...inOrder.map(({ byteOffset }) => byteOffset), all.length];
      return starts.every((start, i) => {
        const from = ends[i] ?? 0;
        return start <= from || all.subarray(from, start).equals(untouched.subarray(from, start));
      });
    },
  };
}
