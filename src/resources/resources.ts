import {
  addColumns,
  addPlaces,
  type Columns,
  columnsContain,
  columnsEqual,
  columnsOf,
  milliOf,
  noNames,
  subtractPlaces,
  withoutZeros,
} from './columns.js';
import { compareText } from './ids.js';
import {
  allocationIdentity,
  formatItem,
  freezeItem,
  identityOf,
  isPlain,
  noReservations,
  type ResourceItem,
  simpleItem,
  withParts,
} from './item.js';
import { TextMemo } from './memo.js';
import { formatAmounts } from './quantities.js';
import { quote } from './quote.js';
import { badResources, checkRole, readItem, type ResourceInput } from './read-item.js';
import { addRests, countIn, groupRest, type Rest, restContains, restFrom, subtractRests } from './rest.js';
import { MAX_MILLI } from './scalar.js';
import { readScalars, readText, scalarsText, textOf, valueText } from './text.js';
import { scalarValue, type Value } from './values.js';

const brand: unique symbol = Symbol.for('proffer.resources');
const nameKey: unique symbol = Symbol.for('proffer.names');
const milliKey: unique symbol = Symbol.for('proffer.millis');
const restKey: unique symbol = Symbol.for('proffer.rest');

/**
 * What a bag is made of. Most bags are amounts of cpus, memory and disk without any metadata, and there are millions: these
 * are two columns, of which that of names is shared. All other items are {@link Rest}. Nobody outside comes by either; a
 * user sees {@link Resources.items}. The keys are registered, so that the ESM and the CommonJS copy can read each other.
 */
interface Bag {
  [nameKey]: readonly string[];
  [milliKey]: readonly number[];
  [restKey]: Rest | null;
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

/** A place for the list of items of a bag, once somebody asked for it: a private one, for it is no part of the value. */
class ItemList {
  #items: readonly ResourceItem[] | null = null;

  /** What was kept of it. */
  static of(bag: object): readonly ResourceItem[] | null {
    return #items in bag ? bag.#items : null;
  }

  static keep(bag: object, items: readonly ResourceItem[]): void {
    if (#items in bag) bag.#items = items;
  }
}

/**
 * The base class by another type: a type with a private member fits itself only, and the declarations of the ESM and of
 * the CommonJS copy must fit each other.
 */
const Base: new () => object = ItemList;

/**
 * An immutable bag of resource items (RES-2): sorted by name, then by metadata; added up where they can be added; none
 * empty. An absent name means none of it. Made by {@link resources} and the functions of this folder only.
 *
 * @remarks Since 0.1.0
 */
export class Resources extends Base {
  static {
    // A registered symbol, so that the ESM and the CommonJS copy of this class know each other's instances, and on the
    // prototype, so that no JSON can pass for one.
    Object.defineProperty(this.prototype, brand, { value: true });
    // No instance can be given a method of its own.
    Object.freeze(this.prototype);
  }

  /** @internal @param names - a list that others share. @param millis - none 0; nobody writes to it any more. */
  constructor(names: readonly string[], millis: readonly number[], rest: Rest | null) {
    super();
    const own = this as unknown as Bag;
    own[nameKey] = names;
    own[milliKey] = millis;
    own[restKey] = rest;
  }

  /** The items in order, frozen. */
  get items(): readonly ResourceItem[] {
    const known = ItemList.of(this);
    if (known !== null) return known;
    const items = itemsOf(this);
    for (const item of items) freezeItem(item);
    Object.freeze(items);
    ItemList.keep(this, items);
    return items;
  }

  /** As {@link format}. */
  override toString(): string {
    return format(this);
  }

