import { columnsEqual } from './columns.js';
import { mix } from './hash.js';
import { columnsIn, isPlainScalars, plainMillis, plainNames, type Resources } from './resources.js';

/** How many values are remembered at most. */
const places = 1_024;

/**
 * Values that were seen lately, so that rows which are kept for long need not each have an equal one of their own. What it
 * shares must be immutable. A value that falls on the place of another takes it.
 */
export class Pool<T> {
  readonly #values: (T | undefined)[] = Array.from({ length: places }, () => undefined);
  readonly #same: (a: T, b: T) => boolean;

  /** @param same - whether one can stand for the other */
  constructor(same: (a: T, b: T) => boolean) {
    this.#same = same;
  }

  /** The value, or one that is the same. */
  share(value: T, hash: number): T {
    const place = hash % places;
    const known = this.#values[place];
    if (known !== undefined && this.#same(known, value)) return known;
    this.#values[place] = value;
    return value;
  }
}

const bags = new Pool<Resources>((a, b) => {
  return plainNames(a) === plainNames(b) && columnsEqual(columnsIn(a), columnsIn(b));
});

/**
 * The bag, or an equal one: what machines of one kind have left, or frameworks hold of them, is the same over and over. Bags
 * with more than plain scalars come back as they are.
 */
export function pooled(r: Resources): Resources {
  return isPlainScalars(r) ? bags.share(r, hashOfPlain(r)) : r;
}

/** A hash of the plain scalars of a bag. */
export function hashOfPlain(r: Resources): number {
  return mix(...plainMillis(r));
}
