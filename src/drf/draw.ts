import { mix } from '../resources/index.js';

/**
 * A unit exponential variate of a key, the same on every engine and in every release: it is greater than t with a chance
 * of e^-t. Of several clients, the one whose draw / weight is least is each with a chance proportional to its weight, and
 * all of them sorted by it are a weighted shuffle (SORT-12).
 *
 * Engines may differ in the last bit of a logarithm, and whoever replays a recorded history must get its bits. So this is
 * von Neumann's method ("Various techniques used in connection with random digits", 1951), which only compares: draw
 * while each number is smaller than the one before. A run of odd length is kept, and its first number is the part of the
 * result behind the point; each run of even length before it counted one whole. The numbers are hashes of the key, about
 * four of them on average.
 *
 * @param key - what the draw is for, as whole numbers; seed first.
 * @returns a number above 0.
 * @example
 * ```ts
 * const draw = unitExponential(seed, run, hashText(agent), hashText(path));
 * ```
 * @remarks Since 0.1.0
 */
export function unitExponential(...key: readonly number[]): number {
  // Two words, lest keys that meet in one share all their numbers.
  const a = mix(...key, 1);
  const b = mix(...key, 2);
  let next = 0;
  for (let whole = 0; ; whole += 1) {
    const first = mix(a, b, next++);
    let length = 1;
    for (let last = first, draw = mix(a, b, next++); draw < last; draw = mix(a, b, next++)) {
      last = draw;
      length += 1;
    }
    if (length % 2 === 1) return whole + fraction(first, mix(b, a, next));
  }
}

/** 32 bits and 21 more below them. The last one is set: no draw is 0, and so no rank 0 / 0. */
function fraction(high: number, low: number): number {
  return (high * 0x200000 + ((low >>> 11) | 1)) / 0x20000000000000;
}
