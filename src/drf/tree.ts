/**
 * Who holds how much, as an immutable tree: clients are paths (`a/b/c`), each node's row has the sums of its subtree, so
 * that siblings can be compared at every level (SORT-5). No row holds a share: shares depend on totals, which are not
 * the tree's, and are reckoned when an order is opened.
 *
 * Every function gives a new tree and leaves the older ones as they are. With an `edit` the tables of the result belong
 * to it and the next change under the same `edit` writes them in place: keep only the last tree.
 */
import {
  InvariantError,
  Table,
  noQuantities,
  quantitiesAdd,
  quantitiesContains,
  quantitiesSubtract,
  type Edit,
  type Problem,
  type Quantities,
} from '../resources/index.js';
import { quote } from '../resources/quote.js';
import { unitWeight, type Weight } from './weight.js';

/**
 * One node of the tree: a client, a role that only has sub-roles, or the root.
 *
 * @remarks Since 0.1.0
 */
export interface ShareNode {
  /** `''` is the root, `a/.` what the client `a` holds itself while there are clients below it (SORT-6). */
  readonly path: string;
  /** Whether this row is a client's leaf. */
  readonly client: boolean;
  /** Whether the client is to be ordered at all (SORT-4); never true for a row that is no client's. */
  readonly active: boolean;
  /** How many rows lie directly below. */
  readonly children: number;
  /** Allocations ever made in the subtree; never goes down (SORT-2, SORT-7). */
  readonly count: number;
  /** What the clients of the subtree hold, the inactive ones too (SORT-7). */
  readonly allocated: Quantities;
  /** The tree's clock when the row came. */
  readonly since: number;
  /** The tree's clock at the last allocation in the subtree; 0 = never. */
  readonly servedAt: number;
  /** As set for the path; 0 if never. */
  readonly priority: number;
  /** As set for the path; the unit weight if never. */
  readonly weight: Weight;
}

/**
 * Stands for "these paths and no others": a new one whenever a row comes or goes. Only its identity counts; whatever
 * depends on the set of paths alone may be remembered by it. Trees that are read back from text each get their own.
 *
 * @remarks Since 0.1.0
 */
export interface Roster {
  readonly rows: number;
}

/**
 * Clients, what they hold, and how they weigh. To be changed by the functions of this module only.
 *
 * @remarks Since 0.1.0
 */
export interface ShareTree {
  /** Every row by its path; the root is always there. */
  readonly nodes: Table<ShareNode>;
  /** Weights that were ever set, whether or not the path is there now (SORT-8). */
  readonly weights: Table<Weight>;
  /** Priorities other than 0, whether or not the path is there now. */
  readonly priorities: Table<number>;
  /** Source of the stamps in `since` and `servedAt`. */
  readonly clock: number;
  readonly roster: Roster;
}

/**
 * What a tree is made of when it is written down; see {@link restoreShareTree}.
 *
 * @remarks Since 0.1.0
 */
export interface ShareTreeParts {
  readonly nodes: Iterable<Omit<ShareNode, 'weight' | 'priority'>>;
  readonly weights: Iterable<readonly [path: string, weight: Weight]>;
  readonly priorities: Iterable<readonly [path: string, priority: number]>;
  readonly clock: number;
}

const rootPath = '';
const virtualLeaf = '/.';

const emptyRoot: ShareNode = {
  path: rootPath,
  client: false,
  active: false,
  children: 0,
  count: 0,
  allocated: noQuantities,
  since: 0,
  servedAt: 0,
  priority: 0,
  weight: unitWeight,
};

/**
 * The tree without clients.
 *
 * @remarks Since 0.1.0
 */
export const emptyShareTree: ShareTree = Object.freeze({
  nodes: Table.empty<ShareNode>().set(rootPath, emptyRoot),
  weights: Table.empty<Weight>(),
  priorities: Table.empty<number>(),
  clock: 0,
  roster: Object.freeze({ rows: 1 }),
});

/**
 * Checks the path of a client: components parted by `/`, none of them empty or `.`, which is kept for virtual leaves.
 *
 * @returns a problem with code `bad-path`, or `undefined`.
 * @remarks Since 0.1.0
 */
export function validateClientPath(path: string): Problem | undefined {
  const bad = path.split('/').some((component) => component === '' || component === '.');
  if (!bad) return undefined;
  return { code: 'bad-path', path: 'client', message: `${quote(path)} has an empty component or one that is '.'` };
}

