import type { Edit } from './table.js';

/** Says which table may write a node in place; see `table.ts`. */
class Owner {}

const bitsPerLevel = 5;
const width = 1 << bitsPerLevel;
const mask = width - 1;

/** A node of the trie: 32 places for values at the bottom, for nodes above. Never frozen: see `table.ts`. */
class Node {
  readonly owner: Owner | undefined;
  readonly slots: unknown[];
  /** How many places are in use. */
  used: number;

  constructor(owner: Owner | undefined, slots: unknown[], used: number) {
    this.owner = owner;
    this.slots = slots;
    this.used = used;
  }
}

/** How the last write changed the number of entries. */
let sizeChange = 0;

/**
 * A persistent table by whole numbers from 0 on, such as counters give: a trie over the digits of the number to the base
 * 32. Numbers that follow each other lie side by side, so that a range of them is filled a node at a time, and walked in
 * order; nodes without entries are let go.
 *
 * @example
 * ```ts
 * const one = Numbered.empty<string>().set(7, 'a');
 * const two = one.fill(8, 1_000, 'b');   // one still has a single entry
 * ```
 * @remarks Since 0.1.0
 */
export class Numbered<V> {
  /** How many entries there are. */
  readonly size: number;
  readonly #root: Node | null;
  /** How many bits of a number lie below the places of the root. */
  readonly #shift: number;
  readonly #edit: Edit | undefined;
  readonly #owner: Owner | undefined;

  private constructor(
    root: Node | null,
    shift: number,
    size: number,
    edit: Edit | undefined,
    owner: Owner | undefined,
  ) {
    this.#root = root;
    this.#shift = shift;
    this.size = size;
    this.#edit = edit;
    this.#owner = owner;
  }

  static readonly #none = new Numbered<never>(null, 0, 0, undefined, undefined);

  /** The table without entries. */
  static empty<V>(): Numbered<V> {
    return Numbered.#none;
  }

  /** The value of a number, or `undefined`. */
  get(number: number): V | undefined {
    let node = this.#root;
    if (node === null || !isKey(number) || number >= width * 2 ** this.#shift) return undefined;
    for (let shift = this.#shift; shift > 0; shift -= bitsPerLevel) {
      node = node.slots[digit(number, shift)] as Node | null;
      if (node === null) return undefined;
    }
    return (node.slots[number & mask] as V | null) ?? undefined;
  }

  /**
   * This table with one entry set. With an `edit` the nodes that it made are written in place: of the tables made under
   * one edit keep only the last.
   */
  set(number: number, value: V, edit?: Edit): Numbered<V> {
    return this.fill(number, number, value, edit);
  }

  /** This table with one value for all numbers from `first` to `last`, both included. For `edit` see {@link Numbered.set}. */
  fill(first: number, last: number, value: V, edit?: Edit): Numbered<V> {
    if (last < first) return this;
    if (!isKey(first) || !isKey(last)) throw new RangeError(`${first} to ${last} are not whole numbers from 0 on`);
    const owner = this.#ownerFor(edit);
    let root = this.#root ?? new Node(owner, emptySlots(), 0);
    let shift = this.#root === null ? 0 : this.#shift;
    for (; last >= width * 2 ** shift; shift += bitsPerLevel) {
      if (root.used === 0) continue;
      const slots = emptySlots();
      slots[0] = root;
      root = new Node(owner, slots, 1);
    }
    sizeChange = 0;
    const filled = fillNode(root, shift, 0, first, last, value, owner);
    return new Numbered<V>(filled, shift, this.size + sizeChange, edit, owner);
  }

  /** This table without an entry; itself if there is none. For `edit` see {@link Numbered.set}. */
  remove(number: number, edit?: Edit): Numbered<V> {
    if (this.#root === null || this.get(number) === undefined) return this;
    const owner = this.#ownerFor(edit);
    const root = without(this.#root, this.#shift, number, owner);
    return root === null ? Numbered.empty() : new Numbered<V>(root, this.#shift, this.size - 1, edit, owner);
  }

  /** The entries, the smallest number first. */
  entries(): [number, V][] {
    const list: [number, V][] = [];
    this.forEach((value, number) => list.push([number, value]));
    return list;
  }

  /** The entries one by one, the smallest number first. */
  *walk(): Generator<[number, V], void, undefined> {
    if (this.#root !== null) yield* walkNode(this.#root, this.#shift, 0) as Generator<[number, V], void, undefined>;
  }

  /** Visits every entry, the smallest number first. */
  forEach(visit: (value: V, number: number) => void): void {
    if (this.#root !== null) walk(this.#root, this.#shift, 0, visit as (value: unknown, number: number) => void);
  }

  #ownerFor(edit: Edit | undefined): Owner | undefined {
    if (edit === undefined) return undefined;
    return edit === this.#edit ? this.#owner : new Owner();
  }
}

function isKey(number: number): boolean {
  return Number.isSafeInteger(number) && number >= 0;
}

/** The digit of a number above so many bits; numbers are longer than 32 bits. */
function digit(number: number, shift: number): number {
  return shift < 30 ? (number >>> shift) & mask : Math.floor(number / 2 ** shift) & mask;
}

function emptySlots(): unknown[] {
  return Array<unknown>(width).fill(null);
}

/** The node itself if the owner made it, else a copy of the owner's. */
function owned(node: Node, owner: Owner | undefined): Node {
  return owner !== undefined && node.owner === owner ? node : new Node(owner, node.slots.slice(), node.used);
}

/** Fills what of a range lies below a node; `base` is the number of its first place. */
function fillNode(
  node: Node,
  shift: number,
  base: number,
  first: number,
  last: number,
  value: unknown,
  owner: Owner | undefined,
): Node {
  const mine = owned(node, owner);
  const step = 2 ** shift;
  const from = Math.max(0, Math.floor((first - base) / step));
  const to = Math.min(mask, Math.floor((last - base) / step));
  for (let at = from; at <= to; at += 1) {
    const there = mine.slots[at];
    if (there === null) mine.used += 1;
    if (shift === 0) {
      if (there === null) sizeChange += 1;
      mine.slots[at] = value;
      continue;
    }
    const child = (there as Node | null) ?? new Node(owner, emptySlots(), 0);
    mine.slots[at] = fillNode(child, shift - bitsPerLevel, base + at * step, first, last, value, owner);
  }
  return mine;
}

/** The node without an entry that is there; null if it was the last. */
function without(node: Node, shift: number, number: number, owner: Owner | undefined): Node | null {
  const at = digit(number, shift);
  const rest = shift === 0 ? null : without(node.slots[at] as Node, shift - bitsPerLevel, number, owner);
  if (rest === null && node.used === 1) return null;
  const mine = owned(node, owner);
  mine.slots[at] = rest;
  if (rest === null) mine.used -= 1;
  return mine;
}

function walk(node: Node, shift: number, base: number, visit: (value: unknown, number: number) => void): void {
  const step = 2 ** shift;
  for (let at = 0; at < width; at += 1) {
    const there = node.slots[at];
    if (there === null) continue;
    if (shift === 0) visit(there, base + at);
    else walk(there as Node, shift - bitsPerLevel, base + at * step, visit);
  }
}

function* walkNode(node: Node, shift: number, base: number): Generator<[number, unknown], void, undefined> {
  const step = 2 ** shift;
  for (let at = 0; at < width; at += 1) {
    const there = node.slots[at];
    if (there === null) continue;
    if (shift === 0) yield [base + at, there];
    else yield* walkNode(there as Node, shift - bitsPerLevel, base + at * step);
  }
}
