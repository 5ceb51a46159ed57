/**
 * Quota (QUOTA-1 … 10, 12): a guarantee is a floor, a limit a ceiling, each for a role with everything below it. Older
 * texts call it a resource partition with a minimum and a maximum allocation.
 *
 * Two rules hold together. What is not guaranteed may be given only as long as what is free still covers what is
 * guaranteed and not yet held, the headroom (QUOTA-5). And no role's subtree may hold more than its limit.
 */
import {
  isEmpty,
  limitsSubtractQuantities,
  add,
  noQuantities,
  nonRevocable,
  quantitiesAdd,
  quantitiesFromScalarResources,
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

/** What quotas would leave if these parts of what is held were free. */
export function withMoreFree(room: QuotaRoom, parts: readonly { readonly resources: Resources }[]): QuotaRoom {
  return parts.reduce((sum, { resources }) => {
    return { ...sum, surplus: quantitiesAdd(sum.surplus, countedOf(resources)) };
  }, room);
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
export function headroomOf(state: AllocatorState): Quantities {
  let sum = noQuantities;
  state.agents.forEach((agent) => {
    sum = quantitiesAdd(sum, countedOf(agent.free));
  });
  return sum;
}
