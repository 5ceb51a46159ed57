import { fitted } from './columns.js';
import { isIndivisible, noReservations, reservationRole, type ResourceItem, withParts, withValue } from './item.js';
import { limitOf, type Limits, limitsSubtractQuantities } from './limits.js';
import { amount, fromAmounts, type Quantities, quantitiesSubtract } from './quantities.js';
import {
  add,
  bagOf,
  columnsIn,
  contains,
  fromItems,
  isEmpty,
  itemsOf,
  noResources,
  type Resources,
  restOf,
  someOther,
  subtract,
} from './resources.js';
import { scalarValue } from './values.js';

/**
 * Finds as much as `targets` name, whatever it is reserved for (RES-19): first what is reserved for the target's own role,
 * then what is unreserved, then anything. What one target took the next does not find again.
 *
 * @returns the found items with their own reservations; `undefined` if some target cannot be met.
 * @remarks Since 0.1.0
 */
export function find(r: Resources, targets: Resources): Resources | undefined {
  let rest = r;
  let found = noResources;
  for (const target of itemsOf(targets)) {
    const part = findItem(rest, target);
    if (part === undefined) return undefined;
    rest = subtract(rest, part);
    found = add(found, part);
  }
  return found;
}

function findItem(r: Resources, target: ResourceItem): Resources | undefined {
  let remaining = fromItems([withParts(target, { reservations: noReservations })]);
  let found = noResources;
  for (const item of byPreference(r, reservationRole(target))) {
    const available = fromItems([withParts(item, { reservations: noReservations })]);
    const { reservations } = item;
    if (contains(available, remaining)) {
      return add(found, fromItems(itemsOf(remaining).map((part) => withParts(part, { reservations }))));
    }
    if (contains(remaining, available)) {
      found = add(found, fromItems([item]));
      remaining = subtract(remaining, available);
    }
  }
  return isEmpty(remaining) ? found : undefined;
}

/** The items in the order of RES-19. */
function byPreference(r: Resources, role: string | undefined): ResourceItem[] {
  const rank = (item: ResourceItem): number => {
    const own = reservationRole(item);
    if (own === undefined) return 1;
    return own === role ? 0 : 2;
  };
  return itemsOf(r).toSorted((a, b) => rank(a) - rank(b));
}

/**
 * An item lowered to at most `milli` thousandths (RES-20). A range or a set stays as it is.
 *
 * @returns `undefined` if nothing would be left, or if the item is larger and cannot be divided.
 * @remarks Since 0.1.0
 */
export function shrink(item: ResourceItem, milli: number): ResourceItem | undefined {
  if (item.value.type !== 'scalar' || item.value.milli <= milli) return item;
  if (milli <= 0 || item.shared !== undefined || isIndivisible(item)) return undefined;
  return withValue(item, scalarValue(milli));
}

/**
 * The resources lowered until, name by name, their scalars are within these quantities; a name that is absent there goes
 * altogether. Things that cannot be divided are dropped if they do not fit (QUOTA-8). Ranges and sets stay.
 *
 * @remarks Since 0.1.0
 */
export function shrinkToQuantities(r: Resources, q: Quantities): Resources {
  const lowered = lowerScalars(r, (name) => amount(q, name));
  if (lowered !== undefined) return lowered;
  let rest = q;
  const kept: ResourceItem[] = [];
  for (const item of itemsOf(r)) {
    const part = shrink(item, amount(rest, item.name));
    if (part === undefined) continue;
    kept.push(part);
    rest = quantitiesSubtract(rest, usedBy(part));
  }
  return fromItems(kept);
}

/**
 * The resources lowered until their scalars are within these limits; a name that is absent there is unlimited. Things that
 * cannot be divided are dropped if they do not fit (QUOTA-8). Ranges and sets stay.
 *
 * @remarks Since 0.1.0
 */
export function shrinkToLimits(r: Resources, l: Limits): Resources {
  if (l.names.length === 0) return r;
  const lowered = lowerScalars(r, (name) => limitOf(l, name) ?? Infinity);
  if (lowered !== undefined) return lowered;
  let rest = l;
  const kept: ResourceItem[] = [];
  for (const item of itemsOf(r)) {
    const ceiling = limitOf(rest, item.name);
    const part = ceiling === undefined ? item : shrink(item, ceiling);
    if (part === undefined) continue;
    kept.push(part);
    rest = limitsSubtractQuantities(rest, usedBy(part));
  }
  return fromItems(kept);
}

/** As the two above, where all scalars are plain: then each name is there once. `undefined` for any other bag. */
function lowerScalars(r: Resources, ceilingOf: (name: string) => number): Resources | undefined {
  if (someOther(r, (item) => item.value.type === 'scalar')) return undefined;
  const { names, millis } = columnsIn(r);
  const lowered = millis.map((milli, i) => Math.min(milli, ceilingOf(names[i] as string)));
  return lowered.every((milli, i) => milli === millis[i]) ? r : bagOf(names, fitted(lowered), restOf(r));
}

function usedBy(item: ResourceItem): Quantities {
  return fromAmounts(item.value.type === 'scalar' ? [[item.name, item.value.milli]] : []);
}
