import { compareText } from './ids.js';
import {
  allocationIdentity,
  formatItem,
  freezeItem,
  identityOf,
  isEmptyItem,
  isIndivisible,
  type ResourceItem,
  withParts,
  withValue,
} from './item.js';
import { quote } from './quote.js';
import { badResources, checkRole, readItem, type ResourceInput } from './read-item.js';
import { addMilli } from './scalar.js';
import { readText, textOf, valueText } from './text.js';
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

const brand: unique symbol = Symbol.for('proffer.resources');
const itemKey: unique symbol = Symbol.for('proffer.items');
const identityKey: unique symbol = Symbol.for('proffer.identities');

/**
 * What a bag is made of. Nobody outside comes by it, so it need not be frozen, which takes four times as long as adding;
 * a user sees {@link Resources.items}. The keys are registered, so that the ESM and the CommonJS copy can read each other.
 */
interface Bag {
  [itemKey]: readonly ResourceItem[];
  [identityKey]: readonly string[] | null;
}

/** An item as JSON: as it may be written, with its value as text where text can hold it. */
export type ItemJson = Omit<ResourceItem, 'value' | 'reservations' | 'shared'> & {
  readonly value: string | Value;
  readonly reservations?: ResourceItem['reservations'];
  readonly shared?: true | number;
};

/**
 * Everything that can be read as resources; a list means the sum of its elements.
 *
 * @example
 * ```ts
 * 'cpus:4;mem:8192;ports:[31000-32000]'
 * ['cpus:4', { name: 'disk', value: 128, role: 'db', disk: { id: 'v1', path: 'data' } }]
 * ```
 * @remarks Since 0.1.0
 */
export type ResourcesLike = string | ResourceInput | ResourceItem | Resources | readonly ResourcesLike[];

/**
 * An immutable bag of resource items (RES-2): sorted by name, then by metadata; added up where they can be added; none
 * empty. An absent name means none of it. Made by {@link resources} and the functions of this folder only.
 *
 * @remarks Since 0.1.0
 */
export class Resources {
  static {
    // A registered symbol, so that the ESM and the CommonJS copy of this class know each other's instances, and on the
    // prototype, so that no JSON can pass for one.
    Object.defineProperty(this.prototype, brand, { value: true });
    // No instance can be given a method of its own.
    Object.freeze(this.prototype);
  }

  /** @internal */
  constructor(items: readonly ResourceItem[], identities: readonly string[] | null) {
    const own = this as unknown as Bag;
    own[itemKey] = items;
    own[identityKey] = identities;
  }

  /** The items in order, frozen. */
  get items(): readonly ResourceItem[] {
    // Only now: most sums are never looked at.
    const items = itemsOf(this);
    if (!Object.isFrozen(items)) {
      for (const item of items) freezeItem(item);
      Object.freeze(items);
    }
    return items;
  }

  /** As {@link format}. */
  toString(): string {
    return format(this);
  }

  /** The text form where it can hold everything, else the items; {@link resources} reads either back. */
  toJSON(): string | ItemJson[] {
    return textOf(itemsOf(this)) ?? itemsOf(this).map(itemJson);
  }
}

/** The items of a bag as they are, unfrozen perhaps: not for handing out. */
export function itemsOf(r: Resources): readonly ResourceItem[] {
  return (r as unknown as Bag)[itemKey];
}

/** The metadata of each item as a text ({@link identityOf}); `null` while all are plain. */
export function identitiesOf(r: Resources): readonly string[] | null {
  return (r as unknown as Bag)[identityKey];
}

/**
 * No resources.
 *
 * @remarks Since 0.1.0
 */
export const noResources: Resources = new Resources([], null);

/** Whether a value was made by this library, be it by another copy of it. */
export function isResources(value: unknown): value is Resources {
  return value instanceof Resources || (typeof value === 'object' && value !== null && brand in value);
}

/**
 * Reads resources: text, an item, a list of such, or resources already made, which come back as they are.
 *
 * @param path - what to call the place in errors.
 * @throws InputError `bad-resources`: the path of the field, and a message that quotes the offending part; `too-large` if
 *   a sum exceeds 2^53 thousandths.
 * @example
 * ```ts
 * resources('cpus:4;mem:8192').toString(); // 'cpus:4; mem:8192'
 * ```
 * @remarks Since 0.1.0
 */
export function resources(like: ResourcesLike, path: string = 'resources'): Resources {
  if (isResources(like)) return like;
  const items: ResourceItem[] = [];
  collect(like, path, items, 0);
  return checkTypes(fromItems(items), path);
}

