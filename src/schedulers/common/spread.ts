import { hostname, placeOf, type Constraint } from './constraints.js';
import { isLike } from './glob.js';
import type { Offer } from '../../cluster/index.js';

type Place = Pick<Offer, 'hostname' | 'attributes'>;

/** The values of some attributes where something runs, as pairs of an attribute and its value. */
export type Places = readonly (readonly [attribute: string, value: string])[];

/** How many of one job or app run where, as it becomes while more are placed. */
export class Crowd {
  readonly #counts = new Map<string, Map<string, number>>();

  /** Counts one that runs there, from now on. */
  add(places: Places): void {
    for (const [attribute, value] of places) {
      const counts = this.#of(attribute);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }

  /** A value that something could run at, though nothing may. */
  see(attribute: string, value: string): void {
    const counts = this.#of(attribute);
    if (!counts.has(value)) counts.set(value, 0);
  }

  count(attribute: string, value: string): number {
    return this.#counts.get(attribute)?.get(value) ?? 0;
  }

  /** The fewest that run at any value. */
  least(attribute: string): number {
    return Math.min(...this.#of(attribute).values());
  }

  /** As it is now; what is added to one is not added to the other. */
  copy(): Crowd {
    const copied = new Crowd();
    for (const [attribute, counts] of this.#counts) copied.#counts.set(attribute, new Map(counts));
    return copied;
  }

  #of(attribute: string): Map<string, number> {
    const known = this.#counts.get(attribute) ?? new Map<string, number>();
    this.#counts.set(attribute, known);
    return known;
  }
}

/** Whether one more may run there, beside the others. */
export function allows(constraint: Constraint, place: Place, crowd: Crowd): boolean {
  const { attribute = hostname } = constraint;
  const value = placeOf(place, attribute);
  if (value === undefined) return constraint.type === 'spread' && constraint.maxSkew === undefined;
  switch (constraint.type) {
    case 'unique':
      return crowd.count(attribute, value) === 0;
    case 'equals':
      return value === constraint.value;
    case 'like':
      return isLike(value, constraint.pattern);
    case 'spread':
      if (constraint.maxSkew === undefined) return true;
      crowd.see(attribute, value);
      return crowd.count(attribute, value) + 1 - crowd.least(attribute) <= constraint.maxSkew;
  }
  constraint satisfies never;
  return false;
}

/** How many others run at the same values, over all that is to be spread: the fewer the better. */
export function crowding(constraints: readonly Constraint[], place: Place, crowd: Crowd): number {
  let sum = 0;
  for (const { type, attribute } of constraints) {
    if (type !== 'spread') continue;
    const value = placeOf(place, attribute);
    // Where nobody knows the value is as good as full.
    sum += value === undefined ? Number.MAX_SAFE_INTEGER : crowd.count(attribute, value);
  }
  return sum;
}

/** The places to remember of one that is put there. */
export function placesAt(attributes: readonly string[], place: Place): Places {
  return attributes.flatMap((name) => {
    const value = placeOf(place, name);
    return value === undefined ? [] : [[name, value] as const];
  });
}
