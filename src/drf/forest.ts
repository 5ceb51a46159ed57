/**
 * Who comes next in a whole cluster, by number: roles down their tree and, below the leaf of each, its frameworks. What
 * {@link openOrder} is for one tree and by name, this is for all trees of an allocation run at once: no text is looked at,
 * and all rows lie in one set of arrays. It is scratch of one run and never writes the trees it reads.
 */
import { InvariantError, quantitiesEqual, type Edit, type Quantities, type Table } from '../resources/index.js';
import { forestGroupingOf, forestLayoutOf, type ForestLayout, type Plot } from './forest-layout.js';
import { takeOut } from './lineup.js';
import type { Client } from './order-rule.js';
import { locate, openGroup, settle } from './ranking.js';
import {
  clientOf,
  closed,
  gatherTree,
  grantTo,
  live,
  readRow,
  relate,
  rowNow,
  Scratch,
  type RankOptions,
} from './scratch.js';
import { drf } from './rules/drf.js';
import { emptyShareTree, type Roster, type ShareTree } from './tree.js';

/** What a forest is made from. */
export interface ForestOptions extends Omit<RankOptions, 'draw'> {
  /** All roles that have frameworks. */
  readonly roles: ShareTree;
  /** Per role: its frameworks. */
  readonly clients: Table<ShareTree>;
  /** A unit exponential variate for a row of a tree, which is named by its role, '' for the tree of roles. */
  readonly draw: (role: string, path: string) => number;
}

/** The trees with everything that was granted in a run. */
export interface GrownForest {
  readonly roles: ShareTree;
  readonly clients: Table<ShareTree>;
}

/** The arrays of a run that is over, and the trees whose numbers they hold. */
interface Kept extends GrownForest {
  readonly layout: ForestLayout;
  readonly scratch: Scratch;
  readonly trees: (ShareTree | undefined)[];
  readonly clocks: Float64Array;
  readonly total: Quantities;
  readonly exclude: ReadonlySet<string>;
}

/**
 * By the roster of roles: the arrays of the last run of `drf` over these roles. The next one takes them and reads what has
 * changed since, which mostly is little. They are compared with the trees that it is given, so it does not matter whose run
 * the last one was; whoever takes them has them alone.
 */
const kept = new WeakMap<Roster, Kept>();

function takeKept({ roles, clients, total, rule, exclude }: ForestOptions): Kept | undefined {
  const found = rule === drf ? kept.get(roles.roster) : undefined;
  if (found === undefined) return undefined;
  kept.delete(roles.roster);
  const isSame = quantitiesEqual(found.total, total) && isSameSet(found.exclude, exclude);
  return isSame && haveSameClients(found.clients, clients) ? found : undefined;
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((name) => b.has(name));
}

function haveSameClients(before: Table<ShareTree>, after: Table<ShareTree>): boolean {
  let same = true;
  after.changesSince(before, (_, old, now) => (same &&= old?.roster === now?.roster));
  return same;
}

/** The order of all clients of a run. A client is a slot: a framework in a role. */
export class Forest {
  readonly layout: ForestLayout;
  readonly #options: ForestOptions;
  readonly #scratch: Scratch;
  /** By plot: the tree as it was read; undefined = nobody has looked at it yet. */
  readonly #trees: (ShareTree | undefined)[];
  /** By plot: its clock, and on through the run. */
  readonly #clocks: Float64Array;
  /** What is read here may be of use to the next run. */
  #isKept: boolean;
  /** Whether a rank follows the numbers of its client alone. */
  readonly #ownRanks: boolean;
  /** When all ranks of a tree must be asked again. */
  readonly #asksAll: 'once' | 'after-allocation' | 'always';
  /** Counts walks: a tree whose ranks last for one walk is ranked anew when a later one comes to it. */
  #walks = 0;
  /** By plot: the walk that ranked it last. */
  readonly #rankedBy: Int32Array;
  /** The groups that the walk is in, from the root down, and how many members of each it has visited. */
  readonly #groups: number[] = [];
  readonly #visited: number[] = [];
  #depth = 0;

