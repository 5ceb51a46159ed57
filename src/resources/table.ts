import { countBits } from './bits.js';
import { hashInt } from './hash.js';
import { compareText } from './ids.js';
import { merged } from './merge.js';

/**
 * The right to write in place, given to one transition and then forgotten. A table changed under an `Edit` is copied once; its
 * further changes under the same `Edit` are written where they are.
 *
 * @remarks Since 0.1.0
 */
export class Edit {
  // A token: what matters is which object it is.
}

/** Says which table may write a node in place. Not the table itself: a node would keep that and its whole past alive. */
class Owner {}

/**
 * A node of the trie: which of 32 places hold an entry, which hold a child, and both lists in one array. Entries come
 * first as `id, value, id, value, …` in the order of their places, then the children in the order of theirs. Below the
 * last bit of the hash (`shift` 35) a node is only a list of entries whose hashes are equal, and its masks mean nothing.
 *
 * Never frozen: copying a frozen array costs V8 sixty times as much.
 */
class Node {
  readonly owner: Owner | undefined;
  /** A bit for each place with an entry. */
  entries: number;
  /** A bit for each place with a child. */
  children: number;
  slots: unknown[];

  constructor(owner: Owner | undefined, entries: number, children: number, slots: unknown[]) {
    this.owner = owner;
    this.entries = entries;
    this.children = children;
    this.slots = slots;
  }
}

const bitsPerLevel = 5;
const endOfHash = 35;
const surrogate = /[\ud800-\udfff]/;
/** So many entries are sorted in one step by {@link Table.inOrder}. */
const sortedAtOnce = 1_024;
const absent: unique symbol = Symbol('absent');
const emptyNode = new Node(undefined, 0, 0, []);

/** How the last write changed the number of entries. A module variable, so that the recursion returns only a node. */
let sizeChange = 0;

/**
 * A persistent table from ids to values: every change gives a new table and leaves the older ones as they are, in about
 * log32(n) node copies. It is a hash trie (Bagwell 2001; entries inside the nodes as in Steindorfer and Vinju 2015).
 * Any text may be an id, `__proto__` too. What can be seen is ordered by id, except in {@link Table.forEach}.
 *
 * @example
 * ```ts
 * const one = Table.empty<number>().set('a', 1);
 * const two = one.set('b', 2);   // one still has a single entry
 * ```
 * @remarks Since 0.1.0
 */
export class Table<V> {
  /** How many entries there are. */
  size: number;
  /** @internal */
  root: Node;
  /** @internal The edit that may change this very table, and what it has marked its nodes with. */
  edit: Edit | undefined;
  /** @internal */
  owner: Owner | undefined;

  /** @internal Use {@link Table.empty} or {@link Table.from}. */
  constructor(root: Node, size: number, edit: Edit | undefined, owner: Owner | undefined) {
    this.root = root;
    this.size = size;
    this.edit = edit;
    this.owner = owner;
  }

  /** The table without entries. */
  static empty<V>(): Table<V> {
    return emptyTable as Table<V>;
  }

  /** A table of the given entries; of two with one id the later counts. */
  static from<V>(entries: Iterable<readonly [string, V]>): Table<V> {
    const edit = new Edit();
    let table = Table.empty<V>();
    for (const [id, value] of entries) table = table.set(id, value, edit);
    return table;
  }

  /** The value of an id, or `undefined`. */
  get(id: string): V | undefined {
    // Most tables of what is rare are empty: then the text need not be hashed.
    if (this.size === 0) return undefined;
    const value = find(this.root, hashInt(id), id);
    return value === absent ? undefined : (value as V);
  }

  /** Whether there is an entry; it may have the value `undefined`. */
  has(id: string): boolean {
    return this.size > 0 && find(this.root, hashInt(id), id) !== absent;
  }

