/** In which order a run visits agents. It is decided when the run starts, and the same for the same seed. */
import { dominantShare } from '../drf/index.js';
import { compareText, hashText, mix, quantitiesFromScalarResources } from '../resources/index.js';
import type { AllocatorAgent, AllocatorState } from './state.js';

/**
 * - `random`: shuffled anew for each run (ALLOC-3), so that no agent is always everybody's first.
 * - `best-fit`: those with the least free first. Grants fill what is begun before they open what is empty, and whole
 *   machines stay free for those who need one.
 * - `worst-fit`: those with the most free first. Load is spread, and whoever comes first gets the roomiest machine.
 *
 * Free is measured by the dominant share: the largest part of the cluster's total, over all resources that count in
 * shares. Equal agents are shuffled.
 */
export type AgentOrder = (typeof agentOrders)[number];

/** Every {@link AgentOrder}. */
export const agentOrders = ['random', 'best-fit', 'worst-fit'] as const;
Object.freeze(agentOrders);

/** The agents in the configured order. */
export function orderAgents(state: AllocatorState, agents: readonly AllocatorAgent[]): readonly AllocatorAgent[] {
  const { seed, agentOrder } = state.config;
  const salt = mix(seed, state.runs);
  const sizeOf =
    agentOrder === 'best-fit' ? freeShares(state, 1) : agentOrder === 'worst-fit' ? freeShares(state, -1) : () => 0;
  // A hash of (seed, run, agent) each: visiting fewer agents leaves the order of the others as it was.
  const keyed = agents.map((agent) => ({ agent, size: sizeOf(agent), luck: mix(salt, hashText(agent.id)) }));
  keyed.sort((a, b) => a.size - b.size || a.luck - b.luck || compareText(a.agent.id, b.agent.id));
  return keyed.map(({ agent }) => agent);
}

/** What is free of an agent as a part of the cluster, `sign`ed so that who comes first has the smaller number. */
function freeShares(state: AllocatorState, sign: 1 | -1): (agent: AllocatorAgent) => number {
  const exclude = new Set(state.config.fairnessExclude);
  return ({ free }) => sign * dominantShare(quantitiesFromScalarResources(free), state.total, { exclude });
}
