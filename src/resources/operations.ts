import { InputError } from './errors.js';
import {
  type Disk,
  formatItem,
  isPersistentVolume,
  type ResourceItem,
  sameMetadata,
  withParts,
  withValue,
} from './item.js';
import { quote, shown } from './quote.js';
import { popItem, toUnreserved } from './reservations.js';
import {
  add,
  contains,
  equals,
  fromItems,
  itemsOf,
  resources,
  type Resources,
  type ResourcesLike,
  someOther,
  subtract,
  sum,
} from './resources.js';
import { addMilli, toMilli } from './scalar.js';
import { shared } from './select.js';

import { scalarValue, type Value } from './values.js';

/**
 * A change of what resources are, not of how much there is; the resources as written.
 *
 * @remarks Since 0.1.0
 */
export type ResourceOperation =
  | {
      readonly type: 'reserve';
      /** What shall be there afterwards. */
      readonly resources: ResourcesLike;
      /** What it is made of; default: the same with the last reservation popped. */
      readonly source?: ResourcesLike;
    }
  | { readonly type: 'unreserve'; readonly resources: ResourcesLike }
  | { readonly type: 'create'; readonly volumes: ResourcesLike }
  | { readonly type: 'destroy'; readonly volumes: ResourcesLike }
  | { readonly type: 'grow-volume'; readonly volume: ResourcesLike; readonly addition: ResourcesLike }
  /** `subtract` is a plain number. */
  | { readonly type: 'shrink-volume'; readonly volume: ResourcesLike; readonly subtract: number };

/**
 * What an operation takes away and what it puts there instead.
 *
 * @remarks Since 0.1.0
 */
export interface Conversion {
  readonly consumed: Resources;
  readonly converted: Resources;
}

/**
 * The resources after an operation. The operation is applied as a whole or not at all, and no amount is made or lost.
 *
 * @throws InputError `bad-operation` if the operation makes no sense or is not possible on these resources;
 *   `bad-resources` if its resources cannot be read.
 * @example
 * ```ts
 * const role = { type: 'dynamic', role: 'db' } as const;
 * apply(resources('cpus:4'), { type: 'reserve', resources: { name: 'cpus', value: 1, reservations: [role] } });
 * ```
 * @remarks Since 0.1.0
 */
export function apply(r: Resources, operation: ResourceOperation): Resources {
  return convert(r, conversionsOf(operation));
}

/**
 * The resources after conversions, one after the other, all or none. As written: unlike an operation, a conversion may
 * make and lose amounts. Of something shared the last copy is converted, or none.
 *
 * @throws InputError `bad-operation` if what is consumed is not there.
 * @remarks Since 0.1.0
 */
export function convert(r: Resources, conversions: readonly Conversion[]): Resources {
  const atOnce = convertAtOnce(r, conversions);
  if (atOnce !== undefined) return atOnce;
  let rest = r;
  for (const { consumed, converted } of conversions) {
    if (!contains(rest, consumed)) throw bad('resources', `${shown(rest)} does not contain ${shown(consumed)}`);
    rest = subtract(rest, consumed);
    const copies = shared(consumed);
    if (someOther(copies, (item) => contains(rest, item))) {
      throw bad('volumes', `Persistent volume ${consumed} cannot be removed due to additional shared copies`);
    }
    rest = add(rest, converted);
  }
  return rest;
}

/**
 * When all that is consumed is there from the start, the order does not matter: many conversions of a long bag would take
 * quadratic time one by one. That is so of amounts; of shared copies, and of ranges and sets, which do not add up, each
 * conversion must see what the last one left.
 */
function convertAtOnce(r: Resources, conversions: readonly Conversion[]): Resources | undefined {
  if (conversions.length < 2) return undefined;
  const isAmount = ({ value, shared: copies }: ResourceItem): boolean =>
    value.type === 'scalar' && copies === undefined;
  const parts = conversions.map(({ consumed }) => consumed);
  if (parts.some((part) => someOther(part, (item) => !isAmount(item)))) return undefined;
  const consumed = sum(parts);
  if (!contains(r, consumed)) return undefined;
  return add(subtract(r, consumed), sum(conversions.map(({ converted }) => converted)));
}

/**
 * What an operation amounts to, one conversion after the other.
 *
 * @throws InputError `bad-operation`, `bad-resources`
 * @remarks Since 0.1.0
 */
export function conversionsOf(operation: ResourceOperation): Conversion[] {
  switch (operation.type) {
    case 'reserve':
      return reserve(operation);
    case 'unreserve':
      return each(resources(operation.resources, 'resources'), unreserveItem);
    case 'create':
      return each(resources(operation.volumes, 'volumes'), createVolume);
    case 'destroy':
      return each(resources(operation.volumes, 'volumes'), destroyVolume);
    case 'grow-volume':
      return [growVolume(operation)];
    case 'shrink-volume':
      return [shrinkVolume(operation)];
    default:
      operation satisfies never;
      throw bad('type', `Unknown operation ${quote((operation as { readonly type: unknown }).type)}`);
  }
}

function bad(path: string, message: string): InputError {
  return new InputError('bad-operation', path, message);
}

function each(r: Resources, convert: (item: ResourceItem) => Conversion): Conversion[] {
  return itemsOf(r).map(convert);
}

