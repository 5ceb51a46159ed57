/** Resources as somebody would keep them in an afternoon: a map by name, thousandths for scalars, pairs for ranges. */
import { formatMilli, type Resources } from '../../src/resources/index.js';

/** From the first number to the last, both included; sorted, with a gap between any two. */
export type Ranges = readonly (readonly [begin: number, end: number])[];

/** By name, sorted when it was read; nothing in it is empty. */
export type Amounts = Map<string, number | Ranges>;

/** Reads what the library holds; only scalars and ranges without metadata. */
export function amountsOf(resources: Resources): Amounts {
  const amounts: Amounts = new Map();
  for (const { name, value } of resources.items) {
    if (value.type === 'scalar') amounts.set(name, value.milli);
    else if (value.type === 'ranges')
      amounts.set(
        name,
        value.ranges.map(({ begin, end }) => [begin, end] as const),
      );
  }
  return amounts;
}

/** As the library writes it. */
export function textOf(amounts: Amounts): string {
  return [...amounts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, amount]) => `${name}:${typeof amount === 'number' ? formatMilli(amount) : rangesText(amount)}`)
    .join(';');
}

function rangesText(ranges: Ranges): string {
  return `[${ranges.map(([begin, end]) => `${begin}-${end}`).join(',')}]`;
}

/** Adds `more` to `amounts`. */
export function addTo(amounts: Amounts, more: Amounts): void {
  for (const [name, amount] of more) {
    const before = amounts.get(name);
    if (before === undefined) amounts.set(name, amount);
    else if (typeof before === 'number') amounts.set(name, before + (amount as number));
    else amounts.set(name, joined(before, amount as Ranges));
  }
}

/** Takes `part`, which must be in it, out of `amounts`. */
export function takeFrom(amounts: Amounts, part: Amounts): void {
  for (const [name, amount] of part) {
    const before = amounts.get(name);
    if (before === undefined) continue;
    const rest = typeof before === 'number' ? before - (amount as number) : without(before, amount as Ranges);
    if (rest === 0 || (typeof rest !== 'number' && rest.length === 0)) amounts.delete(name);
    else amounts.set(name, rest);
  }
}

/** Whether all of `part` is in `whole`. */
export function covers(whole: Amounts, part: Amounts): boolean {
  for (const [name, amount] of part) {
    const have = whole.get(name);
    if (have === undefined) return false;
    if (typeof amount === 'number') {
      if ((have as number) < amount) return false;
    } else if (without(amount, have as Ranges).length > 0) return false;
  }
  return true;
}

function joined(a: Ranges, b: Ranges): Ranges {
  const sorted = [...a, ...b].sort(([x], [y]) => x - y);
  const merged: [number, number][] = [];
  for (const [begin, end] of sorted) {
    const last = merged[merged.length - 1];
    if (last !== undefined && begin <= last[1] + 1) last[1] = Math.max(last[1], end);
    else merged.push([begin, end]);
  }
  return merged;
}

function without(whole: Ranges, part: Ranges): Ranges {
  let left: (readonly [number, number])[] = [...whole];
  for (const [from, to] of part) {
    left = left.flatMap(([begin, end]) => {
      if (to < begin || from > end) return [[begin, end] as const];
      const sides: [number, number][] = [];
      if (begin < from) sides.push([begin, from - 1]);
      if (to < end) sides.push([to + 1, end]);
      return sides;
    });
  }
  return left;
}
