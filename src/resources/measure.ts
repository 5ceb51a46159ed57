import { type Columns, fitted, milliOf, placeOf, sharedNames } from './columns.js';
import { compareText } from './ids.js';
import type { ResourceItem } from './item.js';
import { cut } from './quote.js';
import { millisOf, namesOf, noQuantities, Quantities } from './quantities.js';
import { columnsIn, isPlainScalars, type Resources, restOf } from './resources.js';
import { addMilli, MAX_MILLI, tooLarge } from './scalar.js';
import { rangesCount, rangesUnion, type RangesValue } from './values.js';

/**
 * How much of each name there is (QTY-3): scalars by value, sets by the number of their items, ranges by that of their
 * numbers. Metadata does not count, and a shared volume counts once (SHARE-2).
 *
 * @throws InputError `too-large` beyond 2^53 thousandths.
 * @remarks Since 0.1.0
 */
export function quantitiesFromResources(r: Resources): Quantities {
  return sumByName(r, exactly);
}

/**
 * How much of each scalar there is; ranges and sets are left out.
 *
 * @throws InputError `too-large` beyond 2^53 thousandths.
 * @remarks Since 0.1.0
 */
export function quantitiesFromScalarResources(r: Resources): Quantities {
  return sumByName(r, ({ value }) => (value.type === 'scalar' ? value.milli : 0));
}

/** As {@link quantitiesFromResources}; what is too much to be counted is the most that can be. */
export function cappedQuantities(r: Resources): Quantities {
  const capped = (milli: number): number => Math.min(milli, MAX_MILLI);
  return sumByName(
    r,
    (item) => capped(sizeOf(item)),
    (a, b) => capped(a + b),
  );
}

/** What an item counts for, and how two such numbers are added. */
type MilliOf = (item: ResourceItem) => number;
type Plus = (a: number, b: number) => number;

/** The plain scalars, whose lists the result shares if it can, and what every other item counts for. */
function sumByName(r: Resources, milliOf: MilliOf, plus: Plus = addMilli): Quantities {
  const plain = columnsIn(r);
  const others = restOf(r)?.items ?? [];
  const sums = addWithin(plain, others, milliOf, plus) ?? addApart(plain, others, milliOf, plus);
  return sums.names.length === 0 ? noQuantities : new Quantities(sums.names, sums.millis);
}

/** The sums if the other items that count have no other names: little is reserved of what is not there unreserved too. */
function addWithin(plain: Columns, others: readonly ResourceItem[], milliOf: MilliOf, plus: Plus): Columns | undefined {
  let sums: number[] | undefined;
  for (const item of others) {
    const milli = milliOf(item);
    if (milli === 0) continue;
    const at = placeOf(plain.names, item.name, 0);
    if (at === -1) return undefined;
    sums ??= plain.millis.slice();
    sums[at] = plus(sums[at] as number, milli);
  }
  return sums === undefined ? plain : { names: plain.names, millis: sums };
}

/** Both come in the order of their names, so it takes no table. */
function addApart(
  { names: own, millis: have }: Columns,
  others: readonly ResourceItem[],
  milliOf: MilliOf,
  plus: Plus,
): Columns {
  const names: string[] = [];
  const millis: number[] = [];
  let i = 0;
  let j = 0;
  while (i < own.length || j < others.length) {
    const item = others[j];
    const isPlain = i < own.length && (item === undefined || compareText(own[i] as string, item.name) <= 0);
    const name = isPlain ? (own[i] as string) : (item as ResourceItem).name;
    const milli = isPlain ? (have[i] as number) : milliOf(item as ResourceItem);
    if (isPlain) i += 1;
    else j += 1;
    const last = names.length - 1;
    if (last >= 0 && names[last] === name) millis[last] = plus(millis[last] as number, milli);
    else if (milli > 0) {
      names.push(name);
      millis.push(milli);
    }
  }
  return { names: sharedNames(names), millis: fitted(millis) };
}

function exactly(item: ResourceItem): number {
  const milli = sizeOf(item);
  if (milli > MAX_MILLI) throw tooLarge('resources', `The size of ${cut(item.name)}`);
  return milli;
}

/** What one item counts for, in thousandths; a count of numbers may exceed the exact doubles. */
function sizeOf({ value }: ResourceItem): number {
  if (value.type === 'scalar') return value.milli;
  return (value.type === 'ranges' ? rangesCount(value) : value.items.length) * 1000;
}

/**
 * Whether resources amount to at least these quantities, whatever their metadata (RES-12). Exact on thousandths, where
 * Mesos compares raw doubles (quirk 3).
 *
 * @remarks Since 0.1.0
 */
export function holds(r: Resources, q: Quantities): boolean {
  const names = namesOf(q);
  const millis = millisOf(q);
  const others = restOf(r)?.items;
  for (let i = 0; i < names.length; i += 1) {
    const name = names[i] as string;
    const own = milliOf(columnsIn(r), name);
    const sum = others === undefined ? own : own + sizeNamed(others, name);
    if (sum < (millis[i] as number)) return false;
  }
  return true;
}

function sizeNamed(items: readonly ResourceItem[], name: string): number {
  let sum = 0;
  for (const item of items) if (item.name === name) sum += sizeOf(item);
  return sum;
}

/**
 * Whether a number of a range or an item of a set is in more than one of the bags (VAL-11). Metadata does not count, but
 * for the resource provider: what two providers have is not the same thing.
 *
 * @remarks Since 0.1.0
 */
export function overlaps(list: readonly Resources[]): boolean {
  if (list.every(isPlainScalars)) return false;
  const ranges = new Map<string, RangesValue[]>();
  const items = new Set<string>();
  for (const bag of list) {
    const own = nonScalarsOf(bag);
    for (const [key, values] of own.ranges) ranges.set(key, [...(ranges.get(key) ?? []), rangesUnion(values)]);
    for (const item of own.items) {
      if (items.has(item)) return true;
      items.add(item);
    }
  }
  // As many numbers in the union as in all parts together: then none was there twice.
  return [...ranges.values()].some((parts) => {
    const total = parts.reduce((sum, part) => sum + rangesCount(part), 0);
    return rangesCount(rangesUnion(parts)) !== total;
  });
}

interface NonScalars {
  readonly ranges: Map<string, RangesValue[]>;
  readonly items: Set<string>;
}

function nonScalarsOf(bag: Resources): NonScalars {
  const found: NonScalars = { ranges: new Map(), items: new Set() };
  for (const { name, provider, value } of restOf(bag)?.items ?? []) {
    const key = JSON.stringify([name, provider ?? null]);
    if (value.type === 'ranges') found.ranges.set(key, [...(found.ranges.get(key) ?? []), value]);
    if (value.type === 'set') for (const item of value.items) found.items.add(JSON.stringify([key, item]));
  }
  return found;
}
