/** What a machine says that it has, and whether all of it can still be counted. */
import {
  InputError,
  add,
  noQuantities,
  noResources,
  quantitiesAdd,
  quantitiesFromResources,
  quantitiesFromScalarResources,
  quantitiesSubtract,
  quantitiesSum,
  resources as readResources,
  subtract,
  type Quantities,
  type Resources,
  type ResourcesLike,
} from '../../resources/index.js';
import type { AllocatorAgent } from '../../offers/index.js';
import type { Draft } from '../draft.js';

/**
 * Reads the total of an agent.
 *
 * @throws InputError `bad-resources`, `too-large`
 */
export function readTotal(draft: Draft, agent: string, like: ResourcesLike): Resources {
  const total = readResources(like);
  if (total.items.some((item) => item.allocated !== undefined)) {
    throw new InputError('bad-resources', 'resources', 'The total of an agent is not allocated to roles');
  }
  // A range can be wider than can be counted.
  quantitiesFromResources(total);
  demandCountable(draft, agent, total, []);
  return total;
}

/**
 * Sums are kept in safe integers. Whatever is free may be held one day, so what agents have, or hold if that is more, must
 * add up: then no later grant can be too much.
 *
 * @param claims what the agent says is in use of it and is not booked yet
 * @throws InputError `too-large`
 */
export function demandCountable(draft: Draft, agent: string, total: Resources, claims: readonly Resources[]): void {
  const { agents, shares, total: sum } = draft.allocator;
  const others = quantitiesSubtract(sum, quantitiesFromScalarResources(agents.get(agent)?.total ?? noResources));
  const held = shares.nodes.get('')?.allocated ?? noQuantities;
  if (isCountable([others, held, ...[total, ...claims].map(quantitiesFromScalarResources)])) return;

  // Near the bound only: what is held is mostly a part of what there is, so now each agent is looked at.
  const booked = heldOf(agents.get(agent));
  const most = [mostOf(total, [...booked, ...claims])];
  agents.forEach((other) => {
    if (other.id !== agent) most.push(mostOf(other.total, heldOf(other)));
  });
  quantitiesSum(most);
}

function isCountable(parts: readonly Quantities[]): boolean {
  try {
    quantitiesSum(parts);
    return true;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

function heldOf(agent: AllocatorAgent | undefined): readonly Resources[] {
  return agent?.held.map(({ resources }) => resources) ?? [];
}

/** All that can be held of an agent at once: everything that it has, and what is held of it beyond that. */
function mostOf(total: Resources, held: readonly Resources[]): Quantities {
  const beyond = subtract(held.reduce(add, noResources), total);
  return quantitiesAdd(quantitiesFromScalarResources(total), quantitiesFromScalarResources(beyond));
}
