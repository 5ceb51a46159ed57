import { milliOf, sharedNames } from './columns.js';
import { compareText } from './ids.js';
import {
  isPersistentVolume,
  noReservations,
  reservationRole,
  simpleItem,
  unallocatedItem,
  type ResourceItem,
} from './item.js';
import {
  bagOf,
  columnsIn,
  fromItems,
  groupOthers,
  identitiesOf,
  isPlainScalars,
  itemsOf,
  mapItems,
  plainNames,
  type Resources,
  restOf,
  someOther,
  withRest,
} from './resources.js';
import { filterRest } from './rest.js';
import { isStrictSubrole } from './roles.js';
import { addMilli, fromMilli } from './scalar.js';
import { freezeRanges, type Range, rangesUnion, type RangesValue, type Value } from './values.js';

/** All plain scalars, and of the other items those for which `keep` holds. */
function plainAnd(r: Resources, keep: (item: ResourceItem) => boolean): Resources {
  return isPlainScalars(r) ? r : withRest(r, 'with-plain', filterRest(restOf(r), keep));
}

/** The items for which `keep` holds, if that can be no plain scalar. */
function othersOf(r: Resources, keep: (item: ResourceItem) => boolean): Resources {
  return withRest(r, 'no-plain', filterRest(restOf(r), keep));
}

/**
 * The items reserved to exactly this role, or to any.
 *
 * @remarks Since 0.1.0
 */
export function reserved(r: Resources, role?: string): Resources {
  return othersOf(r, (item) => {
    const own = reservationRole(item);
    return own !== undefined && (role === undefined || own === role);
  });
}

/**
 * The reserved items, by the role that they are reserved to.
 *
 * @remarks Since 0.1.0
 */
export function reservedByRole(r: Resources): ReadonlyMap<string, Resources> {
  return groupOthers(r, reservationRole);
}

/**
 * The items that are not reserved.
 *
 * @remarks Since 0.1.0
 */
export function unreserved(r: Resources): Resources {
  return plainAnd(r, (item) => item.reservations.length === 0);
}

/**
 * The items a role may be offered (RES-21): unreserved, or reserved to it or to a role above it.
 *
 * @remarks Since 0.1.0
 */
export function allocatableTo(r: Resources, role: string): Resources {
  return plainAnd(r, (item) => {
    const own = reservationRole(item);
    return own === undefined || own === role || isStrictSubrole(role, own);
  });
}

/**
 * The same resources, allocated to nobody (RES-22).
 *
 * @remarks Since 0.1.0
 */
export function unallocate(r: Resources): Resources {
  if (!someOther(r, (item) => item.allocated !== undefined)) return r;
  return mapItems(r, unallocatedItem);
}

/**
 * The first name of which there is both revocable and other (REV-2); `undefined` if no name is so mixed.
 *
 * @remarks Since 0.1.0
 */
export function mixedRevocable(r: Resources): string | undefined {
  if (isPlainScalars(r)) return undefined;
  // Items come in the order of their names: a name is mixed where its kind changes.
  let before: ResourceItem | undefined;
  for (const item of itemsOf(r)) {
    if (before?.name === item.name && before.revocable !== item.revocable) return item.name;
    before = item;
  }
  return undefined;
}

/**
 * The items allocated to exactly this role.
 *
 * @remarks Since 0.1.0
 */
export function allocatedTo(r: Resources, role: string): Resources {
  return othersOf(r, (item) => item.allocated === role);
}

/**
 * The roles that items are allocated to, in order; the items that are not allocated do not count.
 *
 * @remarks Since 0.1.0
 */
export function allocationRoles(r: Resources): string[] {
  return distinct(othersIn(r).map((item) => item.allocated));
}

/**
 * The roles in effect of all reservations, in order.
 *
 * @remarks Since 0.1.0
 */
export function reservationRoles(r: Resources): string[] {
  return distinct(othersIn(r).map(reservationRole));
}

function othersIn(r: Resources): readonly ResourceItem[] {
  return restOf(r)?.items ?? [];
}

function distinct(texts: readonly (string | undefined)[]): string[] {
  const found = new Set<string>();
  for (const text of texts) if (text !== undefined) found.add(text);
  return [...found].sort(compareText);
}

/**
 * The items that may be taken back from a running task.
 *
 * @remarks Since 0.1.0
 */
export function revocable(r: Resources): Resources {
  return othersOf(r, (item) => item.revocable === true);
}

/**
 * The items that may not be taken back from a running task.
 *
 * @remarks Since 0.1.0
 */
export function nonRevocable(r: Resources): Resources {
  return plainAnd(r, (item) => item.revocable === undefined);
}

/**
 * Whether any item is shared. Most bags tell at once.
 *
 * @remarks Since 0.1.0
 */
