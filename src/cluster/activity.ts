import { setAgentActive } from '../offers/index.js';
import { agentOf, type Draft } from './draft.js';

/**
 * Offers an agent, or stops to: it must be connected, nobody may have taken it out of service (DRAIN-2), and no room may be
 * being made on it for somebody (`preemption/`).
 */
export function refreshActivity(draft: Draft, id: string): void {
  const isInService = agentOf(draft, id).connected && !draft.service.has(id);
  setAgentActive(draft.allocator, id, isInService && !draft.preemption.claims.has(id));
}
