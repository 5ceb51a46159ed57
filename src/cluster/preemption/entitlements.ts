/**
 * What roles are entitled to: what DRF would give them if everything could be cut at will and given anew. All roles rise
 * together, by weight, until something is used up; then the others go on. Nobody gets more than it uses and asks for, more
 * than its limit, or less of that than its guarantee. What a role gets is divided among the roles below it in the same way
 * (Ghodsi et al., NSDI 2011, §4; Bhattacharya et al., SoCC 2013).
 */
import { weightAt, weightValue } from '../../drf/index.js';
import { roleQuota } from '../../offers/index.js';
import {
  amount,
  compareText,
  limitOf,
  names,
  quantitiesFromScalarResources,
  roleAncestors,
  type Resources,
} from '../../resources/index.js';
import { isTerminal } from '../../tasks/index.js';
import type { ClusterState, Task, TaskRef } from '../state.js';

/** Amounts of the kinds that count, in thousandths. */
type Amounts = number[];

/** How a role stands. Parts are dominant shares of the whole cluster, from 0 to 1, not divided by the weight. */
export interface RoleStanding {
  readonly role: string;
  /** The part that its tasks and executors use. What it was only offered does not count. */
  readonly used: number;
  /** The part that it is entitled to. */
  readonly entitled: number;
  /** How much of that is guaranteed. */
  readonly guaranteed: number;
  /** What it lacks of what it is entitled to. */
  readonly lacking: number;
}

/**
 * How each role stands that uses or asks for something, sorted by role. The sum of what they lack is what falls with every
 * preemption (see `preemption/review.ts`).
 *
 * @example
 * entitlements(master.state).filter(({ lacking }) => lacking > 0.1);
 * @remarks Since 0.1.0
 */
export function entitlements(state: ClusterState): readonly RoleStanding[] {
  return new Standings(state).all();
}

interface Standing {
  readonly role: string;
  readonly used: Amounts;
  /** What it uses and asks for. */
  readonly wanted: Amounts;
  entitled: number;
  guaranteed: number;
}

/** A role, or what a role that has others below it uses itself. */
interface Node {
  readonly weight: number;
  readonly wanted: Amounts;
  /** Bounds of the part of what is wanted that it can get. */
  floor: number;
  ceiling: number;
  readonly children: Node[];
  readonly standing: Standing | undefined;
}

/** How roles stand while it is decided what to take from whom: what was decided counts. */
export class Standings {
  readonly #kinds: readonly string[];
  readonly #totals: Amounts;
  readonly #rows = new Map<string, Standing>();