/**
 * Reads the text form; items that name no role get one static reservation for `role`.
 *
 * @throws InputError `bad-resources`
 * @remarks Since 0.1.0
 */
export function parseWithDefaultRole(text: string, role: string): Resources {
  checkRole(role, 'role');
  return checkTypes(fromItems(readText(text, 'resources', role)), 'resources');
}

const deepest = 64;

function collect(like: unknown, path: string, items: ResourceItem[], depth: number): void {
  if (typeof like === 'string') {
    for (const item of readText(like, path, '*')) items.push(item);
  } else if (isResources(like)) {
    for (const item of itemsOf(like)) items.push(item);
  } else if (Array.isArray(like)) {
    if (depth === deepest) throw badResources(path, `Lists nested deeper than ${deepest}`);
    for (const [i, element] of like.entries()) collect(element, `${path}[${i}]`, items, depth + 1);
  } else if (typeof like === 'object' && like !== null) {
    items.push(readItem(like, path));
  } else {
    throw badResources(path, `Expecting text, an item or a list but found ${quote(like)}`);
  }
}

/** One name, one type (RES-16). */
function checkTypes(r: Resources, path: string): Resources {
  let before: ResourceItem | undefined;
  for (const item of itemsOf(r)) {
    if (before !== undefined && before.name === item.name && before.value.type !== item.value.type) {
      throw badResources(
        path,
        `Resources with the same name (${quote(item.name)}) but different types are not allowed`,
      );
    }
    before = item;
  }
  return r;
}

/** An item and its identity, while a bag is put together. */
interface Entry {
  readonly item: ResourceItem;
  readonly identity: string;
}

/** A bag of items in any order, empty ones among them. */
export function fromItems(items: readonly ResourceItem[]): Resources {
  const entries: Entry[] = [];
  for (const item of items) if (!isEmptyItem(item)) entries.push({ item, identity: identityOf(item) });
  entries.sort(compareEntries);
  const out = new Builder();
  for (let i = 0; i < entries.length;) i = mergeGroup(entries, i, out);
  return out.resources();
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

  /** The items of a bag from one place up to another. */
  pushRun(r: Resources, from: number, to: number): void {
    const items = itemsOf(r);
    for (let i = from; i < to; i += 1) {
      const item = items[i];
      if (item !== undefined) this.push(item, identityAt(r, i));
    }
  }

  size(): number {
    return this.#items.length;
  }

  resources(): Resources {
    return this.#items.length === 0 ? noResources : new Resources(this.#items, this.#identities);
  }
}

/** The identity of the item at a place. */
function identityAt(r: Resources, i: number): string {
  return identitiesOf(r)?.[i] ?? '';
}

/** Whether items of this kind stay apart unless they are the same as a whole (RES-4, RES-5). */
function isWhole(item: ResourceItem): boolean {
  return item.shared !== undefined || isIndivisible(item);
}

/**
 * The sum of two bags.
 *
 * @throws InputError `too-large` if an amount would exceed 2^53 thousandths.
 * @remarks Since 0.1.0
 */
export function add(a: Resources, b: Resources): Resources {
  if (itemsOf(a).length === 0) return b;
  if (itemsOf(b).length === 0) return a;
  const left = itemsOf(a);
  const right = itemsOf(b);
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
  return out.resources();
}

/** A bag of fewer items is walked through item by item: that is faster than to seek. */
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

/**
 * The sum of any number of bags, at once: one by one, many would take quadratic time.
 *
 * @throws InputError `too-large`, as {@link add}
 * @remarks Since 0.1.0
 */
export function sum(parts: readonly Resources[]): Resources {
  const [first, ...others] = parts;
  if (first === undefined || others.length === 0) return first ?? noResources;
  return fromItems(parts.flatMap(itemsOf));
}

/**
 * What is left of `a` without `b`, never less than nothing: what `b` has beyond `a` does not count (RES-7). Of things that
 * cannot be divided only an equal whole is taken (RES-5).
 *
 * @remarks Since 0.1.0
 */
