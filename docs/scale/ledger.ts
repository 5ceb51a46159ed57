import { dominantShare, quantities, type ClusterState, type OrderRule } from 'proffer';
import { allocatorStats } from 'proffer/offers';
import { noQuantities, quantitiesAdd, quantitiesFormat, type Quantities } from 'proffer/resources';

/** What one master says of itself to the others, every few seconds. */
export interface Page {
  readonly master: string;
  /** Scalars of its agents. */
  readonly total: string;
  /** What each role holds there, offered or used, with all that is below it. */
  readonly roles: readonly (readonly [role: string, held: string])[];
}

export function pageOf(state: ClusterState): Page {
  const { total, roles } = allocatorStats(state.allocator);
  return {
    master: state.config.masterId,
    total: quantitiesFormat(total),
    roles: roles.map(({ role, offeredOrAllocated }) => [role, quantitiesFormat(offeredOrAllocated)]),
  };
}

/** Dominant Resource Fairness over this master and the pages of all others. */
export function globalDrf(pages: readonly Page[]): OrderRule {
  let totalElsewhere = noQuantities;
  const heldElsewhere = new Map<string, Quantities>();
  for (const { total, roles } of pages) {
    totalElsewhere = quantitiesAdd(totalElsewhere, quantities(total));
    for (const [role, held] of roles) {
      heldElsewhere.set(role, quantitiesAdd(heldElsewhere.get(role) ?? noQuantities, quantities(held)));
    }
  }
  return {
    name: 'global-drf',
    rank: ({ path, allocated, total, weight }) => {
      const held = quantitiesAdd(allocated, heldElsewhere.get(path) ?? noQuantities);
      return dominantShare(held, quantitiesAdd(total, totalElsewhere), { weight });
    },
  };
}
