/**
 * Reading what is too long for one step: a table row by row, a row field by field, a list item by item. A part that is
 * short is read whole, by its reader. Results and errors are those of the readers in `reading.ts`.
 */
import { Damage, damaged, readFrom, stepsInPart, KeyOrder, type Optional, type Reader } from './reader.js';
import { bracket, parsed, type Source } from './source.js';
import type { Steps } from './steps.js';
import { Edit, Table } from './table.js';

type Fields = ReadonlyMap<string, Reader<unknown> | Optional<unknown>>;

/** An object of the given fields. */
export function enterRow<T extends object>(
  fields: Fields,
  required: readonly string[],
): (source: Source) => Steps<Readonly<T>> {
  return function* (source) {
    if (!(yield* source.open(bracket.object))) damaged('is no object');
    const found: Record<string, unknown> = {};
    for (let isFirst = true; yield* source.hasPart(bracket.object, isFirst); isFirst = false) {
      const name = yield* source.fieldName();
      const field = fields.get(name) ?? unknownField(name);
      const read = typeof field === 'function' ? field : field.ifThere;
      found[name] = yield* stepsInPart(name, readFrom(read, source));
    }
    const missing = required.find((name) => !Object.hasOwn(found, name));
    if (missing !== undefined) throw new Damage('is missing', missing);
    return Object.freeze(found) as T;
  };
}

function unknownField(name: string): never {
  throw new Damage('is no field of it', name);
}

/** An object of a single field. */
export function enterOnlyField<T>(tag: string, read: Reader<T>): (source: Source) => Steps<T> {
  return function* (source) {
    if (!(yield* source.open(bracket.object))) damaged('is no object');
    const isThere = yield* source.hasPart(bracket.object, true);
    if (!isThere || (yield* source.fieldName()) !== tag) damaged(`is no ${tag}`);
    const found = yield* readFrom(read, source);
    if (yield* source.hasPart(bracket.object, false)) damaged(`is no ${tag}`);
    return found;
  };
}

/** A list. */
export function enterList<T>(read: Reader<T>): (source: Source) => Steps<readonly T[]> {
  return function* (source) {
    if (!(yield* source.open(bracket.list))) damaged('is no list');
    const found: T[] = [];
    while (yield* source.hasPart(bracket.list, found.length === 0)) {
      found.push(yield* stepsInPart(`[${found.length}]`, readFrom(read, source)));
    }
    return Object.freeze(found);
  };
}

/**
 * Rows of a table.
 *
 * @param readPair - reads a key and a row, the one with the given index
 * @param own - the reader of the row of a key
 */
export function enterRows<T>(
  readPair: (pair: unknown, index: number) => readonly [string, T],
  own: (key: string) => Reader<T>,
): (source: Source) => Steps<Table<T>> {
  return function* (source) {
    if (!(yield* source.open(bracket.list))) damaged('is no list of rows');
    const edit = new Edit();
    const order = new KeyOrder();
    let table = Table.empty<T>();
    for (let index = 0; yield* source.hasPart(bracket.list, index === 0); index += 1) {
      const text = yield* source.value(source.piece);
      const [key, row] = text === undefined ? yield* enterPair(source, index, own) : readPair(parsed(text), index);
      order.add(key);
      table = table.set(key, row, edit);
      if (source.pace.isOver(text?.length)) yield;
    }
    order.demand();
    return table;
  };
}

function* enterPair<T>(source: Source, index: number, own: (key: string) => Reader<T>): Steps<readonly [string, T]> {
  const demand = (holds: boolean): void => {
    if (!holds) throw new Damage('is no pair of a key and a row', `[${index}]`);
  };
  demand(yield* source.open(bracket.list));
  demand(yield* source.hasPart(bracket.list, true));
  const key = parsed(yield* source.wholeValue());
  demand(yield* source.hasPart(bracket.list, false));
  if (typeof key !== 'string') throw new Damage('has no text for a key', `[${index}]`);
  const row = yield* stepsInPart(`[${JSON.stringify(key)}]`, readFrom(own(key), source));
  demand(!(yield* source.hasPart(bracket.list, false)));
  return [key, row];
}
