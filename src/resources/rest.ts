/**
 * The items of a bag that are more than an amount of a name: ranges and sets, and whatever has metadata. In order, added up
 * where they can be, none empty.
 */
import { compareText } from './ids.js';
import { identityOf, isEmptyItem, isIndivisible, type ResourceItem, withParts, withValue } from './item.js';
import { addMilli } from './scalar.js';
import {
  compareValues,
  isEmptyValue,
  rangesUnion,
  scalarValue,
  setOf,
  type Value,
  valueContains,
  valuesAdd,
  valuesSubtract,
} from './values.js';

/**
 * Such items, at least one; a bag without any has `null` in this place. Nobody outside comes by it, so it need not be
 * frozen, which takes four times as long as adding.
 */
export interface Rest {
  readonly items: readonly ResourceItem[];
  /** The metadata of each item as a text ({@link identityOf}); `null` while all are plain ranges and sets. */
  readonly identities: readonly string[] | null;
}

/** An item and its identity, while a bag is put together. */
interface Entry {
  readonly item: ResourceItem;
  readonly identity: string;
}

/** What items in any order come to, empty ones among them. */
export function restFrom(items: readonly ResourceItem[]): Rest | null {
  if (items.length === 0) return null;
  const entries: Entry[] = [];
  for (const item of items) if (!isEmptyItem(item)) entries.push({ item, identity: identityOf(item) });
  entries.sort(compareEntries);
  const out = new Builder();
  for (let i = 0; i < entries.length;) i = mergeGroup(entries, i, out);
  return out.rest();
}

/** Adds up the entries from `start` that are one item; returns where the next begins. */
function mergeGroup(entries: readonly Entry[], start: number, out: Builder): number {
  const first = entries[start];
  if (first === undefined) return start + 1;
  let end = start + 1;
  for (let next = entries[end]; next !== undefined && mergeable(first, next); next = entries[end]) end += 1;
  if (end === start + 1) {
    out.push(first.item, first.identity);
    return end;
  }
  const group = entries.slice(start, end).map((entry) => entry.item);
  out.push(sumOf(first.item, group), first.identity);
  return end;
}

/** Whether two neighbours in the order of {@link compareEntries} add up (RES-4). */
function mergeable(a: Entry, b: Entry): boolean {
  if (compareKeys(a.item, a.identity, b.item, b.identity) !== 0) return false;
  if (a.item.shared !== undefined) return compareValues(a.item.value, b.item.value) === 0;
  return !isIndivisible(a.item);
}

/** The sum of several items at once: one by one, many ranges would take quadratic time. */
function sumOf(first: ResourceItem, group: readonly ResourceItem[]): ResourceItem {
  if (first.shared !== undefined) {
    const copies = group.reduce((sum, item) => sum + (item.shared ?? 0), 0);
    return withParts(first, { shared: copies });
  }
  return withValue(first, sumOfValues(group.map((item) => item.value)));
}

function sumOfValues(values: readonly Value[]): Value {
  const ranges = values.filter((value) => value.type === 'ranges');
  if (ranges.length > 0) return rangesUnion(ranges);
  const sets = values.filter((value) => value.type === 'set');
  if (sets.length > 0) return setOf([...new Set(sets.flatMap((value) => value.items))]);
  return scalarValue(values.reduce((sum, value) => (value.type === 'scalar' ? addMilli(sum, value.milli) : sum), 0));
}

const typeOrder = { scalar: 0, ranges: 1, set: 2 } as const;

/** The order of what is added up: name, metadata, type. Zero means one item, or several that stay apart. */
function compareKeys(a: ResourceItem, identityA: string, b: ResourceItem, identityB: string): number {
  if (a.name !== b.name) return compareText(a.name, b.name);
  if (identityA !== identityB) return compareText(identityA, identityB);
  return a.value.type === b.value.type ? 0 : typeOrder[a.value.type] - typeOrder[b.value.type];
}

/** The order of items: by key, then, for those that stay apart, by amount and at last by what does not tell them apart. */
function compareEntries(a: Entry, b: Entry): number {
  const order = compareKeys(a.item, a.identity, b.item, b.identity);
  // What adds up stays in the order it came in, which the union of sets keeps (RES-9).
  return order !== 0 || !isWhole(a.item) ? order : compareWhole(a.item, b.item);
}

