/** Invariant I1: an agent may hold more than it has only while it is marked. */
import { contains, nonShared, subtract, type Resources } from '../resources/index.js';
import type { AllocatorAgent } from '../offers/index.js';
import { agentOf, putAgent, type Draft } from './draft.js';
import { rescindAgentOffers } from './offers.js';

/** Marks or unmarks an agent by what it holds now: its total shrank, it came back with tasks, or something ended. */
export function noteOvercommitment(draft: Draft, id: string): void {
  const machine = draft.allocator.agents.get(id);
  if (machine === undefined) return;
  const agent = agentOf(draft, id);
  const overcommitted = !fits(machine);
  if (overcommitted !== agent.overcommitted) putAgent(draft, { ...agent, overcommitted });
}

/** After an agent said what it holds: what is offered of it may be in use already, then it is taken back. */
export function settleOvercommitment(draft: Draft, id: string): void {
  noteOvercommitment(draft, id);
  if (!agentOf(draft, id).overcommitted) return;
  rescindAgentOffers(draft, id);
  noteOvercommitment(draft, id);
}

/** Whether everything held fits side by side: amounts add up, and no port is held twice. */
function fits(machine: AllocatorAgent): boolean {
  // Any number of copies of something shared may be held (ALLOC-10).
  let left: Resources = nonShared(machine.total);
  for (const { resources } of machine.held) {
    const own = nonShared(resources);
    if (!contains(left, own)) return false;
    left = subtract(left, own);
  }
  return true;
}
