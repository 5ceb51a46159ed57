/**
 * What machines the recorded requests (ALLOC-20) would need beyond those there are, or could do without. Pure arithmetic on
 * one state: the larger wishes first, each where it fits, on what is not used before what would have to be added.
 */
import {
  agents,
  frameworks,
  roles,
  type AgentSummary,
  type ClusterState,
  type RoleSummary,
} from '../../cluster/index.js';
import {
  allocatableTo,
  amount,
  compareText,
  contains,
  isEmpty,
  limitOf,
  names,
  quantitiesFromScalarResources,
  resources as readResources,
  roleAncestors,
  scalars,
  subtract,
  type Quantities,
  type Resources,
  type ResourcesLike,
} from '../../resources/index.js';

/** A kind of agent that can be had. */
export interface AgentShape {
  readonly name: string;
  readonly resources: ResourcesLike;
}

/** So many agents of a kind. */
export interface ShapeCount {
  readonly shape: string;
  readonly count: number;
}

/** A wish that no number of agents would meet. */
export interface Unplaceable {
  readonly framework: string;
  readonly role: string;
  readonly resources: Resources;
  readonly count: number;
  /** It fits no agent of any kind, the role's quota forbids it, or it is for an agent that has no room. */
  readonly why: 'no-shape' | 'limit' | 'agent';
}

/** What is needed and what is not. */
export interface CapacityNeeded {
  /** What to add, in the order of the kinds. */
  readonly add: readonly ShapeCount[];
  readonly unplaceable: readonly Unplaceable[];
  /** Agents on which nothing runs and that no wish needs, sorted. */
  readonly spare: readonly string[];
}

/** What is wanted of one agent, so many times. */
interface Wish {
  readonly framework: string;
  readonly role: string;
  readonly agent: string | null;
  readonly resources: Resources;
  count: number;
}

/** An agent that is there, or so many alike that would be. */
interface Bin {
  readonly id: string | undefined;
  readonly shape: string | undefined;
  readonly free: Resources;
  readonly used: boolean;
  readonly count: number;
}

/** Copies of wishes that hold more than scalars are placed one by one, and no more of them than this on one agent. */
const mostPortWishes = 1_000;

/**
 * How many agents of which kind the recorded requests need beyond what is not in use, and which agents they don't need.
 * Wishes of frameworks that are connected count, up to the limits of their roles; what is offered counts as free.
 *
 * @param shapes the kinds that can be had; where several would do, the first is taken.
 * @throws InputError `bad-resources` for a kind
 * @example
 * capacityNeeded(master.state, [{ name: 'small', resources: 'cpus:4;mem:8192' }]).add; // [{ shape: 'small', count: 3 }]
 */
export function capacityNeeded(state: ClusterState, shapes: readonly AgentShape[]): CapacityNeeded {
  const kinds = shapes.map(({ name, resources }, index) => {
    return { name, resources: readResources(resources, `shapes[${index}].resources`) };
  });
  let bins = binsOf(state);
  const room = new LimitRoom(state);
  const unplaceable: Unplaceable[] = [];
  for (const wish of wishesOf(state)) {
    const allowed = Math.min(wish.count, room.left(wish));
    if (allowed < wish.count) unplaceable.push(left(wish, wish.count - allowed, 'limit'));
    wish.count = allowed;
    bins = placedIn(bins, wish);
    if (wish.count > 0 && wish.agent === null) bins = [...bins, ...addedFor(wish, kinds)];
    if (wish.count > 0) unplaceable.push(left(wish, wish.count, wish.agent === null ? 'no-shape' : 'agent'));
    room.use(wish, allowed - wish.count);
  }
  return {
    add: kinds.flatMap(({ name }) => {
      const count = bins.reduce((sum, bin) => (bin.shape === name ? sum + bin.count : sum), 0);
      return count === 0 ? [] : [{ shape: name, count }];
    }),
    unplaceable,
    spare: bins.flatMap(({ id, used }) => (used || id === undefined ? [] : id)).sort(compareText),
  };
}

function left({ framework, role, resources }: Wish, count: number, why: Unplaceable['why']): Unplaceable {
  return { framework, role, resources, count, why };
}

/** What may be used of each agent, whoever it is offered to now. Those out of service are nobody's. */
function binsOf(state: ClusterState): readonly Bin[] {
  return agents(state)
    .filter(({ active }) => active)
    .map((row) => {
      return { id: row.id, shape: undefined, free: subtract(row.total, row.used), used: isInUse(row), count: 1 };
    });
}

/** Whether anything runs on an agent: tasks, or an executor that waits for some. */
export function isInUse({ tasks, used }: Pick<AgentSummary, 'tasks' | 'used'>): boolean {
  return tasks > 0 || !isEmpty(used);
}

/** All wishes, the one for the largest part of the cluster first: what is small fits in what is left. */
function wishesOf(state: ClusterState): readonly Wish[] {
  const { demand, total } = state.allocator;
  const all = frameworks(state).flatMap(({ id, state: standing, roles }) => {
    if (standing !== 'connected') return [];
    return (demand.get(id) ?? []).map(({ role, agent, resources, count }): Wish => {
      return { framework: id, role: role ?? roles[0] ?? '*', agent, resources, count };
    });
  });
  const size = ({ resources }: Wish): number => {
    const wanted = quantitiesFromScalarResources(resources);
    return Math.max(0, ...names(wanted).map((name) => amount(wanted, name) / Math.max(1, amount(total, name))));
  };
  return all
    .map((wish) => ({ wish, size: size(wish) }))
    .sort((a, b) => b.size - a.size || compareText(a.wish.framework, b.wish.framework))
    .map(({ wish }) => wish);
}