  /** The text form where it can hold everything, else the items; {@link resources} reads either back. */
  toJSON(): string | ItemJson[] {
    const text = isPlainScalars(this) ? scalarsText(plainNames(this), plainMillis(this)) : textOf(itemsOf(this));
    return text ?? itemsOf(this).map(itemJson);
  }
}

/** The names of the plain scalars of a bag, in order: scalars without any metadata. */
export function plainNames(r: Resources): readonly string[] {
  return (r as unknown as Bag)[nameKey];
}

/** The thousandths of the plain scalars, in the order of {@link plainNames}: not for handing out. */
export function plainMillis(r: Resources): readonly number[] {
  return (r as unknown as Bag)[milliKey];
}

/** The items that are no plain scalars; `null` if there are none. */
export function restOf(r: Resources): Rest | null {
  return (r as unknown as Bag)[restKey];
}

/**
 * Whether all is plain scalars: amounts of names, with no metadata. Takes no look at the items.
 *
 * @remarks Since 0.1.0
 */
export function isPlainScalars(r: Resources): boolean {
  return restOf(r) === null;
}

/** The plain scalars of a bag, whatever else it has. */
export function columnsIn(r: Resources): Columns {
  return { names: plainNames(r), millis: plainMillis(r) };
}

/** The names and amounts of a bag that has nothing but plain scalars; `undefined` for any other. */
export function plainColumns(r: Resources): Columns | undefined {
  return restOf(r) === null ? columnsIn(r) : undefined;
}

/** The bag of these amounts, none of them 0, and other items. */
function bagOfColumns({ names, millis }: Columns, rest: Rest | null): Resources {
  return names.length === 0 && rest === null ? noResources : new Resources(names, millis, rest);
}

/** The bag of these amounts, zeros among them, and other items. */
export function bagOf(names: readonly string[], millis: readonly number[], rest: Rest | null): Resources {
  return bagOfColumns(withoutZeros(names, millis), rest);
}

/**
 * All items, unfrozen perhaps: not for handing out. Made at each call if the bag has plain scalars; to ask for
 * {@link Resources.items} keeps them as long as the bag.
 */
export function itemsOf(r: Resources): readonly ResourceItem[] {
  const names = plainNames(r);
  const others = restOf(r)?.items ?? [];
  if (names.length === 0) return others;
  const items: ResourceItem[] = [];
  let next = 0;
  for (const [i, name] of names.entries()) {
    for (let other = others[next]; other !== undefined && compareText(other.name, name) < 0; other = others[next]) {
      items.push(other);
      next += 1;
    }
    // Before all others of its name: it has no metadata, and scalars come first.
    items.push(simpleItem(name, scalarValue(plainMillis(r)[i] ?? 0), noReservations));
  }
  for (; next < others.length; next += 1) items.push(others[next] as ResourceItem);
  return items;
}

/** The metadata of each item that is no plain scalar, as a text ({@link identityOf}); `null` while all are plain. */
export function identitiesOf(r: Resources): readonly string[] | null {
  return restOf(r)?.identities ?? null;
}

/**
 * No resources.
 *
 * @remarks Since 0.1.0
 */
export const noResources: Resources = new Resources(noNames, [], null);

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
  if (typeof like === 'string') return texts.recall(like, (text) => fromText(text, path));
  if (isResources(like)) return like;
  const items: ResourceItem[] = [];
  collect(like, path, items, 0);
  return checkTypes(fromItems(items), path);
}

const texts = new TextMemo<Resources>();

function fromText(text: string, path: string): Resources {
  const amounts = readScalars(text);
  if (amounts !== undefined) return bagOfColumns(columnsOf(amounts.names, amounts.millis), null);
  return checkTypes(fromItems(readText(text, path, '*')), path);
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
  if (isPlainScalars(r)) return r;
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

/** A bag of items in any order, empty ones among them. */
export function fromItems(items: readonly ResourceItem[]): Resources {
  const names: string[] = [];
  const millis: number[] = [];
  const others: ResourceItem[] = [];
  for (const item of items) {
    if (item.value.type === 'scalar' && isPlain(item)) {
      names.push(item.name);
      millis.push(item.value.milli);
    } else others.push(item);
  }
  return bagOfColumns(columnsOf(names, millis), restFrom(others));
}

/**
 * The sum of two bags.
 *
 * @throws InputError `too-large` if an amount would exceed 2^53 thousandths.
 * @remarks Since 0.1.0
 */
export function add(a: Resources, b: Resources): Resources {
  const names = plainNames(a);
  const others = restOf(a);
  const more = restOf(b);
  if (names.length === 0 && others === null) return b;
  if (plainNames(b).length === 0 && more === null) return a;
  if (names === plainNames(b)) {
    const millis = addPlaces(plainMillis(a), plainMillis(b));
    return new Resources(names, millis, addRests(others, more));
  }
  const sums = addColumns(columnsIn(a), columnsIn(b));
  return new Resources(sums.names, sums.millis, addRests(others, more));
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
  return sumOfAlike(first, others) ?? fromItems(parts.flatMap(itemsOf));
}

/** The sum of bags of plain scalars of the same names, as most are; `undefined` for any others, and for too much. */
function sumOfAlike(first: Resources, others: readonly Resources[]): Resources | undefined {
  const names = plainNames(first);
  const sums = plainMillis(first).slice();
  if (!isPlainScalars(first)) return undefined;
  for (const other of others) {
    if (plainNames(other) !== names || !isPlainScalars(other)) return undefined;
    const millis = plainMillis(other);
    for (let i = 0; i < sums.length; i += 1) sums[i] = (sums[i] as number) + (millis[i] as number);
  }
  return sums.some((milli) => milli > MAX_MILLI) ? undefined : bagOf(names, sums, null);
}

/**
 * What is left of `a` without `b`, never less than nothing: what `b` has beyond `a` does not count (RES-7). Of things that
 * cannot be divided only an equal whole is taken (RES-5).
 *
 * @remarks Since 0.1.0
 */
export function subtract(a: Resources, b: Resources): Resources {
  if (isEmpty(a) || isEmpty(b)) return a;
  const names = plainNames(a);
  const rest = subtractRests(restOf(a), restOf(b));
  if (names.length === 0 || plainNames(b).length === 0) return bagOf(names, plainMillis(a), rest);
  return bagOf(names, subtractPlaces(columnsIn(a), columnsIn(b)), rest);
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
  return (
    whole === part || (columnsContain(columnsIn(whole), columnsIn(part)) && restContains(restOf(whole), restOf(part)))
  );
}

/**
 * Whether each bag contains the other (RES-10).
 *
 * @remarks Since 0.1.0
 */
export function equals(a: Resources, b: Resources): boolean {
  if (a === b) return true;
  if (!columnsEqual(columnsIn(a), columnsIn(b))) return false;
  const left = restOf(a);
  const right = restOf(b);
  return left?.items.length === right?.items.length && restContains(left, right) && restContains(right, left);
}

/**
 * Whether nothing is there.
 *
 * @remarks Since 0.1.0
 */
export function isEmpty(r: Resources): boolean {
  return plainNames(r).length === 0 && restOf(r) === null;
}

/**
 * How many distinct items there are; copies of a shared one count once.
 *
 * @remarks Since 0.1.0
 */
export function size(r: Resources): number {
  return plainNames(r).length + (restOf(r)?.items.length ?? 0);
}

/**
 * How many copies of a shared item are here; for any other 1 if an equal one is here, else 0.
 *
 * @remarks Since 0.1.0
 */
export function count(r: Resources, item: ResourceItem): number {
  const { name, value } = item;
  if (value.type !== 'scalar' || !isPlain(item)) return countIn(restOf(r), item, identityOf(item));
  return value.milli !== 0 && milliOf(columnsIn(r), name) === value.milli ? 1 : 0;
}

/**
 * Whether there is any of a name, whatever its type and metadata.
 *
 * @remarks Since 0.1.0
 */
export function hasName(r: Resources, name: string): boolean {
  return plainNames(r).includes(name) || (restOf(r)?.items.some((item) => item.name === name) ?? false);
}

/** Whether some item is no plain scalar and like this. */
export function someOther(r: Resources, test: (item: ResourceItem) => boolean): boolean {
  return restOf(r)?.items.some(test) ?? false;
}

/** The plain scalars, or none of them, and other items instead of its own; the same bag if that is all it has. */
export function withRest(r: Resources, plain: 'with-plain' | 'no-plain', rest: Rest | null): Resources {
  const names = plainNames(r);
  const keepsPlain = plain === 'with-plain' || names.length === 0;
  if (keepsPlain && rest === restOf(r)) return r;
  return keepsPlain ? bagOf(names, plainMillis(r), rest) : bagOf(noNames, [], rest);
}

/** The items that are no plain scalars by what `keyOf` says of them; those of which it says `undefined` are left out. */
export function groupOthers(r: Resources, keyOf: (item: ResourceItem) => string | undefined): Map<string, Resources> {
  const rest = restOf(r);
  const groups = rest === null ? [] : groupRest(rest, keyOf);
  return new Map(groups.map(([key, own]) => [key, bagOf(noNames, [], own)]));
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
  if (plainNames(r).length === 0 && !someOther(r, (item) => item.allocated !== role)) return r;
  if (identitiesOf(r) !== null) return mapItems(r, (item) => withParts(item, { allocated: role }));
  // Plain items keep their order and get one metadata: the usual case, whenever something is offered.
  const items: ResourceItem[] = [];
  const identities: string[] = [];
  const identity = allocationIdentity(role);
  for (const { name, value, reservations } of itemsOf(r)) {
    items.push({ name, value, reservations, allocated: role });
    identities.push(identity);
  }
  return new Resources(noNames, [], { items, identities });
}

/**
 * Resources as people read them (RES-17): items joined by `; `, `{}` if there are none.
 *
 * @remarks Since 0.1.0
 */
export function format(r: Resources): string {
  if (isPlainScalars(r)) return formatAmounts(plainNames(r), plainMillis(r));
  return itemsOf(r).map(formatCopies).join('; ');
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
