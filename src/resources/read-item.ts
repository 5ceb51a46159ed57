import { InputError, recoded } from './errors.js';
import {
  type Disk,
  type DiskSource,
  itemOf,
  type Label,
  noReservations,
  type Reservation,
  type ResourceItem,
} from './item.js';
import { cut, fieldOf, quote } from './quote.js';
import { isStrictSubrole, validateRole } from './roles.js';
import { MAX_MILLI, toMilli } from './scalar.js';
import { coalesce, type Range, readValue, scalarValue, setOf, type Value } from './values.js';

/**
 * One resource item as a caller may write it. Enumerations may be written in upper case, as in the v1 API.
 *
 * @example
 * ```ts
 * { name: 'cpus', value: 4 }
 * { name: 'disk', value: '128', role: 'db', disk: { id: 'v1', path: 'data' } }
 * ```
 * @remarks Since 0.1.0
 */
export interface ResourceInput {
  readonly name: string;
  /** Text as in the text form (`'4'`, `'[1-5]'`, `'{a,b}'`), a plain number, or a value. */
  readonly value: string | number | Value;
  readonly reservations?: readonly ReservationInput[];
  /** Short for one static reservation; `*` means unreserved. */
  readonly role?: string;
  readonly disk?: DiskInput;
  /** `true` is one copy; a number is that many. */
  readonly shared?: boolean | number;
  readonly revocable?: boolean;
  readonly provider?: string;
  readonly allocated?: string;
}

/** A reservation as a caller may write it. */
export interface ReservationInput {
  readonly type: 'static' | 'dynamic' | 'STATIC' | 'DYNAMIC';
  readonly role: string;
  readonly principal?: string;
  readonly labels?: readonly Label[];
}

/** A disk as a caller may write it. */
export interface DiskInput {
  readonly id?: string;
  readonly path?: string;
  readonly mode?: 'ro' | 'rw' | 'RO' | 'RW';
  readonly hostPath?: string;
  readonly principal?: string;
  readonly source?: DiskSourceInput;
}

/** A disk source as a caller may write it. */
export interface DiskSourceInput {
  readonly type: DiskSource['type'] | 'PATH' | 'MOUNT' | 'BLOCK' | 'RAW';
  readonly root?: string;
  readonly id?: string;
  readonly profile?: string;
  readonly vendor?: string;
  readonly metadata?: readonly Label[];
}

/** The error of everything that cannot be read as resources. */
export function badResources(path: string, message: string): InputError {
  return new InputError('bad-resources', path, message);
}

/**
 * Reads one item and checks it (RES-14, RES-15, RES-23, RES-25). The result may be empty: `cpus:0` is valid and yields
 * nothing.
 *
 * @throws InputError `bad-resources` with the path of the field.
 */
export function readItem(input: unknown, path: string): ResourceItem {
  const fields = objectAt(input, path, itemFields);
  const name = stringAt(fields, 'name', path);
  if (name === '') throw badResources(`${path}.name`, 'Empty resource name');
  const value = valueAt(fields, path, name);
  const disk = fields['disk'] === undefined ? undefined : readDisk(fields['disk'], `${path}.disk`);
  if (disk !== undefined) checkDiskItem(name, value, path);
  const shared = sharedAt(fields, path);
  if (shared !== undefined) checkShared(name, disk, path);
  return itemOf({
    name,
    value,
    reservations: reservationsAt(fields, path),
    disk,
    shared,
    revocable: revocableAt(fields, path),
    provider: optionalString(fields, 'provider', path),
    allocated: allocatedAt(fields, path),
  });
}

type Fields = Readonly<Record<string, unknown>>;

const itemFields = ['name', 'value', 'reservations', 'role', 'disk', 'shared', 'revocable', 'provider', 'allocated'];
const reservationFields = ['type', 'role', 'principal', 'labels'];
const diskFields = ['id', 'path', 'mode', 'hostPath', 'principal', 'source'];
const sourceFields = ['type', 'root', 'id', 'profile', 'vendor', 'metadata'];

