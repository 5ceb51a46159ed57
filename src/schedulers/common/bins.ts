/** What is on offer, agent by agent, while tasks are put there. */
import type { Offer } from '../../cluster/index.js';
import { add, scalar, scalars, type Attributes, type Resources } from '../../resources/index.js';
import { refuse, type Reader, oneOf } from '../../cluster/shape.js';
import { take, type Taken, type Wish } from './take.js';

/**
 * Which of the offers that fit a task takes:
 * - `first-fit`: the first, in the order in which they came;
 * - `best-fit`: the one of which least is left, so that room for big tasks stays;
 * - `spread`: the one on whose agent fewest were put, then the one of which most is left.
 */
export type Packing = 'first-fit' | 'best-fit' | 'spread';

/** Reads the name of a packing. */
export const readPacking: Reader<Packing> = (value, path) =>
  typeof value === 'string'
    ? oneOf(['first-fit', 'best-fit', 'spread'])(value, path)
    : refuse('wrong-type', path, 'must be text');

/** All offers of one agent in one role, which one accept can use together, and what is left of them. */
export interface Bin {
  readonly agent: string;
  readonly hostname: string;
  readonly role: string;
  readonly attributes: Attributes;
  /** Ids, in the order in which they came. */
  readonly offers: readonly string[];
  /** Executors of this framework that run there. */
  readonly executors: ReadonlySet<string>;
  /** What nothing was put on yet. */
  readonly rest: Resources;
  /** How many tasks were put there. */
  readonly load: number;
}

/** The bins of some offers, in the order of the first offer of each. */
export function binsOf(offers: readonly Offer[]): Bin[] {
  const bins = new Map<string, Bin>();
  for (const offer of offers) {
    const { id, agent, hostname, role, attributes, resources, executors } = offer;
    const key = JSON.stringify([agent, role]);
    const known = bins.get(key);
    bins.set(key, {
      agent,
      hostname,
      role,
      attributes,
      offers: [...(known?.offers ?? []), id],
      executors: new Set([...(known?.executors ?? []), ...executors]),
      rest: known === undefined ? resources : add(known.rest, resources),
      load: 0,
    });
  }
  return [...bins.values()];
}

/** What one task wants of a bin. */
export interface Demand extends Wish {
  /** Whether it may run there at all. Default: anywhere. */
  readonly allowed?: (bin: Bin) => boolean;
  /** How bad it would be there, beside how it fits: the least bad bins come first. Default: all alike. */
  readonly badness?: (bin: Bin) => number;
}

/** A bin for a task, and what the task takes of it. */
export interface Choice {
  /** Its index. */
  readonly at: number;
  readonly bin: Bin;
  readonly taken: Taken;
}

/**
 * The bin for a task; `undefined` = none will do.
 *
 * @param from the index of the first to look at.
 */
export function choose(bins: readonly Bin[], demand: Demand, packing: Packing, from = 0): Choice | undefined {
  let best: (Choice & { readonly marks: readonly number[] }) | undefined;
  for (let at = from; at < bins.length; at += 1) {
    const bin = bins[at];
    if (bin === undefined || demand.allowed?.(bin) === false) continue;
    const bad = demand.badness?.(bin) ?? 0;
    if (best !== undefined && (packing === 'first-fit' ? bad >= (best.marks[0] ?? 0) : bad > (best.marks[0] ?? 0)))
      continue;
    const taken = take(bin.rest, demand, bin.role);
    if (taken === undefined) continue;
    const choice = { at, bin, taken, marks: marksOf(packing, bad, bin, taken) };
    if (best === undefined || isBetter(choice.marks, best.marks)) best = choice;
    if (packing === 'first-fit' && demand.badness === undefined) break;
  }
  return best;
}

/** What to compare bins by, in this order; less is better. */
function marksOf(packing: Packing, bad: number, bin: Bin, taken: Taken): readonly number[] {
  switch (packing) {
    case 'first-fit':
      return [bad];
    case 'best-fit':
      return [bad, room(taken)];
    case 'spread':
      return [bad, bin.load, -room(taken)];
  }
  packing satisfies never;
  return [];
}

/** How often what was taken would still go into what is left, of the kind of which there is least. */
function room({ resources, rest }: Taken): number {
  let least = Infinity;
  for (const { name } of scalars(resources).items) {
    least = Math.min(least, (scalar(rest, name) ?? 0) / (scalar(resources, name) ?? 1));
  }
  return least;
}

function isBetter(marks: readonly number[], than: readonly number[]): boolean {
  for (const [index, mark] of marks.entries()) {
    const other = than[index] ?? 0;
    if (mark !== other) return mark < other;
  }
  return false;
}

/** The bin with a task put on it. */
export function loaded(bin: Bin, taken: Pick<Taken, 'rest'>, executor?: string): Bin {
  const executors = executor === undefined ? bin.executors : new Set([...bin.executors, executor]);
  return { ...bin, rest: taken.rest, load: bin.load + 1, executors };
}
