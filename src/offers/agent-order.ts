/** In which order a run visits agents. It is decided when the run starts, and the same for the same seed. */
import { dominantShare } from '../drf/index.js';
import { compareText, mix, quantitiesFromScalarResources } from '../resources/index.js';
import { hashInt } from '../resources/hash.js';
import { Lucks, RadixSort } from './shuffle.js';
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

/** From so many agents on they are sorted digit by digit, which has a price of its own. */
const many = 512;

/** The places of the agents in the configured order. */
export function orderAgents(state: AllocatorState, agents: readonly AllocatorAgent[]): ArrayLike<number> {
  const { seed, agentOrder } = state.config;
  // A hash of (seed, run, agent) each: visiting fewer agents leaves the order of the others as it was.
  const lucks = new Lucks(mix(seed, state.runs));
  if (agentOrder === 'random' && agents.length >= many) return shuffled(agents, lucks);
  const sizeOf =
    agentOrder === 'best-fit' ? freeShares(state, 1) : agentOrder === 'worst-fit' ? freeShares(state, -1) : () => 0;
  const keyed = agents.map((agent, place) => ({
    place,
    id: agent.id,
    size: sizeOf(agent),
    luck: lucks.of(hashInt(agent.id)),
  }));
  keyed.sort((a, b) => a.size - b.size || a.luck - b.luck || compareText(a.id, b.id));
  return keyed.map(({ place }) => place);
}

function shuffled(agents: readonly AllocatorAgent[], lucks: Lucks): ArrayLike<number> {
  const size = agents.length;
  const radix = new RadixSort(size);
  const { keys, slots } = radix;
  for (let place = 0; place < size; place += 1) {
    keys[place] = lucks.of(hashInt((agents[place] as AllocatorAgent).id));
    slots[place] = place;
  }
  const order = radix.sort(size);
  orderEqual(agents, radix.sortedKeys, order);
  return order.subarray(0, size);
}

/** Agents of equal luck go by id. Hashes of 32 bits do meet: here and there two are next to each other. */
function orderEqual(agents: readonly AllocatorAgent[], keys: Uint32Array, order: Int32Array): void {
  const idAt = (place: number): string => (agents[order[place] as number] as AllocatorAgent).id;
  for (let place = 1; place < agents.length; place += 1) {
    for (let at = place; at > 0 && keys[at] === keys[at - 1] && compareText(idAt(at), idAt(at - 1)) < 0; at -= 1) {
      const earlier = order[at - 1] as number;
      order[at - 1] = order[at] as number;
      order[at] = earlier;
    }
  }
}

/** What is free of an agent as a part of the cluster, `sign`ed so that who comes first has the smaller number. */
function freeShares(state: AllocatorState, sign: 1 | -1): (agent: AllocatorAgent) => number {
  const exclude = new Set(state.config.fairnessExclude);
  return ({ free }) => sign * dominantShare(quantitiesFromScalarResources(free), state.total, { exclude });
}
