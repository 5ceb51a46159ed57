import { attributes, hashText, resources } from '../../resources/index.js';
import type { Machine } from '../clusters/machines.js';
import { fits, type ResourceIndex, type Shape, type Vector } from './shapes.js';

/** The machines by number: what each has, and what of it no task uses, in columns. */
export class MachineTable {
  readonly machines: readonly Machine[];
  readonly index: ResourceIndex;
  /** By machine and resource, thousandths. */
  readonly total: Vector;
  readonly free: Vector;
  /** The sums over all machines. */
  readonly totals: Vector;
  readonly used: Vector;
  /** Counts changes of what is free. */
  version = 0;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #attributes: readonly ReadonlyMap<string, string>[];
  readonly #hashes: Int32Array;

  constructor(machines: readonly Machine[], index: ResourceIndex) {
    const width = index.names.length;
    this.machines = machines;
    this.index = index;
    this.total = new Float64Array(machines.length * width);
    this.totals = new Float64Array(width);
    this.used = new Float64Array(width);
    const bags = new Map(machines.map(({ resources: text }) => [text, resources(text)]));
    for (const [number, { resources: text }] of machines.entries()) {
      const bag = bags.get(text);
      const has = bag === undefined ? new Float64Array(width) : index.vector(bag);
      this.total.set(has, number * width);
      for (let at = 0; at < width; at += 1) this.totals[at] = (this.totals[at] as number) + (has[at] as number);
    }
    this.free = this.total.slice();
    this.#numbers = new Map(machines.map(({ id }, number) => [id, number]));
    const sorts = new Map(machines.map(({ attributes: text }) => [text, attributeMap(text)]));
    this.#attributes = machines.map(({ attributes: text }) => sorts.get(text) ?? new Map());
    this.#hashes = Int32Array.from(machines, ({ id }) => hashText(id));
  }

  numberOf(id: string): number {
    return this.#numbers.get(id) ?? -1;
  }

  idOf(machine: number): string {
    return this.machines[machine]?.id ?? '';
  }

  /** For luck that belongs to a machine. */
  hashOf(machine: number): number {
    return this.#hashes[machine] as number;
  }

  /** Whether a machine is of the kind that tasks of a shape need, however full it is. */
  suits(machine: number, { needs }: Pick<Shape, 'needs'>): boolean {
    if (needs === undefined) return true;
    const has = this.#attributes[machine]?.get(needs.attribute);
    return has !== undefined && needs.oneOf.includes(has);
  }

  /** Whether a task of a shape would ever fit here. */
  couldHold(machine: number, shape: Pick<Shape, 'need' | 'needs'>): boolean {
    return this.suits(machine, shape) && fits(shape.need, this.total, machine * shape.need.length);
  }

  /** A machine as it is now. */
  look(machine: number): { readonly id: string; used(resource: string): number; total(resource: string): number } {
    const { index, total, free } = this;
    const place = (resource: string): number => machine * index.names.length + index.names.indexOf(resource);
    const amount = (milli: number | undefined): number => (milli ?? 0) / 1_000;
    return {
      id: this.idOf(machine),
      used: (resource) =>
        index.names.includes(resource) ? amount((total[place(resource)] ?? 0) - (free[place(resource)] ?? 0)) : 0,
      total: (resource) => (index.names.includes(resource) ? amount(total[place(resource)]) : 0),
    };
  }

  take(machine: number, { need }: Shape): void {
    this.#change(machine, need, 1);
  }

  giveBack(machine: number, { need }: Shape): void {
    this.#change(machine, need, -1);
  }

  #change(machine: number, need: Vector, sign: 1 | -1): void {
    const { free, used } = this;
    this.version += 1;
    for (let at = 0, offset = machine * need.length; at < need.length; at += 1) {
      const amount = sign * (need[at] as number);
      free[offset + at] = (free[offset + at] as number) - amount;
      used[at] = (used[at] as number) + amount;
    }
  }
}

function attributeMap(text: string): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const { name, value } of attributes(text).items) if (value.type === 'text') map.set(name, value.text);
  return map;
}
