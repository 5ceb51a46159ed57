/**
 * Amounts by name as two lists: the names in order, and as many thousandths. Millions of bags hold the same few names, so
 * their lists are shared: sums over one and the same list need no comparison of texts, and a bag costs its numbers only.
 */
import { compareText } from './ids.js';
import { TextMemo } from './memo.js';
import { addMilli } from './scalar.js';

/**
 * Amounts by name. The numbers are nobody's to write: bags share them. They are not frozen, for V8 would box each.
 */
export interface Columns {
  /** In order ({@link compareText}), each once; frozen. */
  readonly names: readonly string[];
  /** In thousandths, in the order of the names. */
  readonly millis: readonly number[];
}

/** No names at all. */
export const noNames: readonly string[] = Object.freeze([]);

/** Lists of more names are hardly ever the same, and searched by halves. */
const few = 16;
const lists = new TextMemo<readonly string[]>();
let lastShared: readonly string[] = noNames;

/** The list of these names that others have too, frozen. */
export function sharedNames(names: readonly string[]): readonly string[] {
  if (names.length > few) return Object.freeze(names);
  if (sameNames(lastShared, names)) return lastShared;
  const list = names.length === 0 ? noNames : lists.recall(names.join(';'), () => Object.freeze(names.map(ownText)));
  // Not the same if a name holds a semicolon.
  if (!sameNames(list, names)) return Object.freeze(names);
  lastShared = list;
  return list;
}

/** The name as a string of its own: V8 compares such by their addresses, and keeps no longer text alive for it. */
function ownText(name: string): string {
  return JSON.parse(JSON.stringify(name)) as string;
}

/** Of so many ways to leave some names out of a list nearly all are never met. */
const mostParts = 64;
/** By list of names and the places that are left, as bits: what is left of the list. */
const parts = new WeakMap<readonly string[], Map<number, readonly string[]>>();

/** The names of which there is some. */
function namesLeft(names: readonly string[], millis: readonly number[]): readonly string[] {
  if (names.length > few) return Object.freeze(names.filter((_, i) => millis[i] !== 0));
  let bits = 0;
  for (let i = 0; i < millis.length; i += 1) if (millis[i] !== 0) bits |= 1 << i;
  const known = parts.get(names) ?? new Map<number, readonly string[]>();
  const left = known.get(bits) ?? sharedNames(names.filter((_, i) => millis[i] !== 0));
  if (known.size === 0) parts.set(names, known);
  if (known.size < mostParts) known.set(bits, left);
  return left;
}

/** The place of a name, from some place on; -1 if it is not there. */
export function placeOf(names: readonly string[], name: string, from: number): number {
  if (names.length > few) return placeByHalves(names, name, from);
  for (let i = from; i < names.length; i += 1) if (names[i] === name) return i;
  return -1;
}

function placeByHalves(names: readonly string[], name: string, from: number): number {
  let low = from;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareText(names[middle] as string, name) < 0) low = middle + 1;
    else high = middle;
  }
  return names[low] === name ? low : -1;
}

/** Whether names are exactly the same: then amounts can be taken place by place. */
export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** Amounts that came in any order, and that nobody else needs: those of one name add up, zeros drop out. */
export function columnsOf(names: string[], millis: number[]): Columns {
  if (names.length > few) return summed(...sortedPairs(names, millis));
  sortInPlace(names, millis);
  return summed(names, millis);
}

/** Sorts what is short, or nearly in order. */
function sortInPlace(names: string[], millis: number[]): void {
  for (let i = 1; i < names.length; i += 1) {
    const name = names[i] as string;
    const milli = millis[i] as number;
    let at = i;
    for (; at > 0 && compareText(names[at - 1] as string, name) > 0; at -= 1) {
      names[at] = names[at - 1] as string;
      millis[at] = millis[at - 1] as number;
    }
    names[at] = name;
    millis[at] = milli;
  }
}

function sortedPairs(names: readonly string[], millis: readonly number[]): [string[], number[]] {
  const places = Array.from(names.keys()).sort((a, b) => compareText(names[a] ?? '', names[b] ?? ''));
  return [places.map((place) => names[place] ?? ''), places.map((place) => millis[place] ?? 0)];
}

/** Adds up neighbours of one name, in place. */
function summed(names: string[], millis: number[]): Columns {
  let size = 0;
  for (let i = 0; i < names.length; i += 1) {
    const milli = millis[i] as number;
    if (milli === 0) continue;
    if (size > 0 && names[size - 1] === names[i]) millis[size - 1] = addMilli(millis[size - 1] as number, milli);
    else {
      names[size] = names[i] as string;
      millis[size] = milli;
      size += 1;
    }
  }
  names.length = size;
  millis.length = size;
  return { names: sharedNames(names), millis: fitted(millis) };
}

