/**
 * Reading back what was saved. Unlike what a stranger writes, saved text has exactly one form: a reader takes what was
 * written and nothing else, so that whatever reads back is again written as it was. No field may be missing, none added.
 *
 * A reader does not know where it is. Who reads the parts of something names the part when it fails, so that paths cost
 * nothing as long as all is well.
 */
import { attributes, type Attributes } from './attributes.js';
import { enterList, enterOnlyField, enterRow, enterRows } from './entering.js';
import { Limits } from './limits.js';
import { Quantities } from './quantities.js';
import { quote } from './quote.js';
import { Damage, damaged, entered, inPart, KeyOrder, readFrom, within, type Optional, type Reader } from './reader.js';
import { resources, type Resources, type ResourcesLike } from './resources.js';
import type { Source } from './source.js';
import { finish, type Steps } from './steps.js';
import { Table } from './table.js';

export {
  Damage,
  damaged,
  entered,
  readFrom,
  readSaved,
  refusal,
  within,
  type Optional,
  type Reader,
} from './reader.js';

/** Any text. */
export const text: Reader<string> = (value) => (typeof value === 'string' ? value : damaged(`is no text`));

/** A text that is not empty. */
export const name: Reader<string> = (value) => (text(value) === '' ? damaged('is empty') : text(value));

/** True or false. */
export const flag: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : damaged('is not true or false'));

/** What is either there and true or not there. */
export const yes: Reader<true> = (value) => (value === true ? value : damaged('is not true'));

/** A number of any size, in the form in which numbers are written. */
export const finite: Reader<number> = (value) =>
  typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0) ? value : damaged('is no finite number');

/** A whole number. */
export const integer: Reader<number> = (value) =>
  Number.isSafeInteger(finite(value)) ? Number(value) : damaged('is no whole number');

/** A whole number, 0 or more. */
export const whole: Reader<number> = (value) =>
  Number.isSafeInteger(finite(value)) && Number(value) >= 0 ? Number(value) : damaged('is no whole number, 0 or more');

/** A whole number, 1 or more. */
export const positive: Reader<number> = (value) => (whole(value) > 0 ? whole(value) : damaged('is not 1 or more'));

/** One of some literals. */
export function oneOf<const T extends string>(literals: readonly T[]): Reader<T> {
  return (value) => literals.find((literal) => literal === value) ?? damaged(`is none of ${literals.join(', ')}`);
}

/** One of the literals of a type; each must be named, so that a new one is not forgotten. */
export function literal<T extends string>(all: Readonly<Record<T, true>>): Reader<T> {
  return oneOf(Object.keys(all) as T[]);
}

/** Null, or what `read` reads. */
export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return entered((value) => (value === null ? null : read(value)), read.enter);
}

/** A list of what `read` reads. */
export function list<T>(read: Reader<T>): Reader<readonly T[]> {
  return entered((value) => {
    if (!Array.isArray(value)) return damaged('is no list');
    const values: readonly unknown[] = value;
    return Object.freeze(values.map((item, index) => inPart(`[${index}]`, read, item)));
  }, enterList(read));
}

/** A list without two of the same key, in the order of the keys. */
export function sorted<T>(read: Reader<T>, keyOf: (item: T) => string): Reader<readonly T[]> {
  return checked(list(read), (items) => demandOrder(items.map(keyOf)));
}

/** Texts in order, each once. */
export const texts: Reader<readonly string[]> = sorted(text, (item) => item);

function demandOrder(keys: readonly string[]): void {
  const order = new KeyOrder();
  for (const key of keys) order.add(key);
  order.demand();
}

/** What `read` reads, if `check` has nothing to say against it. */
export function checked<T>(read: Reader<T>, check: (found: T) => void): Reader<T> {
  const pass = (found: T): T => {
    check(found);
    return found;
  };
  const { enter } = read;
  return entered((value) => pass(read(value)), enter && ((source) => mapped(enter(source), pass)));
}

/** What is made of what `read` reads, in steps: for what can be too big to be checked in one. */
export function derived<A, B>(read: Reader<A>, make: (found: A) => Steps<B>): Reader<B> {
  const { enter } = read;
  const makeEntered = function* (source: Source): Steps<B> {
    return yield* make(enter === undefined ? yield* readFrom(read, source) : yield* enter(source));
  };
  return entered((value) => finish(make(read(value))), makeEntered);
}

/** A field that may be absent. */
export function optional<T>(read: Reader<T>): Optional<T> {
  return { ifThere: read };
}

function* mapped<A, B>(steps: Steps<A>, make: (found: A) => B): Steps<B> {
  return make(yield* steps);
}

/** A reader for each field of a row, no more and no fewer. */
export type Shape<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K> ? Optional<Exclude<T[K], undefined>> : Reader<T[K]>;
};

