/**
 * The last step of MurmurHash3 (Austin Appleby): every bit of the input flips about half of the bits of the result.
 */
function avalanche(hash: number): number {
  let h = hash;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** As {@link hashText}, but signed: V8 keeps a signed 32-bit number without a box. */
export function hashInt(text: string): number {
  // FNV-1a over the code units; alone its low bits are poor, and the table cuts the hash into fives from below.
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return avalanche(h);
}

/**
 * A hash of a text: a whole number in [0, 2^32), the same on every machine and in every release.
 *
 * Not for keeping secrets: whoever wants two texts with one hash will find them.
 *
 * @remarks Since 0.1.0
 */
export function hashText(text: string): number {
  return hashInt(text) >>> 0;
}

/**
 * Mixes whole numbers (at most 2^53) into one hash in [0, 2^32); order matters. With a seed first this is our only source of luck:
 * a draw is a hash of what it is for, never the next number of a stream.
 *
 * @example
 * ```ts
 * const draw = unitFrom(mix(seed, run, 1), mix(seed, run, 2));
 * ```
 * @remarks Since 0.1.0
 */
export function mix(...numbers: readonly number[]): number {
  let h = 0x9e3779b9 ^ numbers.length;
  for (const number of numbers) {
    h = step(h, number | 0);
    // The high half too: seeds and times are longer than 32 bits.
    h = step(h, Math.floor(number / 0x1_0000_0000) | 0);
  }
  return avalanche(h) >>> 0;
}

/** One round of MurmurHash3. */
function step(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/**
 * Two hashes as a number in [0, 1) with all 53 bits of a double in use.
 *
 * @remarks Since 0.1.0
 */
export function unitFrom(a: number, b: number): number {
  return ((a >>> 5) * 0x4000000 + (b >>> 6)) / 0x20000000000000;
}