/**
 * Adds an inactive client that holds nothing (SORT-4). If another client lies on its path, or below it, the upper one
 * of the two has its own part in a virtual leaf from now on (SORT-6).
 *
 * @throws InvariantError if the client is already there, or the path is none ({@link validateClientPath}).
 * @remarks Since 0.1.0
 */
export function addClient(tree: ShareTree, path: string, edit?: Edit): ShareTree {
  if (validateClientPath(path) !== undefined) throw new InvariantError(`'${path}' is not a client's path`);
  if (hasClient(tree, path)) throw new InvariantError(`client '${path}' is already there`);
  const draft: Draft = { ...tree, clock: tree.clock + 1 };
  // From the top down, as a row is counted by the one above it.
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    makeInternal(draft, path.slice(0, slash), edit);
  }
  const leaf = draft.nodes.has(path) ? path + virtualLeaf : path;
  addRow(draft, { ...newRow(draft, leaf), client: true }, edit);
  return withNewRoster(draft);
}

/**
 * Removes a client and what it holds. Nodes that are left without clients go too; a client whose last sub-client went
 * is a plain leaf again and keeps the count of the node (SORT-4, SORT-6).
 *
 * @throws InvariantError if there is no such client.
 * @remarks Since 0.1.0
 */
export function removeClient(tree: ShareTree, path: string, edit?: Edit): ShareTree {
  const leaf = rowOfClient(tree, path);
  const draft: Draft = { ...tree };
  draft.nodes = draft.nodes.remove(leaf.path, edit);
  let gone = 1;
  for (let row = rowAbove(draft, leaf); row !== undefined; row = rowAbove(draft, row)) {
    const left = { ...row, children: row.children - gone, allocated: less(row, leaf.allocated) };
    const empty = left.children === 0 && left.path !== rootPath;
    draft.nodes = empty ? draft.nodes.remove(left.path, edit) : setCollapsed(draft.nodes, left, edit);
    gone = empty ? 1 : 0;
  }
  return withNewRoster(draft);
}

/**
 * Lets a client be ordered (SORT-4). It comes back with what it holds; nothing happens if it is active.
 *
 * @throws InvariantError if there is no such client.
 * @remarks Since 0.1.0
 */
export function activateClient(tree: ShareTree, path: string, edit?: Edit): ShareTree {
  return setActive(tree, path, true, edit);
}

/**
 * Takes a client out of the order; what it holds stays and counts in the shares above it (SORT-4, SORT-7).
 *
 * @throws InvariantError if there is no such client.
 * @remarks Since 0.1.0
 */
export function deactivateClient(tree: ShareTree, path: string, edit?: Edit): ShareTree {
  return setActive(tree, path, false, edit);
}

/**
 * Whether the path is a client's, active or not. A role that only has sub-roles is none.
 *
 * @remarks Since 0.1.0
 */
export function hasClient(tree: ShareTree, path: string): boolean {
  return clientNode(tree, path) !== undefined;
}

/**
 * The leaf of a client; that is `path/.` while there are clients below it (SORT-6).
 *
 * @remarks Since 0.1.0
 */
export function clientNode(tree: Pick<ShareTree, 'nodes'>, path: string): ShareNode | undefined {
  const row = tree.nodes.get(path);
  // A virtual leaf is reached by its client's name only.
  if (row?.client === true) return path.endsWith(virtualLeaf) ? undefined : row;
  return row === undefined ? undefined : tree.nodes.get(path + virtualLeaf);
}

/**
 * Sets the weight of a path, which need not be there yet and may go: the weight stays (SORT-8). It is the weight among
 * siblings of the node; that of a virtual leaf is set by its own path, `a/.` (SORT-6). Internal nodes are heeded too,
 * at once.
 *
 * @remarks Since 0.1.0
 */
export function setWeight(tree: ShareTree, path: string, weight: Weight, edit?: Edit): ShareTree {
  const draft: Draft = { ...tree, weights: tree.weights.set(path, weight, edit) };
  const row = draft.nodes.get(path);
  if (row !== undefined) draft.nodes = draft.nodes.set(path, { ...row, weight }, edit);
  return draft;
}

/**
 * The weight of a path, there or not.
 *
 * @remarks Since 0.1.0
 */
export function weightAt(tree: ShareTree, path: string): Weight {
  return tree.weights.get(path) ?? unitWeight;
}

/**
 * Sets the priority of a path. As with weights, the path need not be there and the priority stays when it goes; 0 is
 * what everybody has and takes no place.
 *
 * @remarks Since 0.1.0
 */
