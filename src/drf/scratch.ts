/**
 * The arrays of one allocation run: a tree's rows by slot, their numbers side by side. Everything here is written while
 * the run lasts and thrown away after it; the tree is only read.
 */
import { millisOf, namesOf } from '../resources/quantities.js';
import { InvariantError, Quantities, noQuantities, quantitiesAdd } from '../resources/index.js';
import { ClientView } from './client-view.js';
import { weightedRatio } from './fraction.js';
import { groupingOf, layoutOf, type Grouping, type Layout } from './layout.js';
import type { Client, OrderRule } from './order-rule.js';
import { served, type ShareNode, type ShareTree } from './tree.js';
import { unitWeight, weightValue, type Weight } from './weight.js';

/** What an order is made from; see `openOrder`. */
export interface OrderOptions extends RankOptions {
  /** Whose order. */
  readonly tree: ShareTree;
}

/** What ranks are made from. */
export interface RankOptions {
  /** Scalars of all agents: what shares are shares of. */
  readonly total: Quantities;
  readonly rule: OrderRule;
  /** Names of resources that do not count in shares (SORT-10). */
  readonly exclude: ReadonlySet<string>;
  /** The machine's clock, ms; rules may read it. */
  readonly now: number;
  /** A unit exponential variate for a row; asked only when a rule reads `draw`. */
  readonly draw: (path: string, slot: number) => number;
}

/** Of the numbers of a row the first three; then come its amounts, a column for each resource of the total. */
export const rankColumn = 0;
export const countColumn = 1;
export const servedColumn = 2;
const firstAmount = 3;

/** Marks of a row: there is somebody active in the subtree; it was granted something in this run. */
export const live = 1;
const granted = 2;

/** End of a group whose members are not ranked and sorted yet. */
export const closed = -1;

/** A class, and never spread into another object: each function that orders reads it, and is fast for one shape alone. */
export class Scratch {
  /** Those of the run; a later run that takes the arrays over puts in its own. */
  options: RankOptions;
  readonly layout: Layout;
  readonly grouping: Grouping;
  /** By slot: the row as the tree has it. */
  readonly rows: ShareNode[];
  /** By slot, `stride` numbers each. */
  readonly numbers: Float64Array;
  readonly stride: number;
  readonly marks: Uint8Array;
  /** By column: the total of the resource, 0 if it does not count. */
  readonly totals: readonly number[];
  /**
   * The live members of each group in order, from `heads[group]` to `ends[group]`. A group has twice the room that its
   * members need: see `lineup.ts`.
   */
  readonly places: Int32Array;
  readonly heads: Int32Array;
  readonly ends: Int32Array;
  /** By slot, for flat rules only (SORT-12); made by {@link relate}. */
  relativeWeights: readonly number[] = [];
  /** Slots that were granted something, each once. */
  readonly granted: number[] = [];
  /** By slot: what was granted in this run of resources that the total lacks. */
  readonly foreign: Map<number, Quantities> = new Map();
  /** The tree's clock, and on through the run. */
  clock: number = 0;
  /** Counts what ends an iteration. */
  version: number = 0;
  /** The names that were met last, and the column of each: mostly the next amounts have the same list. */
  lastNames: readonly string[];
  lastColumns: readonly number[];

  /** The arrays for rows that are still to be read. */
  constructor(options: RankOptions, layout: Layout, grouping: Grouping) {
    const { total, exclude } = options;
    const names = namesOf(total);
    const size = layout.paths.length;
    this.options = options;
    this.layout = layout;
    this.grouping = grouping;
    this.stride = firstAmount + names.length;
    this.rows = Array<ShareNode>(size);
    this.numbers = new Float64Array(size * this.stride);
    this.marks = new Uint8Array(size);
    this.totals = millisOf(total).map((milli, column) => (exclude.has(names[column] ?? '') ? 0 : milli));
    this.places = new Int32Array(2 * grouping.hint.length);
    this.heads = new Int32Array(size);
    this.ends = new Int32Array(size).fill(closed);
    this.lastNames = names;
    this.lastColumns = names.map((_, column) => column);
  }
}