export function hasShared(r: Resources): boolean {
  return identitiesOf(r) !== null && someOther(r, (item) => item.shared !== undefined);
}

/**
 * Whether any item may be taken back from a running task. Most bags tell at once.
 *
 * @remarks Since 0.1.0
 */
export function hasRevocable(r: Resources): boolean {
  return identitiesOf(r) !== null && someOther(r, (item) => item.revocable === true);
}

/**
 * Whether any item is a persistent volume. Most bags tell at once.
 *
 * @remarks Since 0.1.0
 */
export function hasPersistentVolumes(r: Resources): boolean {
  return identitiesOf(r) !== null && someOther(r, isPersistentVolume);
}

/**
 * The items without refined reservations: those with one reservation at most (RSV-4).
 *
 * @remarks Since 0.1.0
 */
export function unrefined(r: Resources): Resources {
  return plainAnd(r, (item) => item.reservations.length <= 1);
}

/**
 * The shared items.
 *
 * @remarks Since 0.1.0
 */
export function shared(r: Resources): Resources {
  return othersOf(r, (item) => item.shared !== undefined);
}

/**
 * The items that are not shared.
 *
 * @remarks Since 0.1.0
 */
export function nonShared(r: Resources): Resources {
  return plainAnd(r, (item) => item.shared === undefined);
}

/**
 * The persistent volumes.
 *
 * @remarks Since 0.1.0
 */
export function persistentVolumes(r: Resources): Resources {
  return othersOf(r, isPersistentVolume);
}

/**
 * The scalar items.
 *
 * @remarks Since 0.1.0
 */
export function scalars(r: Resources): Resources {
  return plainAnd(r, (item) => item.value.type === 'scalar');
}

/**
 * The items that are ranges or sets.
 *
 * @remarks Since 0.1.0
 */
export function nonScalars(r: Resources): Resources {
  return othersOf(r, (item) => item.value.type !== 'scalar');
}

/**
 * The items of one name.
 *
 * @remarks Since 0.1.0
 */
export function named(r: Resources, name: string): Resources {
  const { names, millis } = columnsIn(r);
  const own = filterRest(restOf(r), (item) => item.name === name);
  if (names.every((other) => other === name)) return withRest(r, 'with-plain', own);
  const milli = milliOf({ names, millis }, name);
  return milli === 0 ? withRest(r, 'no-plain', own) : bagOf(sharedNames([name]), [milli], own);
}

/**
 * The scalars with all metadata removed; a shared volume counts once, whatever its copies (SHARE-2).
 *
 * @throws InputError `too-large`
 * @remarks Since 0.1.0
 */
export function stripped(r: Resources): Resources {
  if (identitiesOf(r) === null) return scalars(r);
  const items = itemsOf(r).filter((item) => item.value.type === 'scalar');
  return fromItems(items.map(({ name, value }) => simpleItem(name, value, noReservations)));
}

/**
 * The total of one scalar as a plain number, whatever the metadata; `undefined` if there is none.
 *
 * @throws InputError `too-large`
 * @remarks Since 0.1.0
 */
export function scalar(r: Resources, name: string): number | undefined {
  let sum = milliOf(columnsIn(r), name);
  for (const item of othersIn(r)) {
    if (item.name === name && item.value.type === 'scalar') sum = addMilli(sum, item.value.milli);
  }
  return sum === 0 ? undefined : fromMilli(sum);
}

/**
 * The union of all ranges of a name, whatever the metadata; `undefined` if there are none.
 *
 * @remarks Since 0.1.0
 */
export function ranges(r: Resources, name: string): readonly Range[] | undefined {
  const values = rangesNamed(r, name);
  return values.length === 0 ? undefined : freezeRanges(rangesUnion(values).ranges);
}

function rangesNamed(r: Resources, name: string): RangesValue[] {
  const values: RangesValue[] = [];
  for (const { name: own, value } of othersIn(r)) if (own === name && value.type === 'ranges') values.push(value);
  return values;
}

/**
 * The union of all sets of a name, whatever the metadata; `undefined` if there are none.
 *
 * @remarks Since 0.1.0
 */
export function set(r: Resources, name: string): readonly string[] | undefined {
  const items = new Set<string>();
  for (const { name: own, value } of othersIn(r)) {
    if (own === name && value.type === 'set') for (const item of value.items) items.add(item);
  }
  return items.size === 0 ? undefined : [...items];
}

/**
 * The names of all items, each once, in order.
 *
 * @remarks Since 0.1.0
 */
export function resourceNames(r: Resources): string[] {
  return distinct([...plainNames(r), ...othersIn(r).map((item) => item.name)]);
}

/**
 * The type of each name.
 *
 * @remarks Since 0.1.0
 */
export function types(r: Resources): ReadonlyMap<string, Value['type']> {
  return new Map(itemsOf(r).map((item) => [item.name, item.value.type]));
}