  /**
   * This table with one entry set.
   *
   * With an `edit` the result is the edit's: a further `set` or `remove` on it under the same `edit` changes that result
   * itself and returns it. Any other table is never changed, nor is the edit's after {@link Table.share}.
   */
  set(id: string, value: V, edit?: Edit): Table<V> {
    const owner = this.#ownerFor(edit);
    sizeChange = 0;
    const root = insert(this.root, 0, hashInt(id), id, value, owner);
    return this.#with(root, edit, owner);
  }

  /** This table without an entry; itself if there is none. For `edit` see {@link Table.set}. */
  remove(id: string, edit?: Edit): Table<V> {
    const owner = this.#ownerFor(edit);
    sizeChange = 0;
    const root = without(this.root, 0, hashInt(id), id, owner);
    return this.#with(root, edit, owner);
  }

  /** Ends the right of an edit to change this table: for whoever keeps a table while its edit goes on. */
  share(): this {
    this.edit = undefined;
    this.owner = undefined;
    return this;
  }

  /** The entries, by id. */
  entries(): [string, V][] {
    const list: [string, V][] = [];
    let plain = true;
    collect(this.root, 0, (value, id) => {
      plain &&= !surrogate.test(id);
      list.push([id, value as V]);
    });
    return list.sort(plain ? byUnits : byText);
  }

  /**
   * The entries by id, one by one: for tables so big that sorting them would keep others waiting. `undefined` comes at
   * the end of each step after which no entry is ready yet; what comes between two values is bounded.
   */
  *inOrder(): Generator<[string, V] | undefined, void, undefined> {
    if (this.size <= sortedAtOnce) return yield* this.entries();
    const runs: [string, V][][] = [];
    let run: [string, V][] = [];
    let plain = true;
    for (const entry of this.walk()) {
      plain &&= !surrogate.test(entry[0]);
      if (run.push(entry) < sortedAtOnce) continue;
      runs.push(run.sort(plain ? byUnits : byText));
      run = [];
      yield undefined;
    }
    runs.push(run.sort(plain ? byUnits : byText));
    return yield* merged(runs, plain ? byUnits : byText);
  }

  /** The ids in order. */
  keys(): string[] {
    return this.entries().map(([id]) => id);
  }

  /** The values, by id. */
  values(): V[] {
    return this.entries().map(([, value]) => value);
  }

  /**
   * This table with the value that `change` gives for each entry: all nodes are passed once, which for many entries is
   * several times faster than to {@link Table.set} them one by one. In the order of {@link Table.forEach}, which is the
   * same for all tables of the same ids. For `edit` see {@link Table.set}.
   */
  revise(change: (value: V, id: string) => V, edit?: Edit): Table<V> {
    // Even without an edit each node is copied once only: the marks of this pass are nobody else's.
    const owner = this.#ownerFor(edit) ?? new Owner();
    const root = revised(this.root, 0, change as (value: unknown, id: string) => unknown, owner);
    // Only now: `change` may have written other tables.
    sizeChange = 0;
    return this.#with(root, edit, edit === undefined ? undefined : owner);
  }

  /**
   * Visits every id whose value is another one here than in an older table, or is only in one of them, in NO order that
   * may be shown or depended on. Nodes that both share are not looked at, so it costs what has changed.
   */
  changesSince(older: Table<V>, visit: (id: string, before: V | undefined, after: V | undefined) => void): void {
    compareNodes(older.root, this.root, 0, visit as Visit);
  }