export function setPriority(tree: ShareTree, path: string, priority: number, edit?: Edit): ShareTree {
  const { priorities } = tree;
  const draft: Draft = {
    ...tree,
    priorities: priority === 0 ? priorities.remove(path, edit) : priorities.set(path, priority, edit),
  };
  const row = draft.nodes.get(path);
  if (row !== undefined) draft.nodes = draft.nodes.set(path, { ...row, priority }, edit);
  return draft;
}

/**
 * Adds to what a client holds, and to every node above it: one allocation in the count of each (SORT-7).
 *
 * @throws InvariantError if there is no such client; InputError `too-large` if a sum would exceed 2^53 thousandths.
 * @remarks Since 0.1.0
 */
export function trackAllocated(tree: ShareTree, path: string, more: Quantities, edit?: Edit): ShareTree {
  return trackAllocations(tree, [{ path, more, times: 1, last: 1 }], edit);
}

/** What a client was allocated of several allocations in a row, of which others were to other clients. */
export interface Allocations {
  readonly path: string;
  /** All of it together. */
  readonly more: Quantities;
  /** How many allocations it were. */
  readonly times: number;
  /** Which of all these allocations was its last one, from 1. */
  readonly last: number;
}

/** Several {@link trackAllocated} in a row: rows are written once for each client, however often it was served. */
export function trackAllocations(tree: ShareTree, clients: readonly Allocations[], edit?: Edit): ShareTree {
  let { nodes, clock } = tree;
  for (const { path, more, times, last } of clients) {
    let row: ShareNode | undefined = rowOfClient({ nodes }, path);
    for (; row !== undefined; row = rowAbove({ nodes }, row)) {
      const servedAt = Math.max(row.servedAt, tree.clock + last);
      nodes = nodes.set(row.path, served(row, quantitiesAdd(row.allocated, more), row.count + times, servedAt), edit);
    }
    clock += times;
  }
  return { ...tree, nodes, clock };
}

/**
 * Takes away from what a client holds, and from every node above it. Counts stay (SORT-2).
 *
 * @throws InvariantError if there is no such client, or it holds less.
 * @remarks Since 0.1.0
 */
export function trackUnallocated(tree: ShareTree, path: string, back: Quantities, edit?: Edit): ShareTree {
  return replaceAllocated(tree, path, back, noQuantities, edit);
}

/**
 * Replaces a part of what a client holds; not an allocation, so counts stay (SORT-2).
 *
 * @throws InvariantError if there is no such client, or it holds less than `before`.
 * @remarks Since 0.1.0
 */
export function replaceAllocated(
  tree: ShareTree,
  path: string,
  before: Quantities,
  after: Quantities,
  edit?: Edit,
): ShareTree {
  let { nodes } = tree;
  for (let row: ShareNode | undefined = rowOfClient(tree, path); row !== undefined; row = rowAbove(tree, row)) {
    const allocated = quantitiesAdd(less(row, before), after);
    nodes = nodes.set(row.path, served(row, allocated, row.count, row.servedAt), edit);
  }
  return { ...tree, nodes };
}

/** What a row counts of one change: taken away, then added. */
export interface Recount {
  readonly before: Quantities;
  readonly after: Quantities;
}

/**
 * Changes what a client and every node above it count, each by its own amounts: what several clients share counts once in
 * each of them and once in every row above them, so rows do not change alike (SORT-9). With `allocates` it is one
 * allocation in the count of each (SORT-7).
 *
 * @param amounts what the row of a path counts of the change; the virtual leaf of `a` is `a/.`.
 * @throws InvariantError if there is no such client, or a row holds less than its `before`.
 * @remarks Since 0.1.0
 */
export function recountAllocated(
  tree: ShareTree,
  path: string,
  amounts: (row: string) => Recount,
  allocates: boolean,
  edit?: Edit,
): ShareTree {
  const clock = allocates ? tree.clock + 1 : tree.clock;
  let { nodes } = tree;
  for (let row: ShareNode | undefined = rowOfClient(tree, path); row !== undefined; row = rowAbove(tree, row)) {
    const { before, after } = amounts(row.path);
    const count = allocates ? row.count + 1 : row.count;
    const servedAt = allocates ? clock : row.servedAt;
    nodes = nodes.set(row.path, served(row, quantitiesAdd(less(row, before), after), count, servedAt), edit);
  }
  return { ...tree, nodes, clock };
}

/**
 * The row with other numbers. A literal, as copying by spread costs several times as much on this path.
 */
export function served(row: ShareNode, allocated: Quantities, count: number, servedAt: number): ShareNode {
  return {
    path: row.path,
    client: row.client,
    active: row.active,
    children: row.children,
    count,
    allocated,
    since: row.since,
    servedAt,
    priority: row.priority,
    weight: row.weight,
  };
}

