/** The luck of simulations: all of it comes from one seed. */
import { unitExponential } from '../drf/index.js';
import { hashText, mix, unitFrom } from '../resources/index.js';

/**
 * A number in [0, 1) that depends on nothing but its key: taking one thing out of a simulation leaves the luck of all
 * others as it was.
 *
 * @param key what the draw is for, as whole numbers; seed first
 */
export function draw(...key: readonly number[]): number {
  return unitFrom(mix(...key, 1), mix(...key, 2));
}

/** Numbers one after the other, for what is made in one go: a plan, a workload. */
export class Dice {
  readonly #seed: number;
  #drawn = 0;

  /** @param what tells the dice of one seed apart */
  constructor(seed: number, what: string) {
    this.#seed = mix(seed, hashText(what));
  }

  /** In [0, 1). */
  unit(): number {
    this.#drawn += 1;
    return draw(this.#seed, this.#drawn);
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number {
    return least + Math.floor(this.unit() * (most - least + 1));
  }

  /** In [least, most). */
  between(least: number, most: number): number {
    return least + this.unit() * (most - least);
  }

  /** One of several. */
  pick<T>(first: T, ...others: readonly T[]): T {
    return others[this.whole(0, others.length) - 1] ?? first;
  }

  /** Exponentially distributed, with this mean. */
  exponential(mean: number): number {
    this.#drawn += 1;
    return mean * unitExponential(this.#seed, this.#drawn);
  }

  /** Roughly normally distributed around 0 with deviation 1: the sum of twelve units, less six, which needs no logarithm. */
  normal(): number {
    let sum = -6;
    for (let n = 0; n < 12; n += 1) sum += this.unit();
    return sum;
  }
}
