/** Roles, and the frameworks of each, as plain objects that are sorted whenever somebody asks who comes first. */
import type { ShareTree, Weight } from '../../src/drf/index.js';
import { amount, compareText, names, type Quantities } from '../../src/resources/index.js';
import type { Amounts } from './amounts.js';

/** A role, a role above others, or a framework in a role. */
export interface Row {
  readonly path: string;
  readonly parent: Row | undefined;
  readonly children: Row[];
  readonly weight: Weight;
  /** Whether it is to be ordered itself, and is no mere place above others. */
  readonly client: boolean;
  count: number;
  readonly allocated: Map<string, number>;
  share: number;
}

/** Copies a tree of the library: the rows at the top, and every row by its path. Rows with nobody active are left out. */
export function copyTree(tree: ShareTree): { readonly top: Row[]; readonly rows: Map<string, Row> } {
  const rows = new Map<string, Row>();
  const top: Row[] = [];
  // Sorted by path, so a row comes after the one above it.
  for (const [path, node] of tree.nodes.entries()) {
    if (path === '') continue;
    const parent = rows.get(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
    const allocated = new Map(names(node.allocated).map((name) => [name, amount(node.allocated, name)]));
    const { weight, count, client } = node;
    const row: Row = { path, parent, children: [], weight, client: client && node.active, count, allocated, share: 0 };
    rows.set(path, row);
    (parent?.children ?? top).push(row);
  }
  return { top: withSomebody(top), rows };
}

function withSomebody(rows: Row[]): Row[] {
  for (const { children } of rows) children.splice(0, children.length, ...withSomebody(children));
  return rows.filter(({ client, children }) => client || children.length > 0);
}

/** Who comes first: sorts every level anew. */
export function sorted(rows: Row[], found: Row[] = []): Row[] {
  rows.sort(compareRows);
  for (const row of rows) {
    if (row.client) found.push(row);
    else sorted(row.children, found);
  }
  return found;
}

function compareRows(a: Row, b: Row): number {
  return a.share - b.share || a.count - b.count || compareText(a.path, b.path);
}

/** A grant: counted and ranked up to the top. */
export function countGrant(row: Row, amounts: Amounts, total: Map<string, number>): void {
  for (let at: Row | undefined = row; at !== undefined; at = at.parent) {
    at.count += 1;
    change(at, amounts, 1);
    at.share = shareOf(at, total);
  }
}

/** Resources came back. */
export function countReturn(row: Row, amounts: Amounts): void {
  for (let at: Row | undefined = row; at !== undefined; at = at.parent) change(at, amounts, -1);
}

function change({ allocated }: Row, amounts: Amounts, sign: 1 | -1): void {
  for (const [name, milli] of amounts) {
    if (typeof milli === 'number') allocated.set(name, (allocated.get(name) ?? 0) + sign * milli);
  }
}

/** Reckons the shares of rows and all below them. */
export function rank(rows: Row[], total: Map<string, number>): void {
  for (const row of rows) {
    row.share = shareOf(row, total);
    rank(row.children, total);
  }
}

/** The dominant share: one division, so that equal shares are equal numbers (SORT-1). */
function shareOf({ allocated, weight }: Row, total: Map<string, number>): number {
  let share = 0;
  for (const [name, milli] of allocated) {
    const whole = total.get(name);
    if (whole !== undefined && whole > 0) share = Math.max(share, (milli * weight.q) / (whole * weight.p));
  }
  return share;
}

/** Plain amounts by name. */
export function millisOf(quantities: Quantities): Map<string, number> {
  return new Map(names(quantities).map((name) => [name, amount(quantities, name)]));
}
