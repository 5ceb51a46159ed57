/** Quotas limit. */
import type { ResourceItem, Resources } from '../../resources/index.js';
import type { Input } from '../inputs.js';
import type { ClusterState } from '../state.js';
import { addScalars, isWithinRole } from './amounts.js';
import { broken, type Violation } from './rule.js';

/**
 * I9: nothing is offered that would take a role, or one above it, beyond its limit. A role can be beyond it for other
 * reasons (a lowered limit, a returning agent, a reservation); then it is offered nothing more of what is limited.
 */
export function limitsHold(before: ClusterState, input: Input, after: ClusterState): Violation | undefined {
  // Within a batch something else may have used up what was offered rightly.
  if (input.type === 'batch' || after.allocator.quotas.size === 0 || after.offers === before.offers) return undefined;
  for (const [role, { limits }] of after.allocator.quotas.entries()) {
    const fresh = new Map<string, number>();
    // Where a quota binds its own role alone, roles below may be offered more after it (QUOTA-11).
    const unbound = new Map<string, number>();
    for (const { offer } of after.offers.values()) {
      if (before.offers.has(offer.id) || !isWithinRole(offer.role, role)) continue;
      const isBound = after.config.nestedQuota || offer.role === role;
      addScalars(isBound ? fresh : unbound, plainItems(offer.resources));
    }
    const consumed = fresh.size === 0 ? fresh : consumedBy(after, role);
    for (const [index, name] of limits.names.entries()) {
      const most = (limits.millis[index] ?? 0) + (unbound.get(name) ?? 0);
      if ((fresh.get(name) ?? 0) > 0 && (consumed.get(name) ?? 0) > most) {
        return broken('I9', role, `it was offered ${name} beyond its limit`);
      }
    }
  }
  return undefined;
}

/** What a role and those below it hold of what is not reserved, and what is reserved to them. */
function consumedBy(state: ClusterState, role: string): Map<string, number> {
  const sum = new Map<string, number>();
  for (const machine of state.allocator.agents.values()) {
    const mine = machine.total.items.filter(({ reservations }) => isWithinRole(reservations.at(-1)?.role ?? '', role));
    addScalars(sum, mine);
    for (const held of machine.held) if (isWithinRole(held.role, role)) addScalars(sum, plainItems(held.resources));
  }
  return sum;
}

function plainItems({ items }: Resources): readonly ResourceItem[] {
  return items.filter(({ reservations, revocable }) => reservations.length === 0 && revocable === undefined);
}