/** A list that was pushed to has room for more, several times what it holds: a copy has not. */
export function fitted(millis: readonly number[]): readonly number[] {
  return millis.slice();
}

/** The sums of two lists of one length, place by place. */
export function addPlaces(a: readonly number[], b: readonly number[]): readonly number[] {
  const sums = a.slice();
  for (let i = 0; i < sums.length; i += 1) sums[i] = addMilli(sums[i] as number, b[i] as number);
  return sums;
}

/**
 * The sums, name by name.
 *
 * @throws InputError `too-large`
 */
export function addColumns(a: Columns, b: Columns): Columns {
  if (sameNames(a.names, b.names)) return { names: a.names, millis: addPlaces(a.millis, b.millis) };
  const within = addWithin(a, b);
  return within === undefined ? addApart(a, b) : { names: a.names, millis: within };
}

/** The sums if `b` has no other names than `a`: nearly always one of two is the larger kind of thing. */
function addWithin(a: Columns, b: Columns): readonly number[] | undefined {
  if (b.names.length > a.names.length) return undefined;
  const sums = a.millis.slice();
  let from = 0;
  for (let j = 0; j < b.names.length; j += 1) {
    const at = placeOf(a.names, b.names[j] as string, from);
    if (at === -1) return undefined;
    sums[at] = addMilli(sums[at] as number, b.millis[j] as number);
    from = at + 1;
  }
  return sums;
}

function addApart(a: Columns, b: Columns): Columns {
  const names: string[] = [];
  const millis: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.names.length || j < b.names.length) {
    const x = a.names[i];
    const y = b.names[j];
    const order = x === undefined ? 1 : y === undefined ? -1 : compareText(x, y);
    names.push((order <= 0 ? x : y) ?? '');
    millis.push(addMilli(order <= 0 ? (a.millis[i] ?? 0) : 0, order >= 0 ? (b.millis[j] ?? 0) : 0));
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
  }
  return { names: names.length === b.names.length ? b.names : sharedNames(names), millis: fitted(millis) };
}

/** What is left of `a` without `b`, place by place of `a` and never less than nothing: zeros among it. */
export function subtractPlaces(a: Columns, b: Columns): readonly number[] {
  const rest = a.millis.slice();
  if (a.names === b.names) {
    for (let i = 0; i < rest.length; i += 1) rest[i] = less(rest[i] as number, b.millis[i] as number);
    return rest;
  }
  let from = 0;
  for (let j = 0; j < b.names.length; j += 1) {
    const at = placeOf(a.names, b.names[j] as string, from);
    if (at === -1) continue;
    rest[at] = less(rest[at] as number, b.millis[j] as number);
    from = at + 1;
  }
  return rest;
}

function less(have: number, taken: number): number {
  return have > taken ? have - taken : 0;
}

/** The amounts without those of which there is nothing. */
export function withoutZeros(names: readonly string[], millis: readonly number[]): Columns {
  let some = 0;
  for (let i = 0; i < millis.length; i += 1) if (millis[i] !== 0) some += 1;
  if (some === millis.length) return { names, millis };
  if (some === 0) return nothing;
  return { names: namesLeft(names, millis), millis: fitted(millis.filter((milli) => milli !== 0)) };
}

const nothing: Columns = { names: noNames, millis: [] };

/** Whether there is at least as much of every name in `whole` as in `part`. */
export function columnsContain(whole: Columns, part: Columns): boolean {
  const { names, millis } = part;
  if (whole.names === names) {
    for (let i = 0; i < millis.length; i += 1) if ((whole.millis[i] as number) < (millis[i] as number)) return false;
    return true;
  }
  let from = 0;
  for (let j = 0; j < names.length; j += 1) {
    const at = placeOf(whole.names, names[j] as string, from);
    if (at === -1 || (whole.millis[at] as number) < (millis[j] as number)) return false;
    from = at + 1;
  }
  return true;
}

/** Whether two have the same names and amounts. */
export function columnsEqual(a: Columns, b: Columns): boolean {
  if (!sameNames(a.names, b.names)) return false;
  for (let i = 0; i < a.millis.length; i += 1) if (a.millis[i] !== b.millis[i]) return false;
  return true;
}

/** How much there is of a name. */
export function milliOf({ names, millis }: Columns, name: string): number {
  const at = placeOf(names, name, 0);
  return at === -1 ? 0 : (millis[at] ?? 0);
}