/**
 * Places as many copies as fit, and takes them off the wish; gives the agents as they are then. What is in use comes first, in
 * the order in which it came into use: so what was added in one go is filled alike when it is there.
 */
function placedIn(bins: readonly Bin[], wish: Wish): readonly Bin[] {
  return [true, false].flatMap((used) => {
    return placedInTurn(
      bins.filter((bin) => bin.used === used),
      wish,
    );
  });
}

function placedInTurn(bins: readonly Bin[], wish: Wish): readonly Bin[] {
  return bins.flatMap((bin) => {
    const isMeant = wish.agent === null || wish.agent === bin.id;
    const most = isMeant && wish.count > 0 ? timesIn(bin.free, wish) : 0;
    if (most === 0) return bin;
    const full = Math.min(bin.count, Math.floor(wish.count / most));
    const rest = full < bin.count ? wish.count - full * most : 0;
    wish.count -= full * most + rest;
    const filled = [some(bin, full, wish, most), some(bin, rest > 0 ? 1 : 0, wish, rest)];
    const others = bin.count - full - (rest > 0 ? 1 : 0);
    return [...filled, { ...bin, count: others }].filter(({ count }) => count > 0);
  });
}

/** So many of the agents that a bin stands for, each with so many copies of a wish on it. */
function some(bin: Bin, count: number, { resources }: Wish, copies: number): Bin {
  if (count === 0) return { ...bin, count };
  let free = bin.free;
  if (isPlain(resources)) free = subtract(free, multiplied(resources, copies));
  else for (let n = 0; n < copies; n += 1) free = subtract(free, resources);
  return { ...bin, count, free, used: true };
}

/** Agents of the first kind that the wish fits on, as many as its copies need, with them on it. */
function addedFor(
  wish: Wish,
  kinds: readonly { readonly name: string; readonly resources: Resources }[],
): readonly Bin[] {
  const kind = kinds.find(({ resources }) => timesIn(resources, wish) > 0);
  if (kind === undefined) return [];
  const count = Math.ceil(wish.count / timesIn(kind.resources, wish));
  return placedIn([{ id: undefined, shape: kind.name, free: kind.resources, used: false, count }], wish);
}

/** How often a wish fits in what is free for its role. */
function timesIn(free: Resources, { role, resources }: Wish): number {
  let rest = allocatableTo(free, role);
  if (!contains(rest, resources)) return 0;
  if (isPlain(resources))
    return quotient(quantitiesFromScalarResources(rest), quantitiesFromScalarResources(resources));
  let times = 0;
  for (; times < mostPortWishes && contains(rest, resources); times += 1) rest = subtract(rest, resources);
  return times;
}

function quotient(whole: Quantities, part: Quantities): number {
  return names(part).reduce(
    (least, name) => Math.min(least, Math.floor(amount(whole, name) / amount(part, name))),
    Number.MAX_SAFE_INTEGER,
  );
}

/** Whether a wish is scalars without reservations: then so many of it are one with so many times the amounts. */
function isPlain(resources: Resources): boolean {
  return (
    resources.items.every(({ reservations }) => reservations.length === 0) && contains(scalars(resources), resources)
  );
}

function multiplied(resources: Resources, times: number): Resources {
  const wanted = quantitiesFromScalarResources(resources);
  return readResources(
    names(wanted)
      .map((name) => `${name}:${(amount(wanted, name) * times) / 1_000}`)
      .join(';'),
  );
}

/** A limit on what a wish wants. */
interface Bound {
  readonly key: string;
  /** Thousandths that are left, and that each copy takes. */
  readonly left: number;
  readonly each: number;
}

/** What limits still leave to roles, while wishes use it up. What is only offered to a role counts as left. */
class LimitRoom {
  readonly #roles: ReadonlyMap<string, RoleSummary>;
  /** By role and resource: what wishes have used up of it, thousandths. */
  readonly #taken = new Map<string, number>();

  constructor(state: ClusterState) {
    this.#roles = new Map(roles(state).map((row) => [row.role, row]));
  }

  /** How many copies of a wish the limits allow. */
  left(wish: Wish): number {
    const { count } = wish;
    return this.#bounds(wish).reduce((least, { left, each }) => Math.min(least, Math.floor(left / each)), count);
  }

  /** So many copies of a wish are placed. */
  use(wish: Wish, times: number): void {
    for (const { key, each } of this.#bounds(wish)) this.#taken.set(key, (this.#taken.get(key) ?? 0) + each * times);
  }

  #bounds({ role, resources }: Wish): readonly Bound[] {
    const wanted = quantitiesFromScalarResources(resources);
    return [role, ...roleAncestors(role)].flatMap((each) => this.#boundsOf(each, wanted));
  }

  /** What of the wanted is limited for a role, and how much of it is left. */
  #boundsOf(role: string, wanted: Quantities): readonly Bound[] {
    const row = this.#roles.get(role);
    if (row === undefined) return [];
    return names(wanted).flatMap((name) => {
      const limit = limitOf(row.quota.limits, name);
      if (limit === undefined) return [];
      const key = JSON.stringify([role, name]);
      const left = Math.max(0, limit - amount(row.allocated, name) - (this.#taken.get(key) ?? 0));
      return [{ key, left, each: amount(wanted, name) }];
    });
  }
}