/** An object of exactly these fields, kept in the order in which they come. */
export function row<T extends object>(shape: Shape<T>): Reader<T> {
  const fields = new Map(Object.entries<Reader<unknown> | Optional<unknown>>(shape));
  const required = [...fields].flatMap(([name, field]) => (typeof field === 'function' ? [name] : []));
  const read = (value: unknown): T => {
    const saved = record(value);
    const found: Record<string, unknown> = {};
    let missing = required.length;
    let at = '';
    try {
      for (const name of Object.keys(saved)) {
        const inner = saved[name];
        if (inner === undefined) continue;
        at = name;
        const field = fields.get(name) ?? damaged('is no field of it');
        found[name] = typeof field === 'function' ? field(inner) : field.ifThere(inner);
        if (typeof field === 'function') missing -= 1;
      }
    } catch (error) {
      throw within(at, error);
    }
    if (missing > 0)
      throw new Damage(
        'is missing',
        required.find((name) => !Object.hasOwn(found, name)),
      );
    return Object.freeze(found) as T;
  };
  return entered(read, enterRow<T>(fields, required));
}

/** An object of a single field, whose name says what it is. */
export function tagged<T>(tag: string, read: Reader<T>): Reader<T> {
  const readTagged = (value: unknown): T => {
    const saved = record(value);
    const [only, ...others] = Object.keys(saved);
    return only === tag && others.length === 0 ? read(saved[tag]) : damaged(`is no ${tag}`);
  };
  return entered(readTagged, read.enter === undefined ? undefined : enterOnlyField(tag, read));
}

/** A plain object. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isRecord ? (value as Record<string, unknown>) : damaged('is no object');
}

/** Rows of a table, `[key, row]` by key. With `keyOf` the row must say its own key. */
export function rows<T>(read: Reader<T>, keyOf?: (row: T) => string): Reader<Table<T>> {
  const readPair = (pair: unknown, index: number): readonly [string, T] => {
    if (!Array.isArray(pair) || pair.length !== 2) throw new Damage('is no pair of a key and a row', `[${index}]`);
    const [key, saved]: readonly unknown[] = pair;
    if (typeof key !== 'string') throw new Damage('has no text for a key', `[${index}]`);
    try {
      const found = read(saved);
      demandOwnKey(found, key, keyOf);
      return [key, found];
    } catch (error) {
      throw within(`[${JSON.stringify(key)}]`, error);
    }
  };
  const own = (key: string): Reader<T> => checked(read, (found) => demandOwnKey(found, key, keyOf));
  const readRows = (value: unknown): Table<T> => {
    if (!Array.isArray(value)) return damaged('is no list of rows');
    const pairs: readonly unknown[] = value;
    const entries = pairs.map(readPair);
    demandOrder(entries.map(([key]) => key));
    return Table.from(entries);
  };
  return entered(readRows, enterRows(readPair, own));
}

function demandOwnKey<T>(row: T, key: string, keyOf?: (row: T) => string): void {
  const said = keyOf?.(row) ?? key;
  if (said !== key) damaged(`says that it is ${quote(said)}`);
}

/** Something that reads itself in another way, and is then written as it was. */
export function rewritten<T>(read: (value: unknown) => T, write: (read: T) => unknown): Reader<T> {
  return (value) => {
    const found = read(value);
    return isSame(write(found), value) ? found : damaged('is not written as it would be saved');
  };
}

/** Whether two values are the same JSON. The order of fields does not matter. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a).filter(([, value]) => value !== undefined);
  return (
    left.length === Object.keys(b).length &&
    left.every(([key, value]) => Object.hasOwn(b, key) && isSame(value, (b as Readonly<Record<string, unknown>>)[key]))
  );
}

/** So many values are remembered by {@link alike}. */
const MOST_ALIKE = 1_000;

/** Gives the same object for the same text: of many machines most are alike. For values that never change only. */
function alike<T>(read: Reader<T>): Reader<T> {
  const known = new Map<string, T>();
  return (value) => {
    const key = JSON.stringify(value);
    const seen = known.get(key);
    if (seen !== undefined) return seen;
    if (known.size >= MOST_ALIKE) known.clear();
    const found = read(value);
    known.set(key, found);
    return found;
  };
}

/** Resources, as their `toJSON` says them. */
export const savedResources: Reader<Resources> = alike(
  rewritten(
    (value) => resources(value as ResourcesLike, ''),
    (found) => found.toJSON(),
  ),
);

/** Attributes, as their `toJSON` says them. */
export const writtenAttributes: Reader<Attributes> = rewritten(
  (value) =>
    attributes(typeof value === 'string' ? value : (list(record)(value) as unknown as Attributes['items']), ''),
  (found) => found.toJSON(),
);

/** Attributes, item by item. */
export const savedAttributes: Reader<Attributes> = alike(
  rewritten(
    (value) => attributes(list(record)(value) as unknown as Attributes['items'], ''),
    (found) => found.items,
  ),
);

/** Names with thousandths, in order. */
export const savedQuantities: Reader<Quantities> = (value) => new Quantities(...columns(value, positive));

/** Names with thousandths, in order; a limit may be 0. */
export const savedLimits: Reader<Limits> = (value) => new Limits(...columns(value, whole));

function columns(
  value: unknown,
  amount: Reader<number>,
): readonly [names: readonly string[], millis: readonly number[]] {
  const pairs = list((pair) => (Array.isArray(pair) && pair.length === 2 ? pair : damaged('is no pair')))(value);
  const names = pairs.map(([said]: readonly unknown[], index) => inPart(`[${index}][0]`, name, said));
  const millis = pairs.map(([, milli]: readonly unknown[], index) => inPart(`[${index}][1]`, amount, milli));
  demandOrder(names);
  return [Object.freeze(names), millis];
}