  /** The entries in NO order that may be shown or depended on, one by one, and without a list of them all. */
  *walk(): Generator<[string, V], void, undefined> {
    const nodes: Node[] = [this.root];
    const shifts = [0];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      const shift = shifts.pop() ?? 0;
      const { slots } = node;
      const firstChild = shift >= endOfHash ? slots.length : 2 * countBits(node.entries);
      for (let at = 0; at < firstChild; at += 2) yield [slots[at] as string, slots[at + 1] as V];
      for (let at = firstChild; at < slots.length; at += 1) {
        nodes.push(slots[at] as Node);
        shifts.push(shift + bitsPerLevel);
      }
    }
  }

  /** Visits every entry in NO order that may be shown or depended on: for sums and counts only. */
  forEach(visit: (value: V, id: string) => void): void {
    collect(this.root, 0, visit as (value: unknown, id: string) => void);
  }

  #ownerFor(edit: Edit | undefined): Owner | undefined {
    if (edit === undefined) return undefined;
    return edit === this.edit ? this.owner : new Owner();
  }

  #with(root: Node, edit: Edit | undefined, owner: Owner | undefined): Table<V> {
    if (owner !== undefined && owner === this.owner) {
      this.root = root;
      this.size += sizeChange;
      return this;
    }
    if (root === this.root) return this;
    // The new table shares nodes with this one, so this one may not write them any more.
    if (this.owner !== undefined) this.share();
    return new Table<V>(root, this.size + sizeChange, edit, owner);
  }
}

const emptyTable = new Table<never>(emptyNode, 0, undefined, undefined);

/** Among ids without surrogates the order of UTF-16 units is that of code points, and `<` takes half the time. */
function byUnits(a: readonly [string, unknown], b: readonly [string, unknown]): -1 | 1 {
  return a[0] < b[0] ? -1 : 1;
}

function byText(a: readonly [string, unknown], b: readonly [string, unknown]): -1 | 0 | 1 {
  return compareText(a[0], b[0]);
}

/** Where the entry of the place `bit` is, or would be. */
function entryAt(node: Node, bit: number): number {
  return 2 * countBits(node.entries & (bit - 1));
}

/** Where the child of the place `bit` is, or would be. */
function childAt(node: Node, bit: number): number {
  return 2 * countBits(node.entries) + countBits(node.children & (bit - 1));
}

function find(root: Node, hash: number, id: string): unknown {
  let node = root;
  for (let shift = 0; shift < endOfHash; shift += bitsPerLevel) {
    const bit = 1 << ((hash >>> shift) & 31);
    if ((node.entries & bit) !== 0) {
      const at = entryAt(node, bit);
      return node.slots[at] === id ? node.slots[at + 1] : absent;
    }
    if ((node.children & bit) === 0) return absent;
    node = node.slots[childAt(node, bit)] as Node;
  }
  const at = entryAmongEqual(node, id);
  return at === -1 ? absent : node.slots[at + 1];
}

function entryAmongEqual(node: Node, id: string): number {
  for (let at = 0; at < node.slots.length; at += 2) if (node.slots[at] === id) return at;
  return -1;
}

function insert(node: Node, shift: number, hash: number, id: string, value: unknown, owner: Owner | undefined): Node {
  if (shift >= endOfHash) return insertAmongEqual(node, id, value, owner);
  const bit = 1 << ((hash >>> shift) & 31);
  if ((node.entries & bit) !== 0) {
    const at = entryAt(node, bit);
    const other = node.slots[at] as string;
    if (other === id) return replaceSlot(node, at + 1, value, owner);
    sizeChange = 1;
    const child = split(shift + bitsPerLevel, hashInt(other), other, node.slots[at + 1], hash, id, value, owner);
    return entryToChild(node, bit, at, child, owner);
  }
  if ((node.children & bit) !== 0) {
    const at = childAt(node, bit);
    const child = node.slots[at] as Node;
    return replaceSlot(node, at, insert(child, shift + bitsPerLevel, hash, id, value, owner), owner);
  }
  sizeChange = 1;
  return addEntry(node, bit, id, value, owner);
}

function insertAmongEqual(node: Node, id: string, value: unknown, owner: Owner | undefined): Node {
  const at = entryAmongEqual(node, id);
  if (at !== -1) return replaceSlot(node, at + 1, value, owner);
  sizeChange = 1;
  // By id: tables of the same ids are visited in the same order, whatever their histories.
  let place = 0;
  while (place < node.slots.length && (node.slots[place] as string) < id) place += 2;
  return update(node, 0, 0, withEntry(node.slots, place, id, value), owner);
}

