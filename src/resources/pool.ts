import { columnsEqual } from './columns.js';
import { mix } from './hash.js';
import { isPlain, type ResourceItem } from './item.js';
import { columnsIn, isPlainScalars, plainMillis, plainNames, restOf, type Resources } from './resources.js';
import { valuesEqual, type Range } from './values.js';

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
  return plainNames(a) === plainNames(b) && columnsEqual(columnsIn(a), columnsIn(b)) && haveSameRanges(a, b);
});

/**
 * The bag, or an equal one: what machines of one kind have left, or frameworks hold of them, is the same over and over. Bags
 * with more than plain scalars, and ranges of one name, as ports are, come back as they are.
 */
export function pooled(r: Resources): Resources {
  if (isPlainScalars(r)) return bags.share(r, hashOfPlain(r));
  const ranges = rangesIn(loneItem(r));
  const first = ranges?.[0];
  if (ranges === undefined || first === undefined) return r;
  const last = ranges[ranges.length - 1] ?? first;
  return bags.share(r, mix(hashOfPlain(r), ranges.length, first.end, last.begin));
}

/** A hash of the plain scalars of a bag. */
export function hashOfPlain(r: Resources): number {
  return mix(...plainMillis(r));
}

/** The only item of a bag that is not a plain scalar. */
function loneItem(r: Resources): ResourceItem | undefined {
  const items = restOf(r)?.items;
  return items?.length === 1 ? items[0] : undefined;
}

function rangesIn(item: ResourceItem | undefined): readonly Range[] | undefined {
  return item !== undefined && item.value.type === 'ranges' && isPlain(item) ? item.value.ranges : undefined;
}

/** Whether what is in the pool of two bags besides plain scalars is the same: nothing, or ranges of one name. */
function haveSameRanges(a: Resources, b: Resources): boolean {
  const [one, other] = [loneItem(a), loneItem(b)];
  if (one === undefined || other === undefined) return one === other;
  return one.name === other.name && valuesEqual(one.value, other.value);
}
