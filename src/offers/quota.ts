/**
 * Quota (QUOTA-1 … 10, 12): a guarantee is a floor, a limit a ceiling, each for a role with everything below it. Older
 * texts call it a resource partition with a minimum and a maximum allocation.
 *
 * Two rules hold together. What is not guaranteed may be given only as long as what is free still covers what is
 * guaranteed and not yet held, the headroom (QUOTA-5). And no role's subtree may hold more than its limit.
 */
import {
  isEmpty,
  limitOf,
  limits as limitsOf,
  limitsSubtractQuantities,
  add,
  noLimits,
  noQuantities,
  nonRevocable,
  quantitiesAdd,
  quantitiesFromScalarResources,
  quantitiesSubtract,
  reserved,
  roleAncestors,
  scalars,
  shrinkToLimits,
  shrinkToQuantities,
  subtract,
  unreserved,
  type Limits,
  type Quantities,
  type Resources,
} from '../resources/index.js';
import type { AllocatorState } from './state.js';

/** Who asks: the stage of guarantees, the stage of fair shares, or a policy that decides by itself. */
export type QuotaStage = 'guarantees' | 'fair-share' | 'any';

/** What quotas leave to a role at one moment. */
export interface QuotaRoom {
  readonly stage: QuotaStage;
  readonly role: string;
  /** What the role is guaranteed and does not hold yet: its own, or that of the nearest role above it. */
  readonly unmet: Quantities;
  /** What its limits, and those above it, still leave. */
  readonly limits: Limits;
  /** What is free beyond all that is guaranteed and not held yet. */
  readonly surplus: Quantities;
}

/** What may be given of `available`: everything but unreserved scalars is always in it (ALLOC-21, ALLOC-22). */
export function withinQuota(available: Resources, room: QuotaRoom): Resources {
  const plain = countable(available);
  const others = subtract(available, plain);
  // A guarantee from above does not lift a limit of the role's own, hence both bounds.
  const owed = shrinkToLimits(shrinkToQuantities(plain, room.unmet), room.limits);
  const granted = room.stage === 'fair-share' ? noneOf(plain) : owed;
  if (room.stage === 'guarantees') {
    // QUOTA-6: nothing guaranteed on this agent, nothing at all; and of reservations only the role's own.
    if (isEmpty(granted)) return granted;
    return add(add(ownOf(others, room.role), granted), extra(plain, granted, room));
  }
  return add(add(others, granted), extra(plain, granted, room));
}

/** What goes beyond the guarantee: within the limits, and only of what nobody is guaranteed (QUOTA-6, QUOTA-7). */
function extra(plain: Resources, granted: Resources, room: QuotaRoom): Resources {
  const limits = limitsSubtractQuantities(room.limits, quantitiesFromScalarResources(granted));
  return shrinkToQuantities(shrinkToLimits(subtract(plain, granted), limits), room.surplus);
}

/** What counts towards quota and headroom: scalars that are neither reserved nor revocable (QUOTA-2, QUOTA-12). */
function countable(part: Resources): Resources {
  return scalars(unreserved(nonRevocable(part)));
}

/** The amounts of what counts. */
export function countedOf(part: Resources): Quantities {
  return quantitiesFromScalarResources(countable(part));
}

function ownOf(others: Resources, role: string): Resources {
  return subtract(others, subtract(reserved(others), reserved(others, role)));
}

function noneOf(part: Resources): Resources {
  return subtract(part, part);
}

/** No role: it stands above those that have no other with a quota above them. */
const TOP = '';

/** The quotas of one run: what is consumed and free moves with each grant. */
export class QuotaBook {
  readonly #state: AllocatorState;
  /** Per role: what it and everything below it consume. */
  readonly #consumed: Map<string, Quantities>;
  #available: Quantities;
  /** Per role with a quota: what must stay free for it and those below it. */
  readonly #required = new Map<string, Quantities>();
  /** Per role with a quota: what the roles right below it require, in all; under `TOP`, those at the top. */
  readonly #requiredBelow = new Map<string, Quantities>();

  constructor(state: AllocatorState) {
    this.#state = state;
    this.#consumed = consumptionOf(state);
    this.#available = headroomOf(state);
    const deepestFirst = state.quotas.keys().sort((a, b) => depthOf(b) - depthOf(a));
    for (const role of deepestFirst) this.#require(role);
  }

  /** Consumed by a role and everything below it: reserved to it, or held of what is not reserved (QUOTA-2). */
  consumed(role: string): Quantities {
    return this.#consumed.get(role) ?? noQuantities;
  }

  /** Guaranteed to a role and not consumed yet. */
  unmet(role: string): Quantities {
    const quota = this.#state.quotas.get(role);
    return quota === undefined ? noQuantities : quantitiesSubtract(quota.guarantees, this.consumed(role));
  }