/** The smallest subtree with two entries whose hashes agree above `shift`. */
function split(
  shift: number,
  hashA: number,
  idA: string,
  valueA: unknown,
  hashB: number,
  idB: string,
  valueB: unknown,
  owner: Owner | undefined,
): Node {
  if (shift >= endOfHash) {
    return new Node(owner, 0, 0, idA < idB ? [idA, valueA, idB, valueB] : [idB, valueB, idA, valueA]);
  }
  const a = (hashA >>> shift) & 31;
  const b = (hashB >>> shift) & 31;
  if (a === b) {
    const child = split(shift + bitsPerLevel, hashA, idA, valueA, hashB, idB, valueB, owner);
    return new Node(owner, 0, 1 << a, [child]);
  }
  const slots = a < b ? [idA, valueA, idB, valueB] : [idB, valueB, idA, valueA];
  return new Node(owner, (1 << a) | (1 << b), 0, slots);
}

function without(node: Node, shift: number, hash: number, id: string, owner: Owner | undefined): Node {
  if (shift >= endOfHash) {
    const at = entryAmongEqual(node, id);
    return at === -1 ? node : dropEntry(node, 0, at, owner);
  }
  const bit = 1 << ((hash >>> shift) & 31);
  if ((node.entries & bit) !== 0) {
    const at = entryAt(node, bit);
    return node.slots[at] === id ? dropEntry(node, bit, at, owner) : node;
  }
  if ((node.children & bit) === 0) return node;
  const at = childAt(node, bit);
  const child = node.slots[at] as Node;
  const rest = without(child, shift + bitsPerLevel, hash, id, owner);
  if (sizeChange === 0) return node;
  // A child with a single entry moves up, so that a table looks the same whatever was once in it.
  if (rest.children === 0 && rest.slots.length === 2) return childToEntry(node, bit, at, rest, owner);
  return replaceSlot(node, at, rest, owner);
}

/** The node with new content: itself if the owner is the same. */
function update(node: Node, entries: number, children: number, slots: unknown[], owner: Owner | undefined): Node {
  if (owner === undefined || node.owner !== owner) return new Node(owner, entries, children, slots);
  node.entries = entries;
  node.children = children;
  node.slots = slots;
  return node;
}

function replaceSlot(node: Node, at: number, value: unknown, owner: Owner | undefined): Node {
  if (node.slots[at] === value) return node;
  if (owner !== undefined && node.owner === owner) {
    node.slots[at] = value;
    return node;
  }
  const slots = node.slots.slice();
  slots[at] = value;
  return new Node(owner, node.entries, node.children, slots);
}

function addEntry(node: Node, bit: number, id: string, value: unknown, owner: Owner | undefined): Node {
  return update(node, node.entries | bit, node.children, withEntry(node.slots, entryAt(node, bit), id, value), owner);
}

function dropEntry(node: Node, bit: number, at: number, owner: Owner | undefined): Node {
  sizeChange = -1;
  return update(node, node.entries & ~bit, node.children, withoutEntry(node.slots, at), owner);
}

function entryToChild(node: Node, bit: number, at: number, child: Node, owner: Owner | undefined): Node {
  // The place among the children, once the entry is gone and everything behind it has moved down by two.
  const to = childAt(node, bit) - 2;
  const old = node.slots;
  const slots = Array<unknown>(old.length - 1);
  for (let i = 0; i < at; i += 1) slots[i] = old[i];
  for (let i = at; i < to; i += 1) slots[i] = old[i + 2];
  slots[to] = child;
  for (let i = to + 1; i < slots.length; i += 1) slots[i] = old[i + 1];
  return update(node, node.entries & ~bit, node.children | bit, slots, owner);
}

