import { formatValue, freezeValue, isEmptyValue, type Value, valuesEqual } from './values.js';

/** A label of a reservation; a missing value differs from an empty one. */
export interface Label {
  readonly key: string;
  readonly value?: string;
}

/**
 * A slice that only one role and the roles below it may be offered (RSV-1). Static ones come with the agent, dynamic ones
 * by a `reserve` operation.
 *
 * @remarks Since 0.1.0
 */
export interface Reservation {
  readonly type: 'static' | 'dynamic';
  readonly role: string;
  readonly principal?: string;
  readonly labels?: readonly Label[];
}

/** Where a disk comes from. `mount` and `block` disks cannot be divided, nor `raw` ones with an `id` (RES-4). */
export interface DiskSource {
  readonly type: 'path' | 'mount' | 'block' | 'raw';
  readonly root?: string;
  readonly id?: string;
  readonly profile?: string;
  readonly vendor?: string;
  readonly metadata?: readonly Label[];
}

/**
 * What is known of a disk beyond its size. With an `id` it is a persistent volume, seen at `path` in a container.
 *
 * @remarks Since 0.1.0
 */
export interface Disk {
  readonly id?: string;
  readonly path?: string;
  readonly mode?: 'ro' | 'rw';
  readonly hostPath?: string;
  readonly principal?: string;
  readonly source?: DiskSource;
}

/**
 * One item of a {@link Resources}: so much of one thing, with the metadata that keeps it apart from other items of the
 * same name (RES-3). Those seen in a {@link Resources} are frozen and never empty.
 *
 * @remarks Since 0.1.0
 */
export interface ResourceItem {
  readonly name: string;
  readonly value: Value;
  /** The stack of reservations, outermost first; the last one is in effect (RES-23). None means unreserved. */
  readonly reservations: readonly Reservation[];
  readonly disk?: Disk;
  /** Absent means not shared; else how many copies are here, at least 1 (RES-4). */
  readonly shared?: number;
  readonly revocable?: true;
  /** The resource provider it comes from; absent means the agent itself. */
  readonly provider?: string;
  /** The role it is allocated to; absent in the totals of an agent (RES-22). */
  readonly allocated?: string;
}

/** An item that may still be written: fields are set in one order, so that V8 sees few shapes. */
type Writable<T> = { -readonly [K in keyof T]: T[K] };

export const noReservations: readonly Reservation[] = Object.freeze([]);

/** An item of these parts. */
export function itemOf(
  parts: { readonly [K in keyof ResourceItem]: ResourceItem[K] | undefined } & ItemParts,
): ResourceItem {
  const item: Writable<ResourceItem> = { name: parts.name, value: parts.value, reservations: parts.reservations };
  if (parts.disk !== undefined) item.disk = parts.disk;
  if (parts.shared !== undefined) item.shared = parts.shared;
  if (parts.revocable !== undefined) item.revocable = parts.revocable;
  if (parts.provider !== undefined) item.provider = parts.provider;
  if (parts.allocated !== undefined) item.allocated = parts.allocated;
  return item;
}

/** What every item has. */
interface ItemParts {
  readonly name: string;
  readonly value: Value;
  readonly reservations: readonly Reservation[];
}

/** The item with other parts; an explicit `undefined` takes a part away. */
export function withParts(
  item: ResourceItem,
  parts: {
    readonly [K in Exclude<keyof ResourceItem, 'name' | 'value' | 'reservations'>]?: ResourceItem[K] | undefined;
  } & {
    readonly value?: Value;
    readonly reservations?: readonly Reservation[];
  },
): ResourceItem {
  return itemOf({
    name: item.name,
    value: parts.value ?? item.value,
    reservations: parts.reservations ?? item.reservations,
    disk: 'disk' in parts ? parts.disk : item.disk,
    shared: 'shared' in parts ? parts.shared : item.shared,
    revocable: 'revocable' in parts ? parts.revocable : item.revocable,
    provider: 'provider' in parts ? parts.provider : item.provider,
    allocated: 'allocated' in parts ? parts.allocated : item.allocated,
  });
}

