import type { Table } from '../resources/index.js';
import { groupingOf, layoutOf, type Grouping, type Layout } from './layout.js';
import type { Roster, ShareTree } from './tree.js';

/** The place of one tree among the slots of a forest. */
export interface Plot {
  /** The role whose frameworks are in it; '' for the tree of roles itself. */
  readonly role: string;
  readonly layout: Layout;
  readonly roster: Roster;
  /** Slot of its root; its other rows follow. */
  readonly start: number;
}

/**
 * The shapes of the tree of roles and of the tree of each role's frameworks as one list of slots, the roles first: a run
 * walks from the one into the other, and reads and writes one set of arrays.
 */
export interface ForestLayout extends Layout {
  /** The tree of roles, then those of frameworks. */
  readonly plots: readonly Plot[];
  /** By slot of a role's leaf: the root of the tree of its frameworks; -1 for every other slot. */
  readonly grounds: Int32Array;
  /** By slot: which plot it is in. */
  readonly plotOf: Int32Array;
  /** The plot of each role. */
  readonly plotsByRole: ReadonlyMap<string, number>;
  /** By plot: the slot of its role's leaf; -1 for the tree of roles. */
  readonly leaves: Int32Array;
  /** How many slots the tree of roles has: from here on all are of frameworks. */
  readonly firstClient: number;
}

/** As for single trees: by what can't change without the shape. The rosters of the other trees are compared. */
const forests = new WeakMap<Roster, ForestLayout>();

/** The shape of a forest, made anew only after a role or a framework in one came or went. */
export function forestLayoutOf(roles: ShareTree, clients: Table<ShareTree>): ForestLayout {
  const known = forests.get(roles.roster);
  if (known !== undefined && isShapeOf(known, clients)) return known;
  const made = makeLayout(roles, clients);
  forests.set(roles.roster, made);
  return made;
}

function isShapeOf({ plots }: ForestLayout, clients: Table<ShareTree>): boolean {
  if (clients.size !== plots.length - 1) return false;
  let same = true;
  let at = 1;
  clients.forEach((tree) => {
    same &&= plots[at++]?.roster === tree.roster;
  });
  return same;
}

function makeLayout(roles: ShareTree, clients: Table<ShareTree>): ForestLayout {
  const plots: Plot[] = [{ role: '', layout: layoutOf(roles), roster: roles.roster, start: 0 }];
  let size = layoutOf(roles).paths.length;
  const firstClient = size;
  clients.forEach((tree, role) => {
    const layout = layoutOf(tree);
    plots.push({ role, layout, roster: tree.roster, start: size });
    size += layout.paths.length;
  });
  const grounds = new Int32Array(size).fill(-1);
  const plotOf = new Int32Array(size);
  const leaves = new Int32Array(plots.length).fill(-1);
  for (const [index, { role, layout, start }] of plots.entries()) {
    plotOf.fill(index, start, start + layout.paths.length);
    if (index === 0) continue;
    const leaf = leafSlot(layoutOf(roles), role);
    grounds[leaf] = start;
    leaves[index] = leaf;
  }
  const plotsByRole = new Map(plots.slice(1).map(({ role }, index) => [role, index + 1]));
  return { ...joined(plots), plots, plotsByRole, grounds, plotOf, leaves, firstClient };
}

/** The leaf of a role: a virtual one while there are roles below it (SORT-6). */
function leafSlot({ slots }: Layout, role: string): number {
  return slots.get(`${role}/.`) ?? slots.get(role) ?? -1;
}

/** Several shapes as one, each behind the other. Slots are found by tree and path, so there is no map of all paths. */
function joined(plots: readonly Plot[]): Layout {
  const paths: string[] = [];
  const names: string[] = [];
  const parents: number[] = [];
  for (const { layout, start } of plots) {
    for (const path of layout.paths) paths.push(path);
    for (const name of layout.names) names.push(name);
    for (const parent of layout.parents) parents.push(parent === -1 ? -1 : parent + start);
  }
  return {
    paths,
    names,
    parents,
    slots: new Map(),
    visits: [],
    byParent: joinedGrouping(plots, false),
    flat: undefined,
  };
}

/** The groups of all trees. A flat rule ranks all roles in one list, and the frameworks of each in another. */
export function forestGroupingOf(layout: ForestLayout, flat: boolean): Grouping {
  if (!flat) return layout.byParent;
  layout.flat ??= joinedGrouping(layout.plots, true);
  return layout.flat;
}

function joinedGrouping(plots: readonly Plot[], flat: boolean): Grouping {
  const first: number[] = [];
  const groupOf: number[] = [];
  const hint: number[] = [];
  for (const { layout, start } of plots) {
    const own = groupingOf(layout, flat);
    const before = hint.length;
    for (let slot = 0; slot < layout.paths.length; slot += 1) {
      const group = own.groupOf[slot] as number;
      first.push((own.first[slot] as number) + before);
      groupOf.push(group === -1 ? -1 : group + start);
    }
    for (const slot of own.hint) hint.push(slot + start);
  }
  first.push(hint.length);
  return { first, groupOf, hint };
}
