/** Taking out of an offer what a task asks for. */
import type { Offer } from '../../cluster/index.js';
import {
  add,
  contains,
  find,
  isEmpty,
  isPlainScalars,
  noResources,
  pushReservation,
  reservationRole,
  reserved,
  resources,
  subtract,
  type ResourceItem,
  type Resources,
  type ResourcesLike,
} from '../../resources/index.js';

/** What a task asks for. */
export interface Wish {
  readonly resources: ResourcesLike;
  /** So many ports of whatever number, besides ports that `resources` names. Default 0. */
  readonly ports?: number;
  /** Whether it may run on what can be taken back from it (REV-1): that is taken first then. Default false. */
  readonly revocable?: boolean;
}

/** What was found for a wish. */
export interface Taken {
  /** To launch with: the items as they were offered, reservations and all. */
  readonly resources: Resources;
  /** The ports that were picked for `ports`, in order; they are in `resources`. */
  readonly ports: readonly number[];
  /** What is left. */
  readonly rest: Resources;
}

/**
 * Takes what a wish names out of what was offered: first what is reserved for the role, or one above it, then what is
 * reserved for nobody. Of ports the lowest come first. Revocable resources are only taken for who asks for them.
 *
 * @param role whose the offer is.
 * @returns `undefined` if there is not enough of something.
 * @throws InputError `bad-resources` for a wish that is none.
 * @example
 * const taken = take(offer.resources, { resources: 'cpus:1;mem:64', ports: 1 }, offer.role);
 * if (taken) driver.launch(offer, { id: 't1', resources: taken.resources, payload: { port: taken.ports[0] } });
 */
export function take(offered: Resources, wish: Wish, role = '*'): Taken | undefined {
  const { ports: count = 0, revocable = false } = wish;
  const wanted = resources(wish.resources);
  const found = takeItems(offered, wanted, role, revocable);
  if (found === undefined) return undefined;
  const rest = isEmpty(found) ? offered : subtract(offered, found);
  if (count === 0) return { resources: found, ports: [], rest };
  const ports = takePorts(rest, count, revocable);
  if (ports === undefined) return undefined;
  const numbers = ports.flatMap(({ numbers: of }) => of);
  const items = resources(ports.map(({ item, numbers: of }) => withPorts(item, of)));
  return { resources: add(found, items), ports: numbers, rest: subtract(rest, items) };
}

/** Whether an offer has what a wish names. */
export function fits(offer: Pick<Offer, 'resources' | 'role'>, wish: Wish): boolean {
  return take(offer.resources, wish, offer.role) !== undefined;
}

function takeItems(offered: Resources, wanted: Resources, role: string, revocable: boolean): Resources | undefined {
  // Most offers and wishes are like this, and then there is nothing to choose from.
  if (!revocable && isPlainScalars(wanted) && isEmpty(reserved(offered))) {
    return contains(offered, wanted) ? wanted : undefined;
  }
  let rest = offered;
  let found = noResources;
  for (const item of wanted.items) {
    const part = takeItem(rest, item, role, revocable);
    if (part === undefined) return undefined;
    rest = subtract(rest, part);
    found = add(found, part);
  }
  return found;
}

/** Revocable or not, but never a mixture: a task may not have both of one name (VAL-6). */
function takeItem(rest: Resources, item: ResourceItem, role: string, revocable: boolean): Resources | undefined {
  const plain = reservedFor(resources(item), item, role);
  if (!revocable) return find(rest, plain);
  return find(rest, reservedFor(resources({ ...item, revocable: true }), item, role)) ?? find(rest, plain);
}

/** What names its own reservation is looked for by that one, anything else by the role of the offer (RES-19). */
function reservedFor(target: Resources, item: ResourceItem, role: string): Resources {
  if (role === '*' || reservationRole(item) !== undefined) return target;
  return pushReservation(target, { type: 'dynamic', role });
}

/** Ports of one item. */
interface PortsOf {
  readonly item: ResourceItem;
  readonly numbers: readonly number[];
}

function takePorts(rest: Resources, count: number, revocable: boolean): readonly PortsOf[] | undefined {
  const usable = rest.items.filter(
    (item) => item.name === 'ports' && item.shared === undefined && (revocable || item.revocable !== true),
  );
  // Of a mixture of revocable and other ones, one kind must do (VAL-6).
  const kinds = revocable
    ? [usable.filter((item) => item.revocable === true), usable.filter((item) => item.revocable !== true)]
    : [usable];
  for (const items of kinds) {
    const found = pickPorts(items, count);
    if (found !== undefined) return found;
  }
  return undefined;
}

function pickPorts(items: readonly ResourceItem[], count: number): readonly PortsOf[] | undefined {
  const picked: PortsOf[] = [];
  let missing = count;
  // What is reserved is of no use to others: it goes first.
  const byUse = [...items].sort((one, other) => other.reservations.length - one.reservations.length);
  for (const item of byUse) {
    const numbers = lowest(item, missing);
    missing -= numbers.length;
    if (numbers.length > 0) picked.push({ item, numbers });
    if (missing === 0) return picked;
  }
  return undefined;
}

function lowest({ value }: ResourceItem, most: number): number[] {
  const numbers: number[] = [];
  if (value.type !== 'ranges') return numbers;
  for (const { begin, end } of value.ranges) {
    for (let port = begin; port <= end && numbers.length < most; port += 1) numbers.push(port);
  }
  return numbers;
}

function withPorts(item: ResourceItem, numbers: readonly number[]): ResourceItem {
  return { ...item, value: { type: 'ranges', ranges: numbers.map((port) => ({ begin: port, end: port })) } };
}