/** An item with no metadata but its reservations. */
export function simpleItem(name: string, value: Value, reservations: readonly Reservation[]): ResourceItem {
  return { name, value, reservations };
}

/** The item worth something else. */
export function withValue(item: ResourceItem, value: Value): ResourceItem {
  const copy: Writable<ResourceItem> = { name: item.name, value, reservations: item.reservations };
  if (item.disk !== undefined) copy.disk = item.disk;
  if (item.shared !== undefined) copy.shared = item.shared;
  if (item.revocable !== undefined) copy.revocable = item.revocable;
  if (item.provider !== undefined) copy.provider = item.provider;
  if (item.allocated !== undefined) copy.allocated = item.allocated;
  return copy;
}

/** The item allocated to nobody. */
export function unallocatedItem(item: ResourceItem): ResourceItem {
  if (item.allocated === undefined) return item;
  const copy: Writable<ResourceItem> = simpleItem(item.name, item.value, item.reservations);
  if (item.disk !== undefined) copy.disk = item.disk;
  if (item.shared !== undefined) copy.shared = item.shared;
  if (item.revocable !== undefined) copy.revocable = item.revocable;
  if (item.provider !== undefined) copy.provider = item.provider;
  return copy;
}

/** Freezes an item with all that is in it; reservations and disks are frozen from the beginning. */
export function freezeItem(item: ResourceItem): void {
  freezeValue(item.value);
  Object.freeze(item);
}

/** Whether an item has a name, a value and nothing else: nearly all have, and need no comparison of metadata. */
export function isPlain(item: ResourceItem): boolean {
  return (
    item.reservations.length === 0 &&
    item.disk === undefined &&
    item.allocated === undefined &&
    item.revocable === undefined &&
    item.shared === undefined &&
    item.provider === undefined
  );
}

/**
 * The metadata of an item as one text (RES-3): two items of one name and type may be added or subtracted only if these are
 * equal. Empty for a plain item. The container path, mode, host path and principal of a volume are not part of it.
 */
export function identityOf(item: ResourceItem): string {
  if (isPlain(item)) return '';
  let text = '';
  for (const reservation of item.reservations) text += reservationIdentity(reservation);
  if (item.disk !== undefined) text += diskIdentity(item.disk);
  if (item.revocable === true) text += 'R';
  if (item.shared !== undefined) text += 'S';
  if (item.provider !== undefined) text += part('P', item.provider);
  if (item.allocated !== undefined) text += allocationIdentity(item.allocated);
  return text;
}

/** The identity of an item that is allocated to a role and has no other metadata. */
export function allocationIdentity(role: string): string {
  return part('A', role);
}

/** A part with its length before it, so that no text inside can pass for another part. */
function part(tag: string, text: string | undefined): string {
  return text === undefined ? '' : `${tag}${text.length}:${text}`;
}

/** A reservation as one text: equal texts, equal reservations. */
export function reservationIdentity(reservation: Reservation): string {
  const { type, role, principal, labels } = reservation;
  return `${part(type === 'static' ? 's' : 'd', role)}${part('p', principal)}${labelsIdentity(labels)}`;
}

function labelsIdentity(labels: readonly Label[] | undefined): string {
  if (labels === undefined) return '';
  // Labels are a bag: their order says nothing.
  const texts = labels.map((label) => `${part('k', label.key)}${part('v', label.value)}`);
  return part('l', texts.sort().join(''));
}

function diskIdentity(disk: Disk): string {
  const { source } = disk;
  if (source === undefined) return `D${part('i', disk.id)}`;
  const { type, root, id, profile, vendor, metadata } = source;
  const parts = `${part('r', root)}${part('o', id)}${part('f', profile)}${part('w', vendor)}${labelsIdentity(metadata)}`;
  return `D${part('i', disk.id)}${part('t', type)}${parts}`;
}

/** Whether an item is a persistent volume. */
export function isPersistentVolume(item: ResourceItem): boolean {
  return item.disk?.id !== undefined;
}

