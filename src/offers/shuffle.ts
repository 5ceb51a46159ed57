/** The shuffle of a run: a key for each agent, then a radix sort, which keeps equal keys in order. */

const digitBits = 11;
const digits = 1 << digitBits;

/** Sorts slots by their unsigned 32-bit keys; slots of equal keys stay in the order in which they come. */
export class RadixSort {
  readonly #keys: readonly [Uint32Array, Uint32Array];
  readonly #slots: readonly [Int32Array, Int32Array];
  readonly #counts: Int32Array = new Int32Array(digits);

  constructor(size: number) {
    this.#keys = [new Uint32Array(size), new Uint32Array(size)];
    this.#slots = [new Int32Array(size), new Int32Array(size)];
  }

  /** To be filled with a key for each slot, and the slots, before {@link sort}. */
  get keys(): Uint32Array {
    return this.#keys[0];
  }

  get slots(): Int32Array {
    return this.#slots[0];
  }

  /** The keys in order, after {@link sort}. */
  get sortedKeys(): Uint32Array {
    return this.#keys[1];
  }

  /** Sorts the first `size` entries; where the result is, stays so until the next sort. */
  sort(size: number): Int32Array {
    this.#pass(0, 0, size);
    this.#pass(1, digitBits, size);
    this.#pass(0, 2 * digitBits, size);
    return this.#slots[1];
  }

  #pass(from: 0 | 1, shift: number, size: number): void {
    const counts = this.#counts;
    const keys = this.#keys[from];
    const slots = this.#slots[from];
    const sortedKeys = this.#keys[from === 0 ? 1 : 0];
    const sortedSlots = this.#slots[from === 0 ? 1 : 0];
    counts.fill(0);
    for (let i = 0; i < size; i += 1) {
      const digit = ((keys[i] as number) >>> shift) & (digits - 1);
      counts[digit] = (counts[digit] as number) + 1;
    }
    let start = 0;
    for (let digit = 0; digit < digits; digit += 1) {
      const count = counts[digit] as number;
      counts[digit] = start;
      start += count;
    }
    for (let i = 0; i < size; i += 1) {
      const key = keys[i] as number;
      const digit = (key >>> shift) & (digits - 1);
      const to = counts[digit] as number;
      counts[digit] = to + 1;
      sortedKeys[to] = key;
      sortedSlots[to] = slots[i] as number;
    }
  }
}

/**
 * The keys of agents in one run, one after the other: `mix(salt, hash)`, with the half of it that is the same for all
 * agents done once.
 */
export class Lucks {
  readonly #start: number;

  /** @param salt a 32-bit number: `mix(seed, run)`. */
  constructor(salt: number) {
    this.#start = round(round(0x9e3779b9 ^ 2, salt | 0), 0);
  }

  /** The key of an agent, given the hash of its id. */
  of(hash: number): number {
    let h = round(round(this.#start, hash | 0), 0);
    h ^= h >>> 16;
    h = Math.imul(h, 0x85ebca6b);
    h ^= h >>> 13;
    h = Math.imul(h, 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  }
}

/** One round of MurmurHash3. */
function round(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}