/** An object with no fields but the known ones; a copy without a prototype, so that nothing inherited is read. */
function objectAt(input: unknown, path: string, known: readonly string[]): Fields {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw badResources(path, `Expecting an object but found ${quote(input)}`);
  }
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of Object.entries(input)) {
    if (!known.includes(key)) throw badResources(fieldOf(path, key), `Unknown field ${quote(key)}`);
    fields[key] = value;
  }
  return fields;
}

function stringAt(fields: Fields, key: string, path: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw badResources(`${path}.${key}`, `Expecting a string but found ${quote(value)}`);
  return value;
}

function optionalString(fields: Fields, key: string, path: string): string | undefined {
  return fields[key] === undefined ? undefined : stringAt(fields, key, path);
}

function oneOf<T extends string>(fields: Fields, key: string, path: string, choices: readonly T[]): T {
  const value = fields[key];
  const choice = choices.find((known) => value === known || value === known.toUpperCase());
  if (choice === undefined) {
    throw badResources(`${path}.${key}`, `Expecting one of ${choices.map(quote).join(', ')} but found ${quote(value)}`);
  }
  return choice;
}

function listAt(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw badResources(path, `Expecting an array but found ${quote(value)}`);
  // A hole is something that is not there, and must not be passed over like one.
  return Array.from(value as readonly unknown[]);
}

function valueAt(fields: Fields, path: string, name: string): Value {
  const value = fields['value'];
  const at = `${path}.value`;
  if (typeof value === 'string') return valueFromText(value, 0, at, name);
  if (typeof value === 'number') return scalarFromNumber(value, at);
  return readValueObject(value, at);
}

const negative = /^-\s*[\d.]/;

/**
 * The value of a resource in text form; `offset` is where `text` begins in what the caller has written.
 *
 * @throws InputError `bad-resources`
 */
export function valueFromText(text: string, offset: number, path: string, name: string): Value {
  const { value, vanished } = recoded('bad-resources', path, () => readValue(text, offset));
  if (vanished) throw badResources(path, `Invalid scalar resource: value <= 0: ${quote(text)} rounds to 0`);
  if (value.type !== 'text') return value;
  if (negative.test(text.trim())) {
    throw badResources(path, `Invalid scalar resource: value <= 0 in ${quote(text)} at character ${offset}`);
  }
  throw badResources(
    path,
    `Bad type for resource ${quote(name)}: ${quote(text.trim())} at character ${offset} is not a number, ranges or a set`,
  );
}

function scalarFromNumber(value: number, path: string): Value {
  if (!Number.isFinite(value) || Math.abs(value) * 1000 > MAX_MILLI) {
    throw badResources(path, `Invalid scalar resource: ${quote(value)} is not an amount`);
  }
  const milli = toMilli(value);
  if (milli <= 0 && value !== 0) throw badResources(path, `Invalid scalar resource: value <= 0: ${quote(value)}`);
  return scalarValue(milli);
}

/** A value as it is, checked (RES-15). */
export function readValueObject(input: unknown, path: string): Value {
  const { type, ...rest } = objectAt(input, path, ['type', 'milli', 'ranges', 'items']);
  const known = type === 'scalar' ? 'milli' : type === 'ranges' ? 'ranges' : type === 'set' ? 'items' : undefined;
  if (known === undefined) throw badResources(`${path}.type`, `Unsupported resource type ${quote(type)}`);
  const other = Object.keys(rest).find((key) => key !== known);
  if (other !== undefined)
    throw badResources(fieldOf(path, other), `Unknown field ${quote(other)} of a ${quote(type)}`);
  const content = rest[known];
  if (known === 'milli') return scalarFromMilli(content, `${path}.milli`);
  return known === 'ranges' ? readRangeList(content, `${path}.ranges`) : readItemList(content, `${path}.items`);
}

function scalarFromMilli(milli: unknown, path: string): Value {
  if (typeof milli !== 'number' || !Number.isSafeInteger(milli) || milli < 0) {
    throw badResources(path, `Invalid scalar resource: ${quote(milli)} is not a whole number of thousandths`);
  }
  return scalarValue(milli === 0 ? 0 : milli);
}