/** Reads a tree. */
export function makeScratch(options: OrderOptions): Scratch {
  const { tree, rule } = options;
  const layout = layoutOf(tree);
  const scratch = new Scratch(options, layout, groupingOf(layout, rule.flat === true));
  scratch.clock = tree.clock;
  gatherTree(scratch, tree, layout, 0);
  if (rule.flat === true) scratch.relativeWeights = relate(scratch);
  return scratch;
}

/** Reads the rows of a tree into the slots from `start` on; `layout` is the tree's own. */
export function gatherTree(scratch: Scratch, { nodes }: ShareTree, layout: Layout, start: number): void {
  const { rows, marks } = scratch;
  const size = layout.paths.length;
  if (nodes.size !== size) throw new InvariantError('the rows of a share tree changed without its roster');
  let visit = 0;
  nodes.forEach((row) => {
    const guess = layout.visits[visit++] as number;
    const slot = layout.paths[guess] === row.path ? guess : layout.slots.get(row.path);
    if (slot === undefined) throw new InvariantError(`row '${row.path}' is not in the roster of its tree`);
    readRow(scratch, start + slot, row);
  });
  // Children come after their parents, so a walk from the end carries "somebody is active below" up to the root.
  for (let slot = size - 1; slot > 0; slot -= 1) {
    if ((rows[start + slot] as ShareNode).active) marks[start + slot] = live;
    if (marks[start + slot] === live) marks[start + (layout.parents[slot] as number)] = live;
  }
}

/** Takes the numbers of a row. What the total lacks stays in the row: no share counts it. */
export function readRow(scratch: Scratch, slot: number, row: ShareNode): void {
  const { numbers, stride } = scratch;
  const names = namesOf(row.allocated);
  const millis = millisOf(row.allocated);
  const at = slot * stride;
  scratch.rows[slot] = row;
  numbers[at + countColumn] = row.count;
  numbers[at + servedColumn] = row.servedAt;
  for (let amount = firstAmount; amount < stride; amount += 1) numbers[at + amount] = 0;
  if (names.length === 0) return;
  const columns = columnsOf(scratch, names);
  for (let i = 0; i < columns.length; i += 1) {
    const column = columns[i] as number;
    if (column !== -1) numbers[at + firstAmount + column] = millis[i] as number;
  }
}

/** Adds a grant of this instant (`clock`) to a row: its amounts, its count, when it was served. */
export function grantTo(scratch: Scratch, slot: number, more: Quantities): void {
  const { numbers, marks } = scratch;
  const at = slot * scratch.stride;
  numbers[at + countColumn] = (numbers[at + countColumn] as number) + 1;
  numbers[at + servedColumn] = scratch.clock;
  if (((marks[slot] as number) & granted) === 0) {
    marks[slot] = (marks[slot] as number) | granted;
    scratch.granted.push(slot);
  }
  const names = namesOf(more);
  const millis = millisOf(more);
  const columns = columnsOf(scratch, names);
  for (let i = 0; i < columns.length; i += 1) {
    const column = columns[i] as number;
    const milli = millis[i] as number;
    if (column === -1) addForeign(scratch, slot, new Quantities(Object.freeze([names[i] as string]), [milli]));
    else numbers[at + firstAmount + column] = (numbers[at + firstAmount + column] as number) + milli;
  }
}

/** The column of each name; -1 if the total lacks it. */
function columnsOf(scratch: Scratch, names: readonly string[]): readonly number[] {
  if (names !== scratch.lastNames) {
    scratch.lastNames = names;
    scratch.lastColumns = names.map((name) => namesOf(scratch.options.total).indexOf(name));
  }
  return scratch.lastColumns;
}