function childToEntry(node: Node, bit: number, at: number, child: Node, owner: Owner | undefined): Node {
  const to = entryAt(node, bit);
  const old = node.slots;
  const slots = Array<unknown>(old.length + 1);
  for (let i = 0; i < to; i += 1) slots[i] = old[i];
  slots[to] = child.slots[0];
  slots[to + 1] = child.slots[1];
  for (let i = to; i < at; i += 1) slots[i + 2] = old[i];
  for (let i = at + 1; i < old.length; i += 1) slots[i + 1] = old[i];
  return update(node, node.entries | bit, node.children & ~bit, slots, owner);
}

/**
 * The slots with an entry more. Of exactly the right length: `push` and `splice` leave room to grow, which would double the
 * size of a table.
 */
function withEntry(old: readonly unknown[], at: number, id: string, value: unknown): unknown[] {
  const slots = Array<unknown>(old.length + 2);
  for (let i = 0; i < at; i += 1) slots[i] = old[i];
  slots[at] = id;
  slots[at + 1] = value;
  for (let i = at; i < old.length; i += 1) slots[i + 2] = old[i];
  return slots;
}

/** The slots without the entry of a place. */
function withoutEntry(old: readonly unknown[], at: number): unknown[] {
  const slots = Array<unknown>(old.length - 2);
  for (let i = 0; i < at; i += 1) slots[i] = old[i];
  for (let i = at + 2; i < old.length; i += 1) slots[i - 2] = old[i];
  return slots;
}

function revised(
  node: Node,
  shift: number,
  change: (value: unknown, id: string) => unknown,
  owner: Owner | undefined,
): Node {
  const firstChild = shift >= endOfHash ? node.slots.length : 2 * countBits(node.entries);
  let result = node;
  for (let at = 0; at < firstChild; at += 2) {
    result = replaceSlot(result, at + 1, change(result.slots[at + 1], result.slots[at] as string), owner);
  }
  for (let at = firstChild; at < node.slots.length; at += 1) {
    result = replaceSlot(result, at, revised(result.slots[at] as Node, shift + bitsPerLevel, change, owner), owner);
  }
  return result;
}

type Visit = (id: string, before: unknown, after: unknown) => void;

function compareNodes(before: Node, after: Node, shift: number, visit: Visit): void {
  if (before === after) return;
  const isAlike = shift < endOfHash && before.entries === after.entries && before.children === after.children;
  if (!isAlike) {
    compareContents(before, after, shift, visit);
    return;
  }
  const firstChild = 2 * countBits(after.entries);
  for (let at = 0; at < firstChild; at += 2) {
    const id = after.slots[at] as string;
    const other = before.slots[at] as string;
    if (id !== other) {
      visit(other, before.slots[at + 1], undefined);
      visit(id, undefined, after.slots[at + 1]);
    } else if (before.slots[at + 1] !== after.slots[at + 1]) visit(id, before.slots[at + 1], after.slots[at + 1]);
  }
  for (let at = firstChild; at < after.slots.length; at += 1) {
    compareNodes(before.slots[at] as Node, after.slots[at] as Node, shift + bitsPerLevel, visit);
  }
}

/** Of nodes of other shapes all entries are compared. */
function compareContents(before: Node, after: Node, shift: number, visit: Visit): void {
  const old = new Map<string, unknown>();
  collect(before, shift, (value, id) => old.set(id, value));
  collect(after, shift, (value, id) => {
    if (old.get(id) !== value) visit(id, old.get(id), value);
    old.delete(id);
  });
  for (const [id, value] of old) visit(id, value, undefined);
}

function collect(node: Node, shift: number, visit: (value: unknown, id: string) => void): void {
  const { slots } = node;
  const firstChild = shift >= endOfHash ? slots.length : 2 * countBits(node.entries);
  for (let at = 0; at < firstChild; at += 2) visit(slots[at + 1], slots[at] as string);
  for (let at = firstChild; at < slots.length; at += 1) collect(slots[at] as Node, shift + bitsPerLevel, visit);
}