function readRangeList(input: unknown, path: string): Value {
  const list = listAt(input, path).map((range, i) => readRange(range, `${path}[${i}]`));
  const sorted = list.toSorted((a, b) => a.begin - b.begin);
  for (const [i, range] of sorted.entries()) {
    const next = sorted[i + 1];
    if (next !== undefined && next.begin <= range.end) {
      throw badResources(
        path,
        `Invalid ranges resource: overlapping ranges ${range.begin}-${range.end}, ${next.begin}-${next.end}`,
      );
    }
  }
  return coalesce(sorted);
}

function readRange(input: unknown, path: string): Range {
  const { begin, end } = objectAt(input, path, ['begin', 'end']);
  for (const bound of [begin, end]) {
    if (typeof bound !== 'number' || !Number.isSafeInteger(bound) || bound < 0) {
      throw badResources(path, `Invalid ranges resource: bound ${quote(bound)}`);
    }
  }
  const range = { begin: begin as number, end: end as number };
  if (range.begin > range.end) {
    throw badResources(path, `Invalid ranges resource: begin > end in ${range.begin}-${range.end}`);
  }
  return Object.freeze(range);
}

function readItemList(input: unknown, path: string): Value {
  const items: string[] = [];
  const seen = new Set<string>();
  for (const [i, item] of listAt(input, path).entries()) {
    if (typeof item !== 'string') throw badResources(`${path}[${i}]`, `Expecting a string but found ${quote(item)}`);
    if (seen.has(item)) throw badResources(`${path}[${i}]`, `Invalid set resource: duplicated elements ${quote(item)}`);
    seen.add(item);
    items.push(item);
  }
  return setOf(items);
}

function reservationsAt(fields: Fields, path: string): readonly Reservation[] {
  const { role, reservations } = fields;
  const at = `${path}.reservations`;
  const list =
    reservations === undefined ? [] : listAt(reservations, at).map((r, i) => readReservation(r, `${at}[${i}]`));
  checkReservations(list, at);
  if (role === undefined) return list.length === 0 ? noReservations : Object.freeze(list);
  const name = stringAt(fields, 'role', path);
  checkRole(name, `${path}.role`);
  if (list.length > 1) {
    throw badResources(
      `${path}.role`,
      'Invalid resource format: role must not be set beside more than one reservation',
    );
  }
  const [only] = list;
  if (only !== undefined && only.role !== name) {
    throw badResources(
      `${path}.role`,
      `Invalid resource format: role ${quote(name)} does not match the role ${quote(only.role)} of the reservation`,
    );
  }
  return only === undefined ? staticReservations(name) : Object.freeze(list);
}

/** The stack of `name(role)`: one static reservation, or none for `*`. */
export function staticReservations(role: string): readonly Reservation[] {
  return role === '*' ? noReservations : Object.freeze([Object.freeze({ type: 'static', role })]);
}

/** Throws unless the text is a role name. */
export function checkRole(role: string, path: string): void {
  const problem = validateRole(role);
  if (problem !== undefined) throw badResources(path, problem.message);
}

/** Reads one reservation. */
export function readReservation(input: unknown, path: string): Reservation {
  const fields = objectAt(input, path, reservationFields);
  const type = oneOf(fields, 'type', path, ['static', 'dynamic']);
  const role = stringAt(fields, 'role', path);
  const principal = optionalString(fields, 'principal', path);
  const labels = fields['labels'] === undefined ? undefined : readLabels(fields['labels'], `${path}.labels`);
  return Object.freeze({
    type,
    role,
    ...(principal === undefined ? {} : { principal }),
    ...(labels === undefined || labels.length === 0 ? {} : { labels }),
  });
}

/** Checks a stack of reservations (RES-23): real roles, each below the one before, only the first may be static. */
export function checkReservations(list: readonly Reservation[], path: string): void {
  let ancestor: string | undefined;
  for (const [i, { role, type }] of list.entries()) {
    const at = `${path}[${i}]`;
    checkRole(role, `${at}.role`);
    if (role === '*') throw badResources(`${at}.role`, 'Invalid reservation: role "*" cannot be reserved');
    if (ancestor !== undefined) {
      if (type === 'static') {
        throw badResources(`${at}.type`, 'Invalid refined reservation: A refined reservation cannot be STATIC');
      }
      if (!isStrictSubrole(role, ancestor)) {
        throw badResources(
          `${at}.role`,
          `Invalid refined reservation: role ${quote(role)} is not a refinement of ${quote(ancestor)}`,
        );
      }
    }
    ancestor = role;
  }
}

