/** Which roles there are, and what is known of each (ROLE-5, ROLE-7). */
import { clientNode, emptyShareTree, unitWeight, weightAt, weightValue } from '../drf/index.js';
import {
  compareText,
  noLimits,
  noQuantities,
  quantitiesAdd,
  roleAncestors,
  type Quantities,
} from '../resources/index.js';
import type { AllocatorState, Quota } from './state.js';

/** A role has frameworks, reservations, a quota or a weight, or a descendant that has; otherwise it is not there (ROLE-5). */
export function roleNames(state: AllocatorState): readonly string[] {
  const own = [...state.clients.keys(), ...state.reserved.keys(), ...state.quotas.keys()];
  for (const [role, weight] of state.shares.weights.entries()) {
    if (weight.p !== unitWeight.p || weight.q !== unitWeight.q) own.push(role);
  }
  const all = new Set(own.flatMap((role) => [role, ...roleAncestors(role)]));
  return [...all].sort(compareText);
}

/** The weight of a role, known or not; 1 unless somebody set it (WEIGHT-1). */
export function roleWeight(state: AllocatorState, role: string): number {
  return weightValue(weightAt(state.shares, role));
}

/** Guarantee and limit of a role; none and unlimited unless somebody set them. */
export function roleQuota(state: AllocatorState, role: string): Quota {
  const { guarantees, limits } = state.quotas.get(role) ?? { guarantees: noQuantities, limits: noLimits };
  return { guarantees, limits };
}

/** Frameworks subscribed to a role or holding something in it, sorted (ROLE-6). */
export function roleFrameworks(state: AllocatorState, role: string): readonly string[] {
  const tree = state.clients.get(role) ?? emptyShareTree;
  return tree.nodes.keys().filter((id) => id !== '' && clientNode(tree, id) !== undefined);
}

/** Scalars that agents have reserved to a role or anything below it, offered or not (QUOTA-2). */
export function reservedQuantities(state: AllocatorState, role: string): Quantities {
  let sum = noQuantities;
  for (const [name, quantities] of state.reserved.entries()) {
    if (name === role || name.startsWith(`${role}/`)) sum = quantitiesAdd(sum, quantities);
  }
  return sum;
}

/** What the frameworks of a role and of the roles below it hold, offered or in use: scalars. */
export function roleHoldings(state: AllocatorState, role: string): Quantities {
  return state.shares.nodes.get(role)?.allocated ?? noQuantities;
}
