import { compareText } from '../resources/index.js';
import { clientName, pathAbove, type Roster, type ShareTree } from './tree.js';

/**
 * The shape of a share tree as arrays: every row has a slot, numbered by path, so that of two slots the smaller one has
 * the smaller path (the last tie of SORT-2) and a parent comes before its children. It depends on the paths alone, which
 * change far less often than what their owners hold.
 */
export interface Layout {
  readonly paths: readonly string[];
  /** What each row is called outside. */
  readonly names: readonly string[];
  /** Slot by path. */
  readonly slots: ReadonlyMap<string, number>;
  /** The slots in the order in which a table of exactly these paths mostly visits them: a guess that is checked. */
  readonly visits: readonly number[];
  /** Slot of the row above; -1 for the root. */
  readonly parents: readonly number[];
  /** Siblings against siblings. */
  readonly byParent: Grouping;
  /** All leaves as one group of the root, for rules that are `flat`; made when the first of them asks. */
  flat: Grouping | undefined;
}

/** Which rows are ordered against each other. */
export interface Grouping {
  /** Where the members of the group of a slot begin; they end where those of the next slot begin. */
  readonly first: readonly number[];
  /** Slot whose group a slot belongs to; -1 for rows in none. */
  readonly groupOf: readonly number[];
  /**
   * The members, group after group, as they were last sorted. Only a hint where to start sorting from: an order is total,
   * so the outcome is the same from anywhere, but sooner there when little has changed.
   */
  readonly hint: number[];
}

/** Shapes by what can't change without the shape: never by a tree, so that no fork can meet the shape of another. */
const layouts = new WeakMap<Roster, Layout>();

/** The shape of a tree, made anew only after clients came or went. */
export function layoutOf(tree: ShareTree): Layout {
  const known = layouts.get(tree.roster);
  if (known !== undefined) return known;
  const made = makeLayout(tree);
  layouts.set(tree.roster, made);
  return made;
}

/** The groups that a rule orders. */
export function groupingOf(layout: Layout, flat: boolean): Grouping {
  if (!flat) return layout.byParent;
  const { first } = layout.byParent;
  // A row without children is a client's leaf, but for the root of an empty tree.
  layout.flat ??= grouping(layout.paths.map((_, slot) => (slot !== 0 && first[slot] === first[slot + 1] ? 0 : -1)));
  return layout.flat;
}

function makeLayout(tree: ShareTree): Layout {
  const visited: string[] = [];
  tree.nodes.forEach((row) => visited.push(row.path));
  const paths = sorted(visited);
  const slots = new Map<string, number>();
  const parents: number[] = [];
  for (const [slot, path] of paths.entries()) {
    slots.set(path, slot);
    parents.push(slot === 0 ? -1 : (slots.get(pathAbove(path)) ?? -1));
  }
  return {
    paths,
    names: paths.map(clientName),
    slots,
    visits: visited.map((path) => slots.get(path) ?? -1),
    parents,
    byParent: grouping(parents),
    flat: undefined,
  };
}

/** Sorts natively, which is several times faster, unless a surrogate makes that order differ from the one by code points. */
function sorted(paths: readonly string[]): string[] {
  const unitwise = paths.toSorted();
  return paths.some((path) => /[\ud800-\udfff]/.test(path)) ? unitwise.sort(compareText) : unitwise;
}

/** Lists the members of each group, by slot. */
function grouping(groupOf: readonly number[]): Grouping {
  const first: number[] = Array.from({ length: groupOf.length + 1 }, () => 0);
  for (const group of groupOf) if (group !== -1) first[group + 1] = (first[group + 1] ?? 0) + 1;
  for (let slot = 0; slot < groupOf.length; slot += 1) first[slot + 1] = (first[slot + 1] ?? 0) + (first[slot] ?? 0);
  const next = first.slice();
  const hint: number[] = [];
  for (const [slot, group] of groupOf.entries()) {
    if (group === -1) continue;
    const at = next[group] ?? 0;
    hint[at] = slot;
    next[group] = at + 1;
  }
  return { first, groupOf, hint };
}
