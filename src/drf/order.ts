import { InvariantError, noQuantities, type Edit, type Quantities } from '../resources/index.js';
import type { Client } from './order-rule.js';
import { locate, openGroup, settle } from './ranking.js';
import { clientOf, closed, grantTo, makeScratch, readRow, rowNow, type OrderOptions, type Scratch } from './scratch.js';
import { drf } from './rules/drf.js';
import { emptyShareTree, type ShareNode, type ShareTree } from './tree.js';

/**
 * Who comes next, kept up to date through one allocation run. It is scratch: it reads a tree once, follows the grants of
 * the run in arrays of its own, and never writes the tree.
 *
 * @remarks Since 0.1.0
 */
export interface Order {
  /**
   * The active clients, first come first: siblings by rank, allocation count and path, from the root down (SORT-2,
   * SORT-5), each by its own name (SORT-6). Lazy: what nobody asks for is not ranked. An iteration is over with the next
   * `allocated`.
   *
   * @throws PolicyError `bad-rank` if the rule gives no number; InvariantError if an iteration that is over goes on.
   */
  leaves(): Iterable<string>;
  /**
   * Notes that a client was granted something: it and the nodes above it move to their new places.
   *
   * @throws PolicyError `bad-rank` if the rule gives no number; InvariantError if there is no such client.
   */
  allocated(path: string, more: Quantities): void;
  /**
   * A client as rules see it, at this moment of the run; of a role that only has sub-roles, the node.
   *
   * @throws InvariantError if there is no such path.
   */
  client(path: string): Client;
  /**
   * The tree that was read with everything that was allocated since: what `trackAllocated` for each grant in turn comes
   * to, at the price of one write for each row that changed.
   */
  commit(edit?: Edit): ShareTree;
}

/**
 * Opens the order of a run. It costs one look at each row; ranks are asked and siblings sorted when they are needed.
 *
 * @remarks Since 0.1.0
 */
export function openOrder(options: OrderOptions): Order {
  return new RunOrder(options);
}

/** {@link Order}, and what a sorter needs beside it. */
export class RunOrder implements Order {
  readonly #scratch: Scratch;
  readonly #tree: ShareTree;
  /** Whether a rank follows the numbers of its client alone, so that a change of one leaves the ranks of the others. */
  readonly #ownRanks: boolean;
  /** When all ranks must be asked again. */
  readonly #asksAll: 'once' | 'after-allocation' | 'always';
  #stale = false;

  constructor(options: OrderOptions) {
    const { changesWith } = options.rule;
    this.#scratch = makeScratch(options);
    this.#tree = options.tree;
    this.#ownRanks = changesWith === undefined;
    this.#asksAll = changesWith === 'sort' ? 'always' : changesWith === 'allocation' ? 'after-allocation' : 'once';
  }