function reserve(operation: Extract<ResourceOperation, { type: 'reserve' }>): Conversion[] {
  const target = resources(operation.resources, 'resources');
  for (const item of itemsOf(target)) checkDynamic(item, 'RESERVE');
  if (operation.source === undefined) {
    return each(target, (item) => ({ consumed: fromItems([popItem(item)]), converted: fromItems([item]) }));
  }
  const source = resources(operation.source, 'source');
  // A re-reservation changes reservations and nothing else (RSV-5).
  if (!equals(toUnreserved(source), toUnreserved(target)))
    throw bad('source', `${source} is not ${target} reserved otherwise`);
  return [{ consumed: source, converted: target }];
}

function checkDynamic(item: ResourceItem, verb: string): void {
  const top = item.reservations[item.reservations.length - 1];
  if (top?.type !== 'dynamic')
    throw bad('resources', `Invalid ${verb} operation: ${shownItem(item)} is not dynamically reserved`);
}

function unreserveItem(item: ResourceItem): Conversion {
  checkDynamic(item, 'UNRESERVE');
  if (isPersistentVolume(item)) {
    throw bad(
      'resources',
      `A dynamically reserved persistent volume ${shownItem(item)} cannot be unreserved directly. Please destroy the persistent volume first then unreserve the resource`,
    );
  }
  return { consumed: fromItems([item]), converted: fromItems([popItem(item)]) };
}

/** The disk that a volume is made of: reserved alike, of the same source, not shared. */
export function diskUnder(volume: ResourceItem): ResourceItem {
  const source = volume.disk?.source;
  const disk: Disk | undefined = source === undefined ? undefined : Object.freeze({ source });
  return withParts(volume, { disk, shared: undefined });
}

function checkVolume(item: ResourceItem, path: string): void {
  if (!isPersistentVolume(item)) throw bad(path, `${shownItem(item)} is not a persistent volume`);
}

function createVolume(item: ResourceItem): Conversion {
  checkVolume(item, 'volumes');
  if (item.reservations.length === 0)
    throw bad('volumes', 'Persistent volumes cannot be created from unreserved resources');
  if (item.revocable === true) throw bad('volumes', 'Persistent volumes cannot be created from revocable resources');
  if ((item.shared ?? 1) !== 1)
    throw bad('volumes', `Volume ${shownItem(item)} is created once, not in ${item.shared} copies`);
  return { consumed: fromItems([diskUnder(item)]), converted: fromItems([item]) };
}

function destroyVolume(item: ResourceItem): Conversion {
  checkVolume(item, 'volumes');
  if ((item.shared ?? 1) !== 1)
    throw bad('volumes', `Persistent volume ${shownItem(item)} cannot be removed due to additional shared copies`);
  return { consumed: fromItems([item]), converted: fromItems([diskUnder(item)]) };
}

function growVolume(operation: Extract<ResourceOperation, { type: 'grow-volume' }>): Conversion {
  const volume = resizable(operation.volume);
  const addition = single(operation.addition, 'addition');
  if (!sameMetadata(diskUnder(volume), addition)) {
    throw bad(
      'addition',
      `Incompatible resources in the 'volume' and 'addition' fields: ${shownItem(volume)}, ${shownItem(addition)}`,
    );
  }
  const grown = withValue(volume, scalarValue(addMilli(milliOf(volume.value), milliOf(addition.value))));
  return { consumed: fromItems([volume, addition]), converted: fromItems([grown]) };
}

function shrinkVolume(operation: Extract<ResourceOperation, { type: 'shrink-volume' }>): Conversion {
  const volume = resizable(operation.volume);
  const less = Number.isFinite(operation.subtract) ? toMilli(operation.subtract) : 0;
  const size = milliOf(volume.value);
  if (less <= 0) throw bad('subtract', `The size of 'subtract' is ${quote(operation.subtract)}, but must be positive`);
  if (less >= size) throw bad('subtract', `The size of 'subtract' must be less than that of ${shownItem(volume)}`);
  const shrunk = withValue(volume, scalarValue(size - less));
  const freed = withValue(diskUnder(volume), scalarValue(less));
  return { consumed: fromItems([volume]), converted: fromItems([shrunk, freed]) };
}

/** VOL-3. */
function resizable(like: ResourcesLike): ResourceItem {
  const volume = single(like, 'volume');
  checkVolume(volume, 'volume');
  if (volume.shared !== undefined)
    throw bad('volume', 'Growing or shrinking a shared persistent volume is not supported');
  if (volume.provider !== undefined)
    throw bad('volume', 'Growing or shrinking a volume of a resource provider is not supported');
  const type = volume.disk?.source?.type;
  if (type === 'mount' || type === 'block') {
    throw bad('volume', `Growing or shrinking a persistent volume on a ${type.toUpperCase()} disk is not supported`);
  }
  return volume;
}

function single(like: ResourcesLike, path: string): ResourceItem {
  const items = itemsOf(resources(like, path));
  const [item] = items;
  if (item === undefined || items.length !== 1)
    throw bad(path, `Expecting one item that is not empty but found ${items.length}`);
  return item;
}

function milliOf(value: Value): number {
  return value.type === 'scalar' ? value.milli : 0;
}

function shownItem(item: ResourceItem): string {
  return shown(formatItem(item));
}