  /** What may be given to a role now. */
  room(role: string, stage: QuotaStage): QuotaRoom {
    const line = this.#line(role);
    const unmet = line.map((name) => this.unmet(name)).find((amounts) => amounts.names.length > 0) ?? noQuantities;
    const limits = line.reduce((least, name) => tighter(least, this.#left(name)), noLimits);
    return { stage, role, unmet, limits, surplus: quantitiesSubtract(this.#available, this.#demand()) };
  }

  /** What is missing of the headroom: guaranteed and not held, and not free either. */
  shortfall(): Quantities {
    return quantitiesSubtract(this.#demand(), this.#available);
  }

  /** Whether the stage of guarantees has anything to give to a role. */
  isOwed(role: string): boolean {
    return this.#line(role).some((name) => this.unmet(name).names.length > 0);
  }

  /** The roles whose quotas bind a role: its own and all above it, or as Mesos has it only its own (QUOTA-11). */
  #line(role: string): readonly string[] {
    return this.#state.config.nestedQuota ? [role, ...roleAncestors(role)] : [role];
  }

  /** Something was given to a role. */
  take(role: string, resources: Resources): void {
    const taken = countedOf(resources);
    if (taken.names.length === 0) return;
    this.#available = quantitiesSubtract(this.#available, taken);
    this.#consume(role, (consumed) => quantitiesAdd(consumed, taken));
  }

  /** What a role was offered went back to its agent; `free` is what that has free. */
  giveBack(role: string, resources: Resources, free: { readonly before: Resources; readonly after: Resources }): void {
    const others = quantitiesSubtract(this.#available, countedOf(free.before));
    this.#available = quantitiesAdd(others, countedOf(free.after));
    this.#consume(role, (consumed) => quantitiesSubtract(consumed, countedOf(resources)));
  }

  /** Changes what a role and those above it consume, and with it what they require. */
  #consume(role: string, change: (consumed: Quantities) => Quantities): void {
    for (const name of [role, ...roleAncestors(role)]) {
      this.#consumed.set(name, change(this.consumed(name)));
      if (this.#state.quotas.has(name)) this.#require(name);
    }
  }

  /** What a role's limits leave of it. */
  #left(role: string): Limits {
    const quota = this.#state.quotas.get(role);
    return quota === undefined ? noLimits : limitsSubtractQuantities(quota.limits, this.consumed(role));
  }

  /**
   * What must stay free: for each role the larger of its own unmet guarantee and the sum of what its sub-roles require,
   * summed over the roles at the top (QUOTA-5; nested roles: design).
   */
  #demand(): Quantities {
    return this.#requiredBelow.get(TOP) ?? noQuantities;
  }

  /** Computes anew what a role requires, after those below it; the sum above it follows. */
  #require(role: string): void {
    const before = this.#required.get(role) ?? noQuantities;
    const after = larger(this.unmet(role), this.#requiredBelow.get(role) ?? noQuantities);
    const above = roleAncestors(role).find((name) => this.#state.quotas.has(name)) ?? TOP;
    const siblings = quantitiesSubtract(this.#requiredBelow.get(above) ?? noQuantities, before);
    this.#required.set(role, after);
    this.#requiredBelow.set(above, quantitiesAdd(siblings, after));
  }
}

/** Per role: consumption of its subtree. Looks at every agent. */
export function consumptionOf(
  state: AllocatorState,
  counts: (agent: string) => boolean = () => true,
): Map<string, Quantities> {
  const own = new Map<string, Quantities>(state.reserved.entries());
  state.agents.forEach((agent) => {
    if (!counts(agent.id)) return;
    for (const { role, resources } of agent.held) {
      own.set(role, quantitiesAdd(own.get(role) ?? noQuantities, countedOf(resources)));
    }
  });
  const sums = new Map<string, Quantities>();
  for (const [role, amounts] of own) {
    for (const name of [role, ...roleAncestors(role)]) {
      sums.set(name, quantitiesAdd(sums.get(name) ?? noQuantities, amounts));
    }
  }
  return sums;
}

/** What is free of what counts, over all agents (QUOTA-5). Looks at every agent. */
function headroomOf(state: AllocatorState): Quantities {
  let sum = noQuantities;
  state.agents.forEach((agent) => {
    sum = quantitiesAdd(sum, countedOf(agent.free));
  });
  return sum;
}

function depthOf(role: string): number {
  return role.split('/').length;
}

function larger(a: Quantities, b: Quantities): Quantities {
  return quantitiesAdd(a, quantitiesSubtract(b, a));
}

/** Name by name the smaller; absent = unlimited. */
function tighter(a: Limits, b: Limits): Limits {
  if (b.names.length === 0) return a;
  if (a.names.length === 0) return b;
  const all = [...new Set([...a.names, ...b.names])];
  return limitsOf(
    all.map((name) => [name, Math.min(limitOf(a, name) ?? Infinity, limitOf(b, name) ?? Infinity) / 1_000] as const),
  );
}