/** Whether an item is all or nothing: it is never added to, chopped or taken in part (RES-4, RES-5). */
export function isIndivisible(item: ResourceItem): boolean {
  const { disk } = item;
  if (disk === undefined) return false;
  if (disk.id !== undefined) return true;
  const { source } = disk;
  if (source === undefined) return false;
  return source.type === 'mount' || source.type === 'block' || (source.type === 'raw' && source.id !== undefined);
}

/**
 * Whether two items agree in all that keeps items apart: name, type and metadata (RES-3).
 *
 * @remarks Since 0.1.0
 */
export function sameMetadata(a: ResourceItem, b: ResourceItem): boolean {
  return a.name === b.name && a.value.type === b.value.type && identityOf(a) === identityOf(b);
}

/** Whether two items are the same thing in the same amount; copies of a shared one are not counted. */
export function sameItem(a: ResourceItem, b: ResourceItem): boolean {
  return sameMetadata(a, b) && valuesEqual(a.value, b.value);
}

/**
 * Whether two items add up to one (RES-4).
 *
 * @remarks Since 0.1.0
 */
export function addable(a: ResourceItem, b: ResourceItem): boolean {
  if (a.shared !== undefined || b.shared !== undefined) return sameItem(a, b);
  return sameMetadata(a, b) && !isIndivisible(a);
}

/**
 * Whether the second item can be taken from the first, as far as there is any (RES-5).
 *
 * @remarks Since 0.1.0
 */
export function subtractable(a: ResourceItem, b: ResourceItem): boolean {
  if (a.shared !== undefined || b.shared !== undefined || isIndivisible(a)) return sameItem(a, b);
  return sameMetadata(a, b);
}

/** Whether nothing is there. */
export function isEmptyItem(item: ResourceItem): boolean {
  return isEmptyValue(item.value) || item.shared === 0;
}

/** The role in effect, or `undefined` for an unreserved item. */
export function reservationRole(item: ResourceItem): string | undefined {
  return item.reservations[item.reservations.length - 1]?.role;
}

/**
 * An item as people read it (RES-17): `disk(allocated: role)(reservations: [(STATIC,role)])[id:path]{REV}<SHARED>:1`.
 *
 * @remarks Since 0.1.0
 */
export function formatItem(item: ResourceItem): string {
  let text = item.name;
  if (item.allocated !== undefined) text += `(allocated: ${item.allocated})`;
  if (item.reservations.length > 0) text += `(reservations: [${item.reservations.map(formatReservation).join(',')}])`;
  if (item.disk !== undefined) text += formatDisk(item.disk);
  if (item.revocable === true) text += '{REV}';
  if (item.shared !== undefined) text += '<SHARED>';
  return `${text}:${formatValue(item.value)}`;
}

function formatReservation(reservation: Reservation): string {
  const parts = [reservation.type.toUpperCase(), reservation.role];
  if (reservation.principal !== undefined) parts.push(reservation.principal);
  if (reservation.labels !== undefined) parts.push(`{${reservation.labels.map(formatLabel).join(', ')}}`);
  return `(${parts.join(',')})`;
}

function formatLabel(label: Label): string {
  return label.value === undefined ? label.key : `${label.key}: ${label.value}`;
}

function formatDisk(disk: Disk): string {
  const parts: string[] = [];
  if (disk.source !== undefined) parts.push(formatSource(disk.source));
  const volume = formatVolume(disk);
  if (volume !== '') parts.push(volume);
  return parts.length === 0 ? '' : `[${parts.join(',')}]`;
}

function formatVolume(disk: Disk): string {
  const { id, path, hostPath, mode } = disk;
  // The mode is shown only beside a host path.
  const parts = [id, hostPath, path, hostPath === undefined ? undefined : mode];
  return parts.filter((text) => text !== undefined).join(':');
}

function formatSource(source: DiskSource): string {
  const { vendor, id, profile, root } = source;
  const type = source.type.toUpperCase();
  if (id !== undefined || profile !== undefined) return `${type}(${vendor ?? ''},${id ?? ''},${profile ?? ''})`;
  return root === undefined ? type : `${type}:${root}`;
}
