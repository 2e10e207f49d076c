// Read once: inside Jest's sandbox each look at a global costs as much as the number itself.
const { imul, floor } = Math;

/**
 * xoshiro128** 1.1 (Blackman and Vigna, 2018), seeded by SplitMix32: the same seed gives the same numbers
 * on every machine, which `Math.random` does not. Not for secrets.
 */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number) {
    let mixed = seed >>> 0;
    const next = (): number => {
      mixed = (mixed + 0x9e3779b9) >>> 0;
      let z = mixed;
      z = imul(z ^ (z >>> 16), 0x85ebca6b);
      z = imul(z ^ (z >>> 13), 0xc2b2ae35);
      return z ^ (z >>> 16);
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next();
  }

  /** A whole number from 0 to 2^32 − 1. */
  uint32(): number {
    const b = this.#b;
    const product = imul(b, 5);
    const result = imul((product << 7) | (product >>> 25), 9) >>> 0;
    const c = this.#c ^ this.#a;
    const d = this.#d ^ b;
    this.#b = b ^ c;
    this.#a ^= d;
    this.#c = c ^ (b << 9);
    this.#d = (d << 11) | (d >>> 21);
    return result;
  }

  /**
   * A whole number from 0 to `limit - 1`; its bias, at most `limit / 2^32`, is below what a bootstrap sees.
   */
  below(limit: number): number {
    return floor((this.uint32() / 0x1_0000_0000) * limit);
  }
}