  leaves(): Iterable<string> {
    this.#prepare();
    return new Leaves(this.#scratch);
  }

  /** All of {@link Order.leaves} at once. */
  list(): string[] {
    this.#prepare();
    const found: string[] = [];
    listGroup(this.#scratch, 0, found);
    return found;
  }

  allocated(path: string, more: Quantities): void {
    const scratch = this.#scratch;
    const leaf = leafOf(scratch, path);
    this.#touch();
    scratch.clock += 1;
    for (let slot = leaf; slot !== -1; slot = scratch.layout.parents[slot] as number) {
      const at = this.#placeOf(slot);
      grantTo(scratch, slot, more);
      if (at !== -1) settle(scratch, slot, at, this.#ownRanks);
    }
  }

  /** Takes over what a tree with the same clients, activity and weights says of one client and of the nodes above it. */
  reread(tree: ShareTree, path: string): void {
    const scratch = this.#scratch;
    const leaf = leafOf(scratch, path);
    this.#touch();
    for (let slot = leaf; slot !== -1; slot = scratch.layout.parents[slot] as number) {
      const row = tree.nodes.get(scratch.layout.paths[slot] ?? '');
      if (row === undefined) throw new InvariantError(`the row of slot ${slot} is gone`);
      const at = this.#placeOf(slot);
      readRow(scratch, slot, row);
      if (at !== -1) settle(scratch, slot, at, this.#ownRanks);
    }
  }

  client(path: string): Client {
    const slot = slotOf(this.#scratch, path);
    if (slot === undefined) throw new InvariantError(`'${path}' is not in this order`);
    return clientOf(this.#scratch, slot);
  }

  commit(edit?: Edit): ShareTree {
    const { granted, clock } = this.#scratch;
    let { nodes } = this.#tree;
    for (const slot of granted) {
      const row = rowNow(this.#scratch, slot);
      nodes = nodes.set(row.path, row, edit);
    }
    return { ...this.#tree, nodes, clock };
  }

  #touch(): void {
    this.#stale = true;
    this.#scratch.version += 1;
  }

  /** Where a slot stands; -1 too if all ranks will be asked again, and so need not be kept in order until then. */
  #placeOf(slot: number): number {
    return this.#asksAll === 'once' ? locate(this.#scratch, slot) : -1;
  }

  /** Makes ready for being looked at. */
  #prepare(): void {
    if (this.#asksAll === 'once' || (this.#asksAll === 'after-allocation' && !this.#stale)) return;
    this.#stale = false;
    this.#scratch.version += 1;
    this.#scratch.ends.fill(closed);
  }
}

/** Walks the tree in pre-order, opening each group when it is reached. */
class Leaves implements IterableIterator<string> {
  readonly #scratch: Scratch;
  readonly #version: number;
  #group = 0;
  /** How many of the group have been visited. */
  #visited = 0;
  /** The groups above, each followed by how many of it have been visited. */
  readonly #above: number[] = [];

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
    this.#version = scratch.version;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<string, undefined> {
    const scratch = this.#scratch;
    const { heads, ends, places, rows, layout } = scratch;
    if (this.#version !== scratch.version) throw new InvariantError('an order was read on after it had changed');
    for (;;) {
      openGroup(scratch, this.#group);
      const at = (heads[this.#group] as number) + this.#visited;
      if (at === ends[this.#group]) {
        if (this.#above.length === 0) return { value: undefined, done: true };
        this.#visited = this.#above.pop() as number;
        this.#group = this.#above.pop() as number;
        continue;
      }
      this.#visited += 1;
      const slot = places[at] as number;
      if ((rows[slot] as ShareNode).client) return { value: layout.names[slot] as string, done: false };
      this.#above.push(this.#group, this.#visited);
      this.#group = slot;
      this.#visited = 0;
    }
  }
}

function listGroup(scratch: Scratch, group: number, found: string[]): void {
  const { places, rows, layout } = scratch;
  openGroup(scratch, group);
  for (let at = scratch.heads[group] as number; at < (scratch.ends[group] as number); at += 1) {
    const slot = places[at] as number;
    if ((rows[slot] as ShareNode).client) found.push(layout.names[slot] as string);
    else listGroup(scratch, slot, found);
  }
}

function leafOf(scratch: Scratch, path: string): number {
  const slot = slotOf(scratch, path);
  if (slot !== undefined && scratch.rows[slot]?.client === true) return slot;
  throw new InvariantError(`there is no client '${path}'`);
}

/** The client's leaf, else the node (SORT-6). */
function slotOf(scratch: Scratch, path: string): number | undefined {
  const slot = scratch.layout.slots.get(path);
  if (slot === undefined || scratch.rows[slot]?.client === true) return slot;
  return scratch.layout.slots.get(`${path}/.`) ?? slot;
}

/**
 * V8 forgets the machine code for a class when a collection finds no instance of it, and orders live only as long as a
 * run. This one stays.
 *
 * @internal
 */
export const keptAlive: RunOrder = new RunOrder({
  tree: emptyShareTree,
  total: noQuantities,
  rule: drf,
  exclude: new Set(),
  now: 0,
  draw: () => 1,
});
