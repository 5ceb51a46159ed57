import { setAgentActive } from '../offers/index.js';
import { agentOf, type Draft } from './draft.js';

/** Offers an agent, or stops to: it must be connected, and nobody may have taken it out of service (DRAIN-2). */
export function refreshActivity(draft: Draft, id: string): void {
  setAgentActive(draft.allocator, id, agentOf(draft, id).connected && !draft.service.has(id));
}
