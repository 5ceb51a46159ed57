import { InputError } from './errors.js';
import { noReservations, type Reservation, reservationIdentity, type ResourceItem, withParts } from './item.js';
import { cut } from './quote.js';
import { badResources, checkReservations, readReservation, type ReservationInput } from './read-item.js';
import { equals, itemsOf, mapItems, type Resources, someOther } from './resources.js';

/**
 * The same resources without any reservation.
 *
 * @remarks Since 0.1.0
 */
export function toUnreserved(r: Resources): Resources {
  if (!someOther(r, (item) => item.reservations.length > 0)) return r;
  return mapItems(r, (item) => withParts(item, { reservations: noReservations }));
}

/**
 * The same resources with one more reservation on each item (RES-23).
 *
 * @throws InputError `bad-resources` if the result would not be a valid stack.
 * @remarks Since 0.1.0
 */
export function pushReservation(r: Resources, reservation: ReservationInput): Resources {
  const top = readReservation(reservation, 'reservation');
  return mapItems(r, (item) => {
    const stack: readonly Reservation[] = Object.freeze([...item.reservations, top]);
    checkReservations(stack, 'reservations');
    return withParts(item, { reservations: stack });
  });
}

/**
 * The same resources with the last reservation of each item taken away.
 *
 * @throws InputError `bad-resources` if an item has none.
 * @remarks Since 0.1.0
 */
export function popReservation(r: Resources): Resources {
  return mapItems(r, popItem);
}

function popped(stack: readonly Reservation[]): readonly Reservation[] {
  // Not slice: V8 copies a frozen array sixty times slower with it.
  return stack.length === 1 ? noReservations : Object.freeze(stack.filter((_, i) => i < stack.length - 1));
}

/** One item with its last reservation taken away. */
export function popItem(item: ResourceItem): ResourceItem {
  if (item.reservations.length === 0) throw badResources('reservations', `Resource ${cut(item.name)} is not reserved`);
  return withParts(item, { reservations: popped(item.reservations) });
}

/**
 * The same resources with the reservations that both have in common: what a re-reservation goes through. Both must be the
 * same resources but for their reservations, with one stack each.
 *
 * @throws InputError `bad-operation` if they are not.
 * @remarks Since 0.1.0
 */
export function reservationAncestor(a: Resources, b: Resources): Resources {
  const base = toUnreserved(a);
  if (!equals(base, toUnreserved(b)))
    throw new InputError('bad-operation', 'resources', `${a} is not ${b} reserved otherwise`);
  const common = commonStack([...itemsOf(a), ...itemsOf(b)]);
  return common.length === 0 ? base : mapItems(base, (item) => withParts(item, { reservations: common }));
}

/** The longest stack that all items begin with. */
function commonStack(items: readonly ResourceItem[]): readonly Reservation[] {
  const [first] = items;
  if (first === undefined) return [];
  let length = first.reservations.length;
  for (const item of items) {
    let same = 0;
    while (same < length && sameReservation(first.reservations[same], item.reservations[same])) same += 1;
    length = same;
  }
  return Object.freeze(first.reservations.filter((_, i) => i < length));
}

/** Whether two items are reserved alike: the same stack. */
export function sameReservations(a: ResourceItem, b: ResourceItem): boolean {
  const depth = a.reservations.length;
  if (depth !== b.reservations.length) return false;
  return a.reservations.every((reservation, i) => sameReservation(reservation, b.reservations[i]));
}

function sameReservation(a: Reservation | undefined, b: Reservation | undefined): boolean {
  return a !== undefined && b !== undefined && reservationIdentity(a) === reservationIdentity(b);
}