  constructor(options: ForestOptions) {
    const { roles, clients, rule } = options;
    this.#options = options;
    const flat = rule.flat === true;
    const ranks: RankOptions = {
      total: options.total,
      rule,
      exclude: options.exclude,
      now: options.now,
      draw: (path, slot) => options.draw(this.#plotOf(slot).role, path),
    };
    const known = takeKept(options);
    this.#isKept = rule === drf;
    if (known === undefined) {
      this.layout = forestLayoutOf(roles, clients);
      this.#scratch = new Scratch(ranks, this.layout, forestGroupingOf(this.layout, flat));
      this.#trees = Array<ShareTree | undefined>(this.layout.plots.length).fill(undefined);
      this.#clocks = new Float64Array(this.layout.plots.length);
      this.#read(0, roles);
      if (flat) {
        // Weights are relative to those of siblings: all rows are looked at.
        for (let plot = 1; plot < this.layout.plots.length; plot += 1) this.#readPlot(plot);
        this.#scratch.relativeWeights = relate(this.#scratch);
      }
    } else {
      this.layout = known.layout;
      this.#trees = known.trees;
      this.#clocks = known.clocks;
      this.#scratch = known.scratch;
      this.#scratch.options = ranks;
      this.#catchUp(known);
    }
    this.#rankedBy = new Int32Array(this.layout.plots.length);
    this.#ownRanks = rule.changesWith === undefined;
    this.#asksAll =
      rule.changesWith === 'sort' ? 'always' : rule.changesWith === 'allocation' ? 'after-allocation' : 'once';
  }

  /** The role of a client. */
  roleOf(client: number): string {
    return this.#plotOf(client).role;
  }

  /** The framework of a client. */
  frameworkOf(client: number): string {
    return this.layout.paths[client] as string;
  }

  /** Begins a walk over all active clients, first come first; the one before is over. */
  start(): void {
    this.#walks += 1;
    this.#depth = 0;
    this.#groups[0] = 0;
    this.#visited[0] = 0;
    if (this.#asksAll === 'always') this.#forget(0);
  }

  /** The next client of the walk; -1 = there is none. A walk is over with the next {@link allocated} or {@link withdraw}. */
  next(): number {
    const scratch = this.#scratch;
    const { heads, ends, places } = scratch;
    const { grounds, firstClient } = this.layout;
    for (;;) {
      const group = this.#groups[this.#depth] as number;
      openGroup(scratch, group);
      const at = (heads[group] as number) + (this.#visited[this.#depth] as number);
      if (at === ends[group]) {
        if (this.#depth === 0) return -1;
        this.#depth -= 1;
        continue;
      }
      this.#visited[this.#depth] = (this.#visited[this.#depth] as number) + 1;
      const slot = places[at] as number;
      if (slot >= firstClient) return slot;
      const ground = grounds[slot] as number;
      if (ground !== -1) this.#enterGround(ground);
      this.#depth += 1;
      this.#groups[this.#depth] = ground === -1 ? slot : ground;
      this.#visited[this.#depth] = 0;
    }
  }

  /** Passes over what is left of the role that the walk is in. */
  leaveRole(): void {
    this.#depth -= 1;
  }

  /** From now on only these roles are walked over. */
  restrict(serves: (role: string) => boolean): void {
    this.#isKept = false;
    const { plots, leaves, parents, firstClient } = this.layout;
    const { marks } = this.#scratch;
    for (let slot = 0; slot < firstClient; slot += 1) marks[slot] = (marks[slot] as number) & ~live;
    for (let plot = 1; plot < plots.length; plot += 1) {
      if (!serves((plots[plot] as Plot).role)) continue;
      for (let slot = leaves[plot] as number; slot !== -1; slot = parents[slot] as number) {
        marks[slot] = (marks[slot] as number) | live;
      }
    }
    this.#forget(0);
  }

  /** The role of a client is not walked over any more. */
  withdraw(client: number): void {
    this.#isKept = false;
    const scratch = this.#scratch;
    const leaf = this.layout.leaves[this.layout.plotOf[client] as number] as number;
    const at = locate(scratch, leaf);
    if (at !== -1) takeOut(scratch, leaf, at);
    scratch.marks[leaf] = (scratch.marks[leaf] as number) & ~live;
  }

  /** Notes that a client was granted something: it and the roles above it move to their new places. */
  allocated(client: number, ofRole: Quantities, ofClient: Quantities): void {
    const plot = this.layout.plotOf[client] as number;
    this.#readOnce(plot);
    this.#grant(0, this.layout.leaves[plot] as number, ofRole);
    this.#grant(plot, client, ofClient);
  }

  /** A client as rules see it, at this moment of the run. */
  client(slot: number): Client {
    this.#readOnce(this.layout.plotOf[slot] as number);
    return clientOf(this.#scratch, slot);
  }

  /** The trees that were read with everything that was allocated since, at the price of one write for each row that changed. */
  commit(edit?: Edit): GrownForest {
    const grown = this.#grow(edit);
    if (this.#isKept) this.#keep(grown);
    return grown;
  }

  #grow(edit: Edit | undefined): GrownForest {
    const scratch = this.#scratch;
    const grown = new Map<number, { tree: ShareTree; nodes: ShareTree['nodes'] }>();
    for (const slot of scratch.granted) {
      const plot = this.layout.plotOf[slot] as number;
      const tree = this.#trees[plot] ?? emptyShareTree;
      const its = grown.get(plot) ?? { tree, nodes: tree.nodes };
      grown.set(plot, its);
      const row = rowNow(scratch, slot);
      its.nodes = its.nodes.set(row.path, row, edit);
    }
    let { roles, clients } = this.#options;
    for (const [plot, { tree, nodes }] of grown) {
      const after = { ...tree, nodes, clock: this.#clocks[plot] as number };
      if (plot === 0) roles = after;
      else clients = clients.set((this.layout.plots[plot] as Plot).role, after, edit);
    }
    return { roles, clients };
  }

  /** Puts the arrays by for the next run, which finds in them what these trees say. */
  #keep({ roles, clients }: GrownForest): void {
    const { scratch, layout } = { scratch: this.#scratch, layout: this.layout };
    for (const slot of scratch.granted) {
      const plot = layout.plotOf[slot] as number;
      this.#trees[plot] = plot === 0 ? roles : clients.get((layout.plots[plot] as Plot).role);
      this.#trees[plot]?.nodes.share();
      scratch.rows[slot] = rowNow(scratch, slot);
      scratch.marks[slot] = (scratch.marks[slot] as number) & live;
    }
    scratch.granted.length = 0;
    scratch.foreign.clear();
    // Nobody may write in place what is compared with later trees.
    roles.nodes.share();
    clients.share();
    this.#trees[0] = roles;
    const { total, exclude } = this.#options;
    kept.set(roles.roster, {
      layout,
      scratch,
      trees: this.#trees,
      clocks: this.#clocks,
      roles,
      clients,
      total,
      exclude,
    });
  }

  /** What was kept of an earlier run becomes what the trees say now: rows that are others are read anew. */
  #catchUp(before: Kept): void {
    const { roles, clients } = this.#options;
    const scratch = this.#scratch;
    const { slots } = (this.layout.plots[0] as Plot).layout;
    roles.nodes.changesSince(before.roles.nodes, (path, _, row) => {
      const slot = slots.get(path);
      if (slot === undefined || row === undefined) throw new InvariantError(`row '${path}' changed without its roster`);
      const at = locate(scratch, slot);
      readRow(scratch, slot, row);
      if (at !== -1) settle(scratch, slot, at, true);
    });
    this.#trees[0] = roles;
    this.#clocks[0] = roles.clock;
    clients.changesSince(before.clients, (role) => {
      const plot = this.layout.plotsByRole.get(role) as number;
      const { start, layout } = this.layout.plots[plot] as Plot;
      this.#trees[plot] = undefined;
      scratch.marks.fill(0, start, start + layout.paths.length);
      this.#forget(plot);
    });
  }

  #plotOf(slot: number): Plot {
    return this.layout.plots[this.layout.plotOf[slot] as number] as Plot;
  }

  #grant(plot: number, leaf: number, more: Quantities): void {
    const scratch = this.#scratch;
    const clock = (this.#clocks[plot] as number) + 1;
    this.#clocks[plot] = clock;
    scratch.clock = clock;
    const { parents } = this.layout;
    if (this.#asksAll !== 'once') {
      if (this.#asksAll === 'after-allocation') this.#forget(plot);
      for (let slot = leaf; slot !== -1; slot = parents[slot] as number) grantTo(scratch, slot, more);
      return;
    }
    for (let slot = leaf; slot !== -1; slot = parents[slot] as number) {
      const at = locate(scratch, slot);
      grantTo(scratch, slot, more);
      if (at !== -1) settle(scratch, slot, at, this.#ownRanks);
    }
  }

  /** All ranks of a tree will be asked again. */
  #forget(plot: number): void {
    const { start, layout } = this.layout.plots[plot] as Plot;
    this.#scratch.ends.fill(closed, start, start + layout.paths.length);
  }

  /** Makes the frameworks of a role ready for being walked over. */
  #enterGround(ground: number): void {
    const plot = this.layout.plotOf[ground] as number;
    this.#readOnce(plot);
    if (this.#asksAll !== 'always' || this.#rankedBy[plot] === this.#walks) return;
    this.#rankedBy[plot] = this.#walks;
    this.#forget(plot);
  }

  #readOnce(plot: number): void {
    if (this.#trees[plot] === undefined) this.#readPlot(plot);
  }

  #readPlot(plot: number): void {
    this.#read(plot, this.#options.clients.get((this.layout.plots[plot] as Plot).role) ?? emptyShareTree);
  }

  #read(plot: number, tree: ShareTree): void {
    const { layout, start } = this.layout.plots[plot] as Plot;
    this.#trees[plot] = tree;
    this.#clocks[plot] = tree.clock;
    gatherTree(this.#scratch, tree, layout, start);
  }
}