function readLabels(input: unknown, path: string): readonly Label[] {
  const list = listAt(input, path).map((label, i): Label => {
    const at = `${path}[${i}]`;
    const fields = objectAt(label, at, ['key', 'value']);
    const key = stringAt(fields, 'key', at);
    const value = optionalString(fields, 'value', at);
    return Object.freeze(value === undefined ? { key } : { key, value });
  });
  return Object.freeze(list);
}

function readDisk(input: unknown, path: string): Disk {
  const fields = objectAt(input, path, diskFields);
  const text = (key: 'id' | 'path' | 'hostPath' | 'principal'): Partial<Disk> => {
    const value = optionalString(fields, key, path);
    return value === undefined ? {} : { [key]: value };
  };
  return Object.freeze({
    ...text('id'),
    ...text('path'),
    ...(fields['mode'] === undefined ? {} : { mode: oneOf(fields, 'mode', path, ['ro', 'rw']) }),
    ...text('hostPath'),
    ...text('principal'),
    ...(fields['source'] === undefined ? {} : { source: readSource(fields['source'], `${path}.source`) }),
  });
}

function readSource(input: unknown, path: string): DiskSource {
  const fields = objectAt(input, path, sourceFields);
  const type = oneOf(fields, 'type', path, ['path', 'mount', 'block', 'raw']);
  const text = (key: 'root' | 'id' | 'profile' | 'vendor'): Partial<DiskSource> => {
    const value = optionalString(fields, key, path);
    return value === undefined ? {} : { [key]: value };
  };
  if (fields['root'] !== undefined && (type === 'block' || type === 'raw')) {
    throw badResources(`${path}.root`, `Root should not be set for ${type.toUpperCase()} disk source`);
  }
  const metadata = fields['metadata'] === undefined ? undefined : readLabels(fields['metadata'], `${path}.metadata`);
  return Object.freeze({
    type,
    ...text('root'),
    ...text('id'),
    ...text('profile'),
    ...text('vendor'),
    ...(metadata === undefined || metadata.length === 0 ? {} : { metadata }),
  });
}

/** RES-25, and that only an amount can be on a disk. */
function checkDiskItem(name: string, value: Value, path: string): void {
  if (name !== 'disk') throw badResources(`${path}.disk`, `DiskInfo should not be set for ${cut(name)} resource`);
  if (value.type !== 'scalar') throw badResources(`${path}.value`, 'Invalid scalar resource: a disk is a scalar');
}

function sharedAt(fields: Fields, path: string): number | undefined {
  const { shared } = fields;
  if (shared === undefined || shared === false) return undefined;
  if (shared === true) return 1;
  if (typeof shared === 'number' && Number.isSafeInteger(shared) && shared >= 0) return shared;
  throw badResources(
    `${path}.shared`,
    `Invalid shared resource: expecting a number of copies but found ${quote(shared)}`,
  );
}

/** RES-25. */
function checkShared(name: string, disk: Disk | undefined, path: string): void {
  if (name !== 'disk') throw badResources(`${path}.shared`, `Resource ${cut(name)} cannot be shared`);
  if (disk?.id === undefined) throw badResources(`${path}.shared`, 'Only persistent volumes can be shared');
}

function revocableAt(fields: Fields, path: string): true | undefined {
  const { revocable } = fields;
  if (revocable === undefined || revocable === false) return undefined;
  if (revocable === true) return true;
  throw badResources(`${path}.revocable`, `Expecting true or false but found ${quote(revocable)}`);
}

function allocatedAt(fields: Fields, path: string): string | undefined {
  const role = optionalString(fields, 'allocated', path);
  if (role !== undefined) checkRole(role, `${path}.allocated`);
  return role;
}