export function subtract(a: Resources, b: Resources): Resources {
  if (itemsOf(a).length === 0 || itemsOf(b).length === 0) return a;
  const whole = itemsOf(a);
  const taken = itemsOf(b);
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
  return out.resources();
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

/**
 * Whether `whole` has all of `part` (RES-11): every item of the part in one item of the whole with the same metadata;
 * things that cannot be divided one for one; at least as many copies of shared ones. Both may be as written.
 *
 * @throws InputError `bad-resources`
 * @example
 * ```ts
 * contains(offer.resources, 'cpus:1;mem:128')
 * ```
 * @remarks Since 0.1.0
 */
export function contains(whole: ResourcesLike, part: ResourcesLike): boolean {
  return containsAll(resources(whole, 'whole'), resources(part, 'part'));
}

function containsAll(whole: Resources, part: Resources): boolean {
  if (whole === part) return true;
  const there = itemsOf(whole);
  let i = 0;
  for (const [j, y] of itemsOf(part).entries()) {
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

/**
 * Whether each bag contains the other (RES-10).
 *
 * @remarks Since 0.1.0
 */
export function equals(a: Resources, b: Resources): boolean {
  return a === b || (itemsOf(a).length === itemsOf(b).length && contains(a, b) && contains(b, a));
}

/**
 * Whether nothing is there.
 *
 * @remarks Since 0.1.0
 */
export function isEmpty(r: Resources): boolean {
  return itemsOf(r).length === 0;
}

/**
 * How many distinct items there are; copies of a shared one count once.
 *
 * @remarks Since 0.1.0
 */
export function size(r: Resources): number {
  return itemsOf(r).length;
}

/**
 * How many copies of a shared item are here; for any other 1 if an equal one is here, else 0.
 *
 * @remarks Since 0.1.0
 */
export function count(r: Resources, item: ResourceItem): number {
  const identity = identityOf(item);
  for (const [i, x] of itemsOf(r).entries()) {
    if (compareKeys(x, identityAt(r, i), item, identity) === 0 && compareValues(x.value, item.value) === 0)
      return x.shared ?? 1;
  }
  return 0;
}

/** Those items for which `keep` holds. */
export function filterItems(r: Resources, keep: (item: ResourceItem) => boolean): Resources {
  const out = new Builder();
  for (const [i, item] of itemsOf(r).entries()) if (keep(item)) out.push(item, identityAt(r, i));
  return out.size() === itemsOf(r).length ? r : out.resources();
}

/** The items by what `keyOf` says of them; those of which it says `undefined` are left out. */
export function groupItems(r: Resources, keyOf: (item: ResourceItem) => string | undefined): Map<string, Resources> {
  const groups = new Map<string, Builder>();
  for (const [i, item] of itemsOf(r).entries()) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const group = groups.get(key) ?? new Builder();
    group.push(item, identityAt(r, i));
    groups.set(key, group);
  }
  return new Map(Array.from(groups, ([key, group]) => [key, group.resources()]));
}

/** Every item changed, and the result added up anew. */
export function mapItems(r: Resources, change: (item: ResourceItem) => ResourceItem): Resources {
  return fromItems(itemsOf(r).map(change));
}

/**
 * The same resources, allocated to a role (RES-22).
 *
 * @throws InputError `bad-resources` if that is no role.
 * @remarks Since 0.1.0
 */
export function allocate(r: Resources, role: string): Resources {
  checkRole(role, 'role');
  if (itemsOf(r).every((item) => item.allocated === role)) return r;
  if (identitiesOf(r) !== null) return mapItems(r, (item) => withParts(item, { allocated: role }));
  // Plain items keep their order and get one metadata: the usual case, whenever something is offered.
  const items: ResourceItem[] = [];
  const identities: string[] = [];
  const identity = allocationIdentity(role);
  for (const { name, value, reservations } of itemsOf(r)) {
    items.push({ name, value, reservations, allocated: role });
    identities.push(identity);
  }
  return new Resources(items, identities);
}

/**
 * Resources as people read them (RES-17): items joined by `; `, `{}` if there are none.
 *
 * @remarks Since 0.1.0
 */
export function format(r: Resources): string {
  return itemsOf(r).length === 0 ? '{}' : itemsOf(r).map(formatCopies).join('; ');
}

/** One item among others: of a shared one it is also said how many copies there are (RES-4). */
function formatCopies(item: ResourceItem): string {
  return item.shared === undefined ? formatItem(item) : `${formatItem(item)}<${item.shared}>`;
}

function itemJson(item: ResourceItem): ItemJson {
  const { name, value, reservations, shared, ...rest } = item;
  return {
    name,
    value: valueText(value) ?? value,
    ...(reservations.length === 0 ? {} : { reservations }),
    ...(shared === undefined ? {} : { shared: shared === 1 ? true : shared }),
    ...rest,
  };
}
