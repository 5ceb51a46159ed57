/**
 * Amounts by name as two lists: the names in order, and as many thousandths. Millions of bags hold the same few names, so
 * their lists are shared: sums over one and the same list need no comparison of texts, and a bag costs its numbers only.
 */
import { compareText } from './ids.js';
import { detached, TextMemo } from './memo.js';
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

const lists = new TextMemo<readonly string[]>();
/** Lists of more names are hardly ever the same. */
const mostShared = 16;

/** The list of these names that others have too, frozen. */
export function sharedNames(names: readonly string[]): readonly string[] {
  if (names.length === 0) return noNames;
  if (names.length > mostShared) return Object.freeze(names);
  const list = lists.recall(names.join(';'), () => Object.freeze(names.map(detached)));
  // Not if a name holds a semicolon.
  return sameNames(list, names) ? list : Object.freeze(names);
}

/** Whether names are exactly the same: then amounts can be taken place by place. */
export function sameNames(a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** Amounts that came in any order: those of one name add up, zeros drop out. */
export function columnsOf(amounts: readonly (readonly [name: string, milli: number])[]): Columns {
  const names: string[] = [];
  const millis: number[] = [];
  for (const [name, milli] of amounts.toSorted((a, b) => compareText(a[0], b[0]))) {
    const last = names.length - 1;
    if (milli === 0) continue;
    if (names[last] === name) millis[last] = addMilli(millis[last] ?? 0, milli);
    else {
      names.push(name);
      millis.push(milli);
    }
  }
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
  let i = 0;
  for (let j = 0; j < b.names.length; j += 1) {
    while (i < sums.length && a.names[i] !== b.names[j]) i += 1;
    if (i === sums.length) return undefined;
    sums[i] = addMilli(sums[i] as number, b.millis[j] as number);
    i += 1;
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
  let j = 0;
  for (let i = 0; i < rest.length && j < b.names.length; i += 1) {
    const name = a.names[i] as string;
    while (j < b.names.length && compareText(b.names[j] as string, name) < 0) j += 1;
    if (b.names[j] === name) rest[i] = less(rest[i] as number, b.millis[j] as number);
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
  return {
    names: sharedNames(names.filter((_, i) => millis[i] !== 0)),
    millis: fitted(millis.filter((milli) => milli !== 0)),
  };
}

/** Whether there is at least as much of every name in `whole` as in `part`. */
export function columnsContain(whole: Columns, part: Columns): boolean {
  const { names, millis } = part;
  if (whole.names === names) {
    for (let i = 0; i < millis.length; i += 1) if ((whole.millis[i] as number) < (millis[i] as number)) return false;
    return true;
  }
  let i = 0;
  for (let j = 0; j < names.length; j += 1) {
    const name = names[j] as string;
    while (i < whole.names.length && compareText(whole.names[i] as string, name) < 0) i += 1;
    if (whole.names[i] !== name || (whole.millis[i] as number) < (millis[j] as number)) return false;
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
  const at = names.indexOf(name);
  return at === -1 ? 0 : (millis[at] ?? 0);
}
