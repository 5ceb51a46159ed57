/** The slow and obvious version: lists of items, each pair compared, after RES-4, RES-5, RES-7 and RES-11. */
import {
  addable,
  formatItem,
  isIndivisible,
  rangesAdd,
  rangesContain,
  rangesSubtract,
  type ResourceItem,
  sameItem,
  setAdd,
  setContains,
  setSubtract,
  subtractable,
  type Value,
} from '../../src/resources/index.js';

function sum(a: Value, b: Value): Value {
  if (a.type === 'scalar' && b.type === 'scalar') return { type: 'scalar', milli: a.milli + b.milli };
  if (a.type === 'ranges' && b.type === 'ranges') return rangesAdd(a, b);
  return a.type === 'set' && b.type === 'set' ? setAdd(a, b) : a;
}

function difference(a: Value, b: Value): Value {
  if (a.type === 'scalar' && b.type === 'scalar') return { type: 'scalar', milli: Math.max(0, a.milli - b.milli) };
  if (a.type === 'ranges' && b.type === 'ranges') return rangesSubtract(a, b);
  return a.type === 'set' && b.type === 'set' ? setSubtract(a, b) : a;
}

function holdsValue(a: Value, b: Value): boolean {
  if (a.type === 'scalar' && b.type === 'scalar') return a.milli >= b.milli;
  if (a.type === 'ranges' && b.type === 'ranges') return rangesContain(a, b);
  return a.type === 'set' && b.type === 'set' && setContains(a, b);
}

export function isNothing({ value, shared }: ResourceItem): boolean {
  if (value.type === 'scalar') return value.milli === 0 || shared === 0;
  return value.type === 'ranges' ? value.ranges.length === 0 : value.items.length === 0;
}

export function slowAdd(bag: readonly ResourceItem[], item: ResourceItem): ResourceItem[] {
  const at = bag.findIndex((own) => addable(own, item));
  const own = bag[at];
  if (own === undefined) return [...bag, item];
  const both: ResourceItem =
    own.shared === undefined
      ? { ...own, value: sum(own.value, item.value) }
      : { ...own, shared: own.shared + (item.shared ?? 0) };
  return bag.with(at, both);
}

export function slowSubtract(bag: readonly ResourceItem[], item: ResourceItem): ResourceItem[] {
  const at = bag.findIndex((own) => subtractable(own, item));
  const own = bag[at];
  if (own === undefined) return [...bag];
  if (own.shared !== undefined) {
    const copies = Math.max(0, own.shared - (item.shared ?? 0));
    return bag.with(at, { ...own, shared: copies }).filter((rest) => !isNothing(rest));
  }
  if (isIndivisible(own)) return bag.toSpliced(at, 1);
  return bag.with(at, { ...own, value: difference(own.value, item.value) }).filter((rest) => !isNothing(rest));
}

export function slowContains(whole: readonly ResourceItem[], part: readonly ResourceItem[]): boolean {
  let rest = whole;
  for (const item of part) {
    const own = rest.find((x) => {
      if (x.shared !== undefined || item.shared !== undefined)
        return sameItem(x, item) && (x.shared ?? 0) >= (item.shared ?? 0);
      return isIndivisible(x) ? sameItem(x, item) : subtractable(x, item) && holdsValue(x.value, item.value);
    });
    if (own === undefined) return false;
    if (isIndivisible(own) && own.shared === undefined) rest = rest.filter((x) => x !== own);
  }
  return true;
}

/** What a bag is, whatever the order and the container paths. */
export function portrait(items: readonly ResourceItem[]): string[] {
  const sorted = (item: ResourceItem): ResourceItem =>
    item.value.type === 'set' ? { ...item, value: { type: 'set', items: item.value.items.toSorted() } } : item;
  return items
    .map(sorted)
    .map((item) => (item.disk === undefined ? item : { ...item, disk: { ...item.disk, path: '' } }))
    .map((item) => `${item.shared ?? ''} ${item.provider ?? ''} ${formatItem(item)}`)
    .toSorted();
}
