/** Values as text, in pieces of bounded work: what is too long for one is written part by part. */
import { Attributes, Limits, Quantities, Resources, Table } from '../resources/index.js';

/** Chunks are about so long, in characters: a few tenths of a millisecond to write. */
const CHUNK = 32_768;

/** A value of more parts than this, at whatever depth, is written part by part. */
export const MOST_PARTS = 256;

/**
 * A list that is written as its items come. `undefined` among them is no item: it ends a step after which none is ready.
 * What is kept otherwise than it is written, in order and in a big number, is handed to the writer as one of these.
 */
export class Listed {
  readonly items: Iterable<unknown>;

  constructor(items: Iterable<unknown>) {
    this.items = items;
  }
}

/** A part of the text; undefined = a step ended before there was any. */
export type Piece = string | undefined;

/**
 * The text of an object, gathered to chunks. Fields are written by sorted keys, tables by id.
 *
 * @param head - what to begin with instead of the opening bracket: fields that come first
 * @param mostParts - values of no more parts, at whatever depth, are written in one piece
 */
export function* chunksOf(
  value: object,
  head: string = '{',
  mostParts: number = MOST_PARTS,
): Generator<Piece, void, undefined> {
  let chunk = '';
  for (const piece of fieldsOf(value, head, mostParts)) {
    if (piece === undefined) yield undefined;
    else chunk += piece;
    if (chunk.length < CHUNK) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

function* piecesOf(value: unknown, most: number): Generator<Piece, void, undefined> {
  if (typeof value !== 'object' || value === null || isLeaf(value) || partsLeft(value, most) >= 0) {
    yield textOf(value);
  } else if (value instanceof Table) {
    yield '{"$table":';
    yield* itemsOf(value.inOrder(), most);
    yield '}';
  } else if (value instanceof Listed) yield* itemsOf(value.items, most);
  else if (Array.isArray(value)) yield* itemsOf(value, most);
  else yield* fieldsOf(value, '{', most);
}

function* itemsOf(items: Iterable<unknown>, most: number): Generator<Piece, void, undefined> {
  let isFirst = true;
  yield '[';
  for (const item of items) {
    if (item === undefined) {
      yield undefined;
      continue;
    }
    if (!isFirst) yield ',';
    yield* piecesOf(item, most);
    isFirst = false;
  }
  yield ']';
}

function* fieldsOf(value: object, head: string, most: number): Generator<Piece, void, undefined> {
  let isFirst = true;
  yield head;
  for (const [key, mark] of layoutOf(value)) {
    const field = (value as Readonly<Record<string, unknown>>)[key];
    if (field === undefined) continue;
    yield `${isFirst ? '' : ','}${mark}`;
    yield* piecesOf(field, most);
    isFirst = false;
  }
  yield '}';
}

/** How many more parts there may be beside those of a value; below 0 = it has too many, and not all were counted. */
function partsLeft(value: unknown, most: number): number {
  if (typeof value !== 'object' || value === null) return most - 1;
  if (value instanceof Listed) return -1;
  if (isLeaf(value)) return most - 1;
  const parts: Iterable<unknown> = value instanceof Table ? value.walk() : Object.values(value);
  let left = most - 1;
  for (const part of parts) {
    left = partsLeft(part, left);
    if (left < 0) break;
  }
  return left;
}

/** What is written in one go; it has no fields of its own there. */
type Leaf = Resources | Quantities | Limits | Attributes;

function isLeaf(value: object): value is Leaf {
  // Most are plain, and found to be so at once.
  if (Object.getPrototypeOf(value) === Object.prototype || Array.isArray(value)) return false;
  return (
    value instanceof Resources || value instanceof Quantities || value instanceof Limits || value instanceof Attributes
  );
}

/** A value as JSON; what JSON has no form for is an object with one `$` key, which no row has. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return listText(value);
  if (value instanceof Table) return `{"$table":${listText(value.entries())}}`;
  if (isLeaf(value)) return JSON.stringify(leafOf(value));
  let text = '';
  for (const [key, mark] of layoutOf(value)) {
    const field = (value as Readonly<Record<string, unknown>>)[key];
    if (field !== undefined) text += `${text === '' ? '{' : ','}${mark}${textOf(field)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

function listText(items: readonly unknown[]): string {
  return `[${items.map(textOf).join(',')}]`;
}

function leafOf(value: Leaf): object {
  if (value instanceof Resources) return { $resources: value.toJSON() };
  if (value instanceof Quantities) return { $quantities: pairs(value) };
  return value instanceof Limits ? { $limits: pairs(value) } : { $attributes: value.items };
}

/** Thousandths, exactly. */
function pairs({ names, millis }: Quantities | Limits): readonly (readonly [string, number])[] {
  return names.map((name, index) => [name, millis[index] ?? 0] as const);
}

/** Keys in order, each with how it begins its field. */
type Layout = readonly (readonly [key: string, mark: string])[];

/** Layouts of objects by their keys: of a million rows most have the same few. */
const layouts = new Map<string, Layout>();
const MOST_LAYOUTS = 1_000;

function layoutOf(value: object): Layout {
  const keys = Object.keys(value);
  const shape = JSON.stringify(keys);
  const known = layouts.get(shape);
  if (known !== undefined) return known;
  if (layouts.size >= MOST_LAYOUTS) layouts.clear();
  const layout = keys.sort((a, b) => (a < b ? -1 : 1)).map((key) => [key, `${JSON.stringify(key)}:`] as const);
  layouts.set(shape, layout);
  return layout;
}
