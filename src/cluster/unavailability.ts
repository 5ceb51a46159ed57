import { markDirty, setUnavailability, type Unavailability } from '../offers/index.js';
import { agentOf, type Draft } from './draft.js';
import { rescindAgentInverseOffers } from './inverse-offers.js';
import { unavailabilityAt, withAgent, withoutAgent, type AgentPlace } from './maintenance.js';
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
  return unavailabilityAt(draft.machines, placeOfAgent(draft, id));
}

/** What an agent says of its machine now. */
export function placeOfAgent(draft: Draft, id: string): AgentPlace {
  const hostname = draft.allocator.agents.get(id)?.hostname ?? id;
  return { hostname, ip: agentOf(draft, id).ip };
}

/** A registered agent is found where it says it is; `before` = it was said to be there till now. */
export function settleAgent(draft: Draft, id: string, before?: AgentPlace): void {
  const now = placeOfAgent(draft, id);
  if (draft.machines.size === 0 || (before?.hostname === now.hostname && before.ip === now.ip)) return;
  if (before !== undefined) draft.machines = withoutAgent(draft.machines, id, before, draft.edit);
  draft.machines = withAgent(draft.machines, id, now, draft.edit);
}

/** An agent that goes is found nowhere. */
export function unsettleAgent(draft: Draft, id: string): void {
  if (draft.machines.size > 0) draft.machines = withoutAgent(draft.machines, id, placeOfAgent(draft, id), draft.edit);
}

/** Somebody may hold something of an agent who did not before, and not by a run: the next batch asks them, too (INV-1). */
export function askNewHolders(draft: Draft, id: string): void {
  if (draft.allocator.agents.get(id)?.maintenance != null) markDirty(draft.allocator);
}