/**
 * A tree from its parts, for whoever has written one down. Only what can't be derived is needed of a row.
 *
 * @remarks Since 0.1.0
 */
export function restoreShareTree(parts: ShareTreeParts): ShareTree {
  const weights = Table.from(parts.weights);
  const priorities = Table.from(parts.priorities);
  const nodes: [string, ShareNode][] = [];
  for (const part of parts.nodes) {
    const { path } = part;
    const row = { ...part, priority: priorities.get(path) ?? 0, weight: weights.get(path) ?? unitWeight };
    nodes.push([path, served(row, row.allocated, row.count, row.servedAt)]);
  }
  return withNewRoster({ ...emptyShareTree, nodes: Table.from(nodes), weights, priorities, clock: parts.clock });
}

/** The path one level up; the root is above `a`. */
export function pathAbove(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? rootPath : path.slice(0, slash);
}

/** What a row is called outside: `a` for the virtual leaf `a/.` (SORT-6). */
export function clientName(path: string): string {
  return path.endsWith(virtualLeaf) ? path.slice(0, -virtualLeaf.length) : path;
}

type Draft = { -readonly [K in keyof ShareTree]: ShareTree[K] };

function rowOfClient(tree: Pick<ShareTree, 'nodes'>, path: string): ShareNode {
  const row = clientNode(tree, path);
  if (row === undefined) throw new InvariantError(`there is no client '${path}'`);
  return row;
}

function rowAbove(tree: Pick<ShareTree, 'nodes'>, row: ShareNode): ShareNode | undefined {
  return row.path === rootPath ? undefined : tree.nodes.get(pathAbove(row.path));
}

function newRow(tree: ShareTree, path: string): ShareNode {
  return {
    ...emptyRoot,
    path,
    since: tree.clock,
    priority: tree.priorities.get(path) ?? 0,
    weight: weightAt(tree, path),
  };
}

/** Adds a row and counts it in the one above. */
function addRow(draft: Draft, row: ShareNode, edit: Edit | undefined): void {
  const above = rowAbove(draft, row);
  if (above === undefined) throw new InvariantError(`nothing above '${row.path}'`);
  draft.nodes = draft.nodes.set(row.path, row, edit).set(above.path, { ...above, children: above.children + 1 }, edit);
}

/** Makes sure that a path is a node that can have children; a client there goes on in a virtual leaf (SORT-6). */
function makeInternal(draft: Draft, path: string, edit: Edit | undefined): void {
  const row = draft.nodes.get(path);
  if (row === undefined) addRow(draft, newRow(draft, path), edit);
  else if (row.client) {
    const leaf = path + virtualLeaf;
    const { priority, weight } = newRow(draft, leaf);
    draft.nodes = draft.nodes.set(path, { ...row, client: false, active: false }, edit);
    addRow(draft, { ...row, path: leaf, priority, weight }, edit);
  }
}

/**
 * Sets a row that has just lost a child; if only its virtual leaf is left, the two become one leaf again (SORT-6). The
 * count is the node's, as counts never go down; when it came and was served are the client's.
 */
function setCollapsed(nodes: Table<ShareNode>, row: ShareNode, edit: Edit | undefined): Table<ShareNode> {
  const leaf = row.children === 1 && row.path !== rootPath ? nodes.get(row.path + virtualLeaf) : undefined;
  if (leaf === undefined) return nodes.set(row.path, row, edit);
  const { active, since, servedAt } = leaf;
  return nodes
    .remove(leaf.path, edit)
    .set(row.path, { ...row, client: true, active, children: 0, since, servedAt }, edit);
}

function setActive(tree: ShareTree, path: string, active: boolean, edit: Edit | undefined): ShareTree {
  const row = rowOfClient(tree, path);
  return row.active === active ? tree : { ...tree, nodes: tree.nodes.set(row.path, { ...row, active }, edit) };
}

/** What is left of a row's allocation. Subtraction floors at zero, which would hide that the books don't balance. */
function less(row: ShareNode, part: Quantities): Quantities {
  if (!quantitiesContains(row.allocated, part)) {
    throw new InvariantError(`'${row.path}' holds ${String(row.allocated)}, of which ${String(part)} can't be taken`);
  }
  return quantitiesSubtract(row.allocated, part);
}

function withNewRoster(tree: ShareTree): ShareTree {
  return { ...tree, roster: { rows: tree.nodes.size } };
}
