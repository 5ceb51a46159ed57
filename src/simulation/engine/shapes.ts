import {
  InputError,
  names,
  quantitiesFromScalarResources,
  resources as readResources,
  type Resources,
} from '../../resources/index.js';
import type { TaskGroup } from '../workloads/workload.js';

/** Amounts in thousandths, by the numbers of {@link ResourceIndex}. */
export type Vector = Float64Array<ArrayBuffer>;

/** Numbers for the names of resources; what no machine has may have one too. */
export class ResourceIndex {
  readonly names: readonly string[];
  readonly #numbers: ReadonlyMap<string, number>;
  /** Bags whose vectors were made: offers of machines that are alike are one object. */
  readonly #known = new WeakMap<Resources, Vector>();

  constructor(all: readonly string[]) {
    this.names = all;
    this.#numbers = new Map(all.map((name, number) => [name, number]));
  }

  /** What is in a bag, but for what has no number. Not to be changed. */
  vector(bag: Resources): Vector {
    const known = this.#known.get(bag);
    if (known !== undefined) return known;
    const vector = new Float64Array(this.names.length);
    const amounts = quantitiesFromScalarResources(bag);
    for (const [at, name] of names(amounts).entries()) {
      const number = this.#numbers.get(name);
      if (number !== undefined) vector[number] = amounts.millis[at] ?? 0;
    }
    this.#known.set(bag, vector);
    return vector;
  }

  /** Whether all that is in a bag has a number. */
  knows(bag: Resources): boolean {
    return names(quantitiesFromScalarResources(bag)).every((name) => this.#numbers.has(name));
  }
}

/** Tasks of one shape can be in each other's place. */
export interface Shape {
  readonly number: number;
  readonly resources: Resources;
  readonly need: Vector;
  readonly needs: TaskGroup['needs'];
  /** Whether some machine could hold such a task if it were empty. */
  readonly isPossible: boolean;
}

/** What is asked of the machines about a shape. */
export interface Holders {
  readonly index: ResourceIndex;
  readonly machines: { readonly length: number };
  couldHold(machine: number, shape: Pick<Shape, 'need' | 'needs'>): boolean;
}

/** All shapes that were asked for, each once. */
export class ShapeTable {
  readonly all: Shape[] = [];
  readonly #byKey = new Map<string, Shape>();
  readonly #holders: Holders;

  constructor(holders: Holders) {
    this.#holders = holders;
  }

  /** @throws InputError `bad-workload` for a task that asks for nothing, or not for scalars */
  shapeOf({ resources: text, needs }: Pick<TaskGroup, 'resources' | 'needs'>, path: string): Shape {
    const key = needs === undefined ? text : JSON.stringify([text, needs.attribute, needs.oneOf]);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const bag = readResources(text, path);
    const isScalar = bag.items.length > 0 && bag.items.every(({ value }) => value.type === 'scalar');
    if (!isScalar) throw new InputError('bad-workload', path, 'a task must ask for amounts, and for nothing else');
    const need = this.#holders.index.vector(bag);
    const isPossible = this.#holders.index.knows(bag) && this.#someCouldHold({ need, needs });
    const shape: Shape = { number: this.all.length, resources: bag, need, needs, isPossible };
    this.all.push(shape);
    this.#byKey.set(key, shape);
    return shape;
  }

  #someCouldHold(shape: Pick<Shape, 'need' | 'needs'>): boolean {
    const { machines } = this.#holders;
    for (let machine = 0; machine < machines.length; machine += 1) {
      if (this.#holders.couldHold(machine, shape)) return true;
    }
    return false;
  }
}

/** Whether all of `need` is there. */
export function fits(need: Vector, there: Vector, offset: number = 0): boolean {
  for (let at = 0; at < need.length; at += 1) if ((need[at] as number) > (there[offset + at] as number)) return false;
  return true;
}

/** Whether whoever can't place `small` can't place `large`. */
export function isNoEasier(large: Shape, small: Shape): boolean {
  if (small.needs !== undefined && JSON.stringify(small.needs) !== JSON.stringify(large.needs)) return false;
  return fits(small.need, large.need);
}

/** How many tasks of a shape fit, up to so many. */
export function mostOf({ need }: Shape, left: Vector, wanted: number): number {
  let most = wanted;
  for (let at = 0; at < need.length; at += 1) {
    const each = need[at] as number;
    if (each > 0) most = Math.min(most, Math.floor((left[at] as number) / each));
  }
  return most;
}

/** Takes what so many tasks of a shape need. */
export function takeFrom(left: Vector, { need }: Shape, tasks: number): void {
  for (let at = 0; at < need.length; at += 1) left[at] = (left[at] as number) - tasks * (need[at] as number);
}
