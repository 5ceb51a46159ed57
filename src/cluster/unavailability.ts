import { markDirty, setUnavailability, type Unavailability } from '../offers/index.js';
import { agentOf, type Draft } from './draft.js';
import { rescindAgentInverseOffers } from './inverse-offers.js';
import { unavailabilityAt } from './maintenance.js';
import { rescindAgentOffers } from './offers.js';

/**
 * An agent's machine, or what is planned for it, may be another one than before. If so, what was offered of it and asked
 * of its holders was said under another plan: it is taken back (MNT-3).
 */
export function keepToPlan(draft: Draft, id: string): void {
  if (!setUnavailability(draft.allocator, id, plannedFor(draft, id))) return;
  rescindAgentOffers(draft, id);
  rescindAgentInverseOffers(draft, id);
}

/** When an agent will be away, by what is planned for its machine; null = nothing is. */
function plannedFor(draft: Draft, id: string): Unavailability | null {
  const hostname = draft.allocator.agents.get(id)?.hostname ?? id;
  return unavailabilityAt(draft.machines, { hostname, ip: agentOf(draft, id).ip });
}

/** Somebody may hold something of an agent who did not before, and not by a run: the next batch asks them, too (INV-1). */
export function askNewHolders(draft: Draft, id: string): void {
  if (draft.allocator.agents.get(id)?.maintenance != null) markDirty(draft.allocator);
}