  constructor(state: ClusterState) {
    const { total, config } = state.allocator;
    this.#kinds = names(total).filter((kind) => !config.fairnessExclude.includes(kind) && amount(total, kind) > 0);
    this.#totals = this.#kinds.map((kind) => amount(total, kind));
    this.#countUsed(state);
    this.#countClaims(state);
    this.#countWanted(state);
    const roles = [...this.#rows.values()].sort((a, b) => compareText(a.role, b.role));
    this.#divide(treeOf(state, roles, this.#kinds), this.#totals);
  }

  /** Sorted by role; those who neither use nor ask for anything are not among them. */
  all(): readonly RoleStanding[] {
    const wanting = [...this.#rows.values()].filter(({ wanted }) => wanted.some((amounts) => amounts > 0));
    return wanting.map(({ role }) => this.of(role)).sort((a, b) => compareText(a.role, b.role));
  }

  of(role: string): RoleStanding {
    const used = this.usedBy(role);
    const { entitled = 0, guaranteed = 0 } = this.#rows.get(role) ?? {};
    return { role, used, entitled, guaranteed, lacking: Math.max(0, entitled - used) };
  }

  /** The part that a role would use with `more`, and without `less`. */
  usedBy(role: string, change: { readonly more?: Resources; readonly less?: Resources } = {}): number {
    const used = [...(this.#rows.get(role)?.used ?? this.#none())];
    this.#add(used, change.more, 1);
    this.#add(used, change.less, -1);
    return this.#partOf(used);
  }

  /** It was decided that a role gets this, or (`times` -1) that it is taken from it. */
  count(role: string, resources: Resources, times: 1 | -1): void {
    this.#add(this.#row(role).used, resources, times);
  }

  #countUsed(state: ClusterState): void {
    for (const [role, tree] of state.allocator.clients.entries()) {
      const held = tree.nodes.get('')?.allocated;
      if (held === undefined) continue;
      const { used } = this.#row(role);
      for (const [k, kind] of this.#kinds.entries()) used[k] = amount(held, kind);
    }
    state.offers.forEach(({ offer: { role, resources } }) => this.count(role, resources, -1));
  }

  /** What is promised counts as had, what is to be ended as gone. */
  #countClaims(state: ClusterState): void {
    for (const { role, resources, victims } of state.preemption.claims.values()) {
      this.count(role, resources, 1);
      for (const ref of victims) {
        const task = liveTask(state, ref);
        if (task !== undefined) this.count(task.role, task.resources, -1);
      }
    }
  }

  #countWanted(state: ClusterState): void {
    const { frameworks, demand } = state.allocator;
    for (const [id, wishes] of demand.entries()) {
      const framework = frameworks.get(id);
      if (framework?.active !== true) continue;
      for (const { role, resources, count } of wishes) {
        const of = role ?? framework.roles[0];
        if (of === undefined || !framework.roles.includes(of) || framework.suppressed.includes(of)) continue;
        this.#add(this.#row(of).wanted, resources, count);
      }
    }
    // What is promised is asked for still, and was counted as had.
    for (const { role, resources } of state.preemption.claims.values())
      this.#add(this.#row(role).wanted, resources, -1);
    for (const { used, wanted } of this.#rows.values()) {
      for (const [k, own] of used.entries()) wanted[k] = Math.max(0, own) + Math.max(0, wanted[k] ?? 0);
    }
  }

  #divide(node: Node, room: Amounts): void {
    const { standing, children, wanted, floor } = node;
    if (standing !== undefined) {
      standing.entitled = this.#partOf(room);
      standing.guaranteed = Math.min(this.#partOf(wanted) * floor, standing.entitled);
    }
    const parts = filled(children, room, (amounts) => this.#partOf(amounts));
    for (const [index, child] of children.entries()) {
      const part = parts[index] ?? 0;
      this.#divide(
        child,
        child.wanted.map((wanted) => wanted * part),
      );
    }
  }

  #partOf(amounts: Amounts): number {
    return amounts.reduce((most, own, k) => Math.max(most, own / (this.#totals[k] ?? 1)), 0);
  }

  #add(amounts: Amounts, resources: Resources | undefined, times: number): void {
    if (resources === undefined) return;
    const more = quantitiesFromScalarResources(resources);
    for (const [k, kind] of this.#kinds.entries()) amounts[k] = (amounts[k] ?? 0) + amount(more, kind) * times;
  }

  #row(role: string): Standing {
    let row = this.#rows.get(role);
    if (row === undefined) {
      row = { role, used: this.#none(), wanted: this.#none(), entitled: 0, guaranteed: 0 };
      this.#rows.set(role, row);
    }
    return row;
  }

  #none(): Amounts {
    return this.#totals.map(() => 0);
  }
}

/** A task that uses something; undefined = it has ended, or is not there. */
export function liveTask({ frameworks }: Pick<ClusterState, 'frameworks'>, ref: TaskRef): Task | undefined {
  const task = frameworks.get(ref.framework)?.tasks.get(ref.task);
  return task !== undefined && task.holds && !isTerminal(task.state) ? task : undefined;
}

/** The tree of roles above these; a node's wishes are the sum of what is below it. */
function treeOf(state: ClusterState, standings: readonly Standing[], kinds: readonly string[]): Node {
  const nodes = new Map<string, Node>();
  const none = kinds.map(() => 0);
  const make = (weight: number, standing?: Standing): Node => {
    return { weight, wanted: [...none], floor: 0, ceiling: 1, children: [], standing };
  };
  const root = make(1);
  const inner = new Set(standings.flatMap(({ role }) => roleAncestors(role)));
  const nodeOf = (path: string, standing?: Standing): Node => {
    const known = nodes.get(path);
    if (known !== undefined) return known;
    const made = make(weightValue(weightAt(state.allocator.shares, path)), standing);
    const above = path.includes('/') ? nodeOf(path.slice(0, path.lastIndexOf('/'))) : root;
    above.children.push(made);
    nodes.set(path, made);
    return made;
  };
  for (const standing of standings) {
    const { role, wanted } = standing;
    // What it uses beside the roles below it is a leaf of weight 1 (SORT-6).
    const own = inner.has(role) ? make(1, standing) : nodeOf(role, standing);
    if (inner.has(role)) nodeOf(role).children.push(own);
    const above = [...(inner.has(role) ? [role] : []), ...roleAncestors(role)];
    for (const node of [own, ...above.map((path) => nodeOf(path)), root]) {
      for (const [k, amounts] of wanted.entries()) node.wanted[k] = (node.wanted[k] ?? 0) + amounts;
    }
  }
  for (const [role, node] of nodes) bound(node, roleQuota(state.allocator, role), kinds);
  return root;
}

/** What a quota says of the part that a role can get of what it wants. */
function bound(node: Node, { guarantees, limits }: ReturnType<typeof roleQuota>, kinds: readonly string[]): void {
  let floor = Infinity;
  for (const [k, kind] of kinds.entries()) {
    const wanted = node.wanted[k] ?? 0;
    if (wanted <= 0) continue;
    node.ceiling = Math.min(node.ceiling, (limitOf(limits, kind) ?? Infinity) / wanted);
    const guaranteed = amount(guarantees, kind);
    if (guaranteed > 0) floor = Math.min(floor, guaranteed / wanted);
  }
  node.floor = Number.isFinite(floor) ? Math.min(floor, node.ceiling) : 0;
}

/** How closely the common level is looked for. */
const halvings = 60;

/** The part of what each wants that it gets when all rise together, by weight, until something is used up. */
function filled(nodes: readonly Node[], room: Amounts, partOf: (amounts: Amounts) => number): readonly number[] {
  const risers = nodes.map((node): Riser => ({ ...node, size: partOf(node.wanted), part: undefined }));
  for (;;) {
    const rising = risers.filter(({ part }) => part === undefined);
    if (rising.length === 0) return risers.map(({ part = 0 }) => part);
    const { level, short } = nextLevel(risers, rising, room);
    for (const riser of rising) {
      const isStopped = short.length === 0 || short.some((k) => (riser.wanted[k] ?? 0) > 0);
      if (isStopped) riser.part = partAt(riser, level);
    }
  }
}

interface Riser extends Node {
  /** Dominant share of what it wants. */
  readonly size: number;
  /** undefined = it still rises. */
  part: number | undefined;
}

function partAt({ weight, floor, ceiling, size }: Riser, level: number): number {
  return size === 0 ? ceiling : Math.min(ceiling, Math.max(floor, (level * weight) / size));
}

/** To which level they can rise, and the kinds that are used up there; none = they can have all that they want. */
function nextLevel(
  risers: readonly Riser[],
  rising: readonly Riser[],
  room: Amounts,
): { readonly level: number; readonly short: readonly number[] } {
  // Of what nobody wants who still rises, nothing more is used.
  const kinds = [...room.keys()].filter((k) => rising.some(({ wanted }) => (wanted[k] ?? 0) > 0));
  const shortAt = (level: number): readonly number[] =>
    kinds.filter((k) => {
      const used = risers.reduce(
        (sum, riser) => sum + (riser.wanted[k] ?? 0) * (riser.part ?? partAt(riser, level)),
        0,
      );
      return used > (room[k] ?? 0) * (1 + 1e-12);
    });
  let [low, high] = [0, Math.max(...rising.map(({ size, weight }) => size / weight))];
  let short = shortAt(high);
  if (short.length === 0) return { level: high, short };
  for (let n = 0; n < halvings; n += 1) {
    const middle = (low + high) / 2;
    const found = shortAt(middle);
    if (found.length === 0) low = middle;
    else [high, short] = [middle, found];
  }
  return { level: low, short };
}