function compareWhole(a: ResourceItem, b: ResourceItem): number {
  if (a === b) return 0;
  const order = compareValues(a.value, b.value);
  if (order !== 0 || a.shared !== undefined) return order;
  return compareText(volumeText(a), volumeText(b));
}

function volumeText(item: ResourceItem): string {
  const { path, mode, hostPath, principal } = item.disk ?? {};
  return JSON.stringify([path, mode, hostPath, principal]);
}

/** Collects items that come in order. */
class Builder {
  readonly #items: ResourceItem[] = [];
  #identities: string[] | null = null;

  push(item: ResourceItem, identity: string): void {
    if (identity !== '' && this.#identities === null) this.#identities = this.#items.map(() => '');
    this.#items.push(item);
    this.#identities?.push(identity);
  }

  /** The items from one place up to another. */
  pushRun(run: Rest, from: number, to: number): void {
    for (let i = from; i < to; i += 1) {
      const item = run.items[i];
      if (item !== undefined) this.push(item, identityAt(run, i));
    }
  }

  rest(): Rest | null {
    return this.#items.length === 0 ? null : { items: this.#items, identities: this.#identities };
  }
}

/** The identity of the item at a place. */
function identityAt({ identities }: Rest, i: number): string {
  return identities?.[i] ?? '';
}

/** Whether items of this kind stay apart unless they are the same as a whole (RES-4, RES-5). */
function isWhole(item: ResourceItem): boolean {
  return item.shared !== undefined || isIndivisible(item);
}

/** The sum of two. */
export function addRests(a: Rest | null, b: Rest | null): Rest | null {
  return a === null ? b : b === null ? a : addItemwise(a, b);
}

function addItemwise(a: Rest, b: Rest): Rest | null {
  const left = a.items;
  const right = b.items;
  const out = new Builder();
  let i = 0;
  let j = 0;
  while (true) {
    const x = left[i];
    const y = right[j];
    if (x === undefined || y === undefined) break;
    const order = compareForAdd(x, identityAt(a, i), y, identityAt(b, j));
    if (order === 0) {
      out.push(addItems(x, y), identityAt(a, i++));
      j += 1;
    } else if (order < 0) {
      const end =
        left.length < FEW
          ? i + 1
          : seek(left, i + 1, (other, at) => compareForAdd(other, identityAt(a, at), y, identityAt(b, j)) < 0);
      out.pushRun(a, i, end);
      i = end;
    } else {
      const end =
        right.length < FEW
          ? j + 1
          : seek(right, j + 1, (other, at) => compareForAdd(x, identityAt(a, i), other, identityAt(b, at)) > 0);
      out.pushRun(b, j, end);
      j = end;
    }
  }
  out.pushRun(a, i, left.length);
  out.pushRun(b, j, right.length);
  return out.rest();
}

/** A list of fewer items is walked through item by item: that is faster than to seek. */
const FEW = 16;

/**
 * The first place from `start` on whose item does not come before something. It is sought in steps that double, then by
 * halves: where little is added to a long bag, or taken from it, hardly anything of it is compared.
 */
function seek(
  items: readonly ResourceItem[],
  start: number,
  isBefore: (item: ResourceItem, place: number) => boolean,
): number {
  const comesBefore = (place: number): boolean => {
    const item = items[place];
    return item !== undefined && isBefore(item, place);
  };
  let low = start;
  let step = 1;
  while (low + step <= items.length && comesBefore(low + step - 1)) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low + step - 1, items.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comesBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Zero if the two add up, else which of them comes first. */
function compareForAdd(x: ResourceItem, identityX: string, y: ResourceItem, identityY: string): number {
  const order = compareKeys(x, identityX, y, identityY);
  if (order !== 0 || !isWhole(x)) return order;
  const whole = compareWhole(x, y);
  // Shared copies add up if they are equal; two indivisible things stay two.
  return whole === 0 && x.shared === undefined ? -1 : whole;
}

function addItems(x: ResourceItem, y: ResourceItem): ResourceItem {
  if (x.shared !== undefined) return withParts(x, { shared: x.shared + (y.shared ?? 0) });
  return withValue(x, valuesAdd(x.value, y.value));
}

/** What is left of `a` without `b` (RES-5, RES-7). */
export function subtractRests(a: Rest | null, b: Rest | null): Rest | null {
  return a === null || b === null ? a : subtractItemwise(a, b);
}

function subtractItemwise(a: Rest, b: Rest): Rest | null {
  const whole = a.items;
  const taken = b.items;
  const out = new Builder();
  let i = 0;
  let j = 0;
  while (true) {
    const x = whole[i];
    const y = taken[j];
    if (x === undefined || y === undefined) break;
    const identity = identityAt(a, i);
    const order = compareForSubtract(x, identity, y, identityAt(b, j));
    if (order === 0) {
      const rest = subtractItem(x, y);
      if (rest !== undefined) out.push(rest, identity);
      // Each is matched once: of two that are equal the second takes the second.
      i += 1;
      j += 1;
    } else if (order < 0) {
      const end =
        whole.length < FEW
          ? i + 1
          : seek(whole, i + 1, (other, at) => compareForSubtract(other, identityAt(a, at), y, identityAt(b, j)) < 0);
      out.pushRun(a, i, end);
      i = end;
    } else {
      j =
        taken.length < FEW
          ? j + 1
          : seek(taken, j + 1, (other, at) => compareForSubtract(other, identityAt(b, at), x, identity) < 0);
    }
  }
  out.pushRun(a, i, whole.length);
  return out.rest();
}

/** The order of keys; for wholes also that of amounts. Zero if the one can be taken from the other. */
function compareForSubtract(y: ResourceItem, identityY: string, x: ResourceItem, identityX: string): number {
  const order = compareKeys(y, identityY, x, identityX);
  return order !== 0 || !isWhole(x) ? order : compareValues(y.value, x.value);
}

/** What is left, or `undefined` for nothing. */
function subtractItem(x: ResourceItem, y: ResourceItem): ResourceItem | undefined {
  if (x.shared !== undefined) {
    const copies = x.shared - (y.shared ?? 0);
    return copies > 0 ? withParts(x, { shared: copies }) : undefined;
  }
  if (isIndivisible(x)) return undefined;
  const value = valuesSubtract(x.value, y.value);
  return isEmptyValue(value) ? undefined : withValue(x, value);
}

/** Whether `whole` has all of `part` (RES-11). */
export function restContains(whole: Rest | null, part: Rest | null): boolean {
  if (part === null || whole === part) return true;
  return whole !== null && containsItemwise(whole, part);
}

function containsItemwise(whole: Rest, part: Rest): boolean {
  const there = whole.items;
  let i = 0;
  for (const [j, y] of part.items.entries()) {
    const identity = identityAt(part, j);
    if (there.length >= FEW) {
      i = seek(there, i, (other, at) => compareForSubtract(other, identityAt(whole, at), y, identity) < 0);
    }
    let x = there[i];
    while (x !== undefined && compareForSubtract(x, identityAt(whole, i), y, identity) < 0) x = there[++i];
    if (x === undefined || compareForSubtract(x, identityAt(whole, i), y, identity) !== 0) return false;
    if (!itemContains(x, y)) return false;
    i += 1;
  }
  return true;
}

function itemContains(x: ResourceItem, y: ResourceItem): boolean {
  if (x.shared !== undefined) return x.shared >= (y.shared ?? 0);
  return valueContains(x.value, y.value);
}

/** How many copies of a shared item are here; for any other 1 if an equal one is here, else 0. */
export function countIn(rest: Rest | null, item: ResourceItem, identity: string): number {
  if (rest === null) return 0;
  for (const [i, x] of rest.items.entries()) {
    if (compareKeys(x, identityAt(rest, i), item, identity) === 0 && compareValues(x.value, item.value) === 0)
      return x.shared ?? 1;
  }
  return 0;
}

/** Those items for which `keep` holds; the same object if that is all. */
export function filterRest(rest: Rest | null, keep: (item: ResourceItem) => boolean): Rest | null {
  if (rest === null || rest.items.every(keep)) return rest;
  const out = new Builder();
  for (const [i, item] of rest.items.entries()) if (keep(item)) out.push(item, identityAt(rest, i));
  return out.rest();
}

/** The items by what `keyOf` says of them; those of which it says `undefined` are left out. */
export function groupRest(rest: Rest, keyOf: (item: ResourceItem) => string | undefined): [string, Rest | null][] {
  const groups = new Map<string, Builder>();
  for (const [i, item] of rest.items.entries()) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const group = groups.get(key) ?? new Builder();
    group.push(item, identityAt(rest, i));
    groups.set(key, group);
  }
  return Array.from(groups, ([key, group]) => [key, group.rest()]);
}