/** What a row holds at this moment of the run. */
export function allocatedOf(scratch: Scratch, slot: number): Quantities {
  const row = scratch.rows[slot] as ShareNode;
  if (((scratch.marks[slot] as number) & granted) === 0) return row.allocated;
  const columns = namesOf(scratch.options.total);
  const names: string[] = [];
  const millis: number[] = [];
  for (let column = 0; column < columns.length; column += 1) {
    const milli = scratch.numbers[slot * scratch.stride + firstAmount + column] as number;
    if (milli === 0) continue;
    names.push(columns[column] as string);
    millis.push(milli);
  }
  // Lists of names are shared where they can be: sums are quicker over one and the same list.
  const shared = names.length === columns.length ? columns : Object.freeze(names);
  const sum = quantitiesAdd(new Quantities(shared, millis), withoutNames(row.allocated, columns));
  return quantitiesAdd(sum, scratch.foreign.get(slot) ?? noQuantities);
}

/** A row with what it holds at this moment of the run. */
export function rowNow(scratch: Scratch, slot: number): ShareNode {
  const { rows, numbers, stride } = scratch;
  const count = numbers[slot * stride + countColumn] as number;
  const servedAt = numbers[slot * stride + servedColumn] as number;
  return served(rows[slot] as ShareNode, allocatedOf(scratch, slot), count, servedAt);
}

function addForeign(scratch: Scratch, slot: number, more: Quantities): void {
  scratch.foreign.set(slot, quantitiesAdd(scratch.foreign.get(slot) ?? noQuantities, more));
}

/** The dominant share of a row by a weight (SORT-1): `dominantShare`, on the numbers of the run. */
export function shareOf(scratch: Scratch, slot: number, { p, q }: Weight): number {
  const { totals, numbers } = scratch;
  const at = slot * scratch.stride + firstAmount;
  let share = 0;
  for (let column = 0; column < totals.length; column += 1) {
    const total = totals[column] as number;
    if (total === 0) continue;
    const ratio = weightedRatio(numbers[at + column] as number, total, p, q);
    if (ratio > share) share = ratio;
  }
  return share;
}

/** The row as rules see it, at this moment of the run. */
export function clientOf(scratch: Scratch, slot: number): Client {
  const { options, numbers, relativeWeights } = scratch;
  const row = scratch.rows[slot] as ShareNode;
  const at = slot * scratch.stride;
  const relative = relativeWeights[slot];
  return new ClientView({
    path: row.path,
    weight: relative ?? weightValue(row.weight),
    priority: row.priority,
    count: numbers[at + countColumn] as number,
    allocated: allocatedOf(scratch, slot),
    total: options.total,
    dominantShare:
      relative === undefined ? shareOf(scratch, slot, row.weight) : shareOf(scratch, slot, unitWeight) / relative,
    since: row.since,
    servedAt: numbers[at + servedColumn] as number,
    now: options.now,
    draw: (path) => options.draw(path, slot),
  });
}

/**
 * The weight of each node as a part of the weights of its siblings with somebody active below, multiplied down the path
 * (SORT-12).
 */
export function relate(scratch: Scratch): number[] {
  const { rows, marks } = scratch;
  const { parents } = scratch.layout;
  const sums = rows.map(() => 0);
  for (const [slot, row] of rows.entries()) {
    const parent = parents[slot] as number;
    if (parent !== -1 && marks[slot] === live) sums[parent] = (sums[parent] as number) + weightValue(row.weight);
  }
  const weights = rows.map(() => 1);
  for (const [slot, row] of rows.entries()) {
    const parent = parents[slot] as number;
    if (parent === -1) continue;
    // An inactive node has no part in the sum; it is ranked against nobody, but may be looked at.
    const sum = (sums[parent] as number) + (marks[slot] === live ? 0 : weightValue(row.weight));
    weights[slot] = ((weights[parent] as number) * weightValue(row.weight)) / sum;
  }
  return weights;
}

function withoutNames(amounts: Quantities, names: readonly string[]): Quantities {
  const own = namesOf(amounts);
  if (own.every((name) => names.includes(name))) return noQuantities;
  const others = own.map((name) => !names.includes(name));
  return new Quantities(
    Object.freeze(own.filter((_, i) => others[i])),
    millisOf(amounts).filter((_, i) => others[i]),
  );
}
