/** What a machine says that it has, and whether all of it can still be counted. */
import {
  InputError,
  add,
  isEmpty,
  noQuantities,
  noResources,
  nonRevocable,
  quantitiesAdd,
  quantitiesFromResources,
  quantitiesFromScalarResources,
  quantitiesSubtract,
  quantitiesSum,
  resources as readResources,
  revocable,
  subtract,
  type Quantities,
  type Resources,
  type ResourcesLike,
} from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import type { AllocatorAgent } from '../../offers/index.js';
import type { Draft } from '../draft.js';

/**
 * Reads the total of an agent.
 *
 * @throws InputError `bad-resources`, `too-large`
 */
export function readTotal(draft: Draft, agent: string, like: ResourcesLike): Resources {
  return checked(draft, agent, readOwn(like, 'resources'));
}

/**
 * The total of an agent that says something new of what it has. Firm resources and the estimate of what it could give
 * beyond them replace each what there was of it (REV-1); a list of resources with revocable ones among them replaces both.
 *
 * @throws InputError `bad-resources`, `too-large`
 */
export function readNewTotal(
  draft: Draft,
  agent: string,
  said: { readonly resources?: ResourcesLike; readonly oversubscribed?: ResourcesLike },
): Resources {
  const before = draft.allocator.agents.get(agent)?.total ?? noResources;
  const own = said.resources === undefined ? before : readOwn(said.resources, 'resources');
  const named = said.resources === undefined || !isEmpty(revocable(own)) ? own : add(own, revocable(before));
  if (said.oversubscribed === undefined) return checked(draft, agent, named);
  return checked(draft, agent, add(nonRevocable(own), readEstimate(said.oversubscribed)));
}

/** Whatever it says, an estimate is revocable. What is revocable can be neither reserved nor a volume (REV-2). */
function readEstimate(like: ResourcesLike): Resources {
  const { items } = readOwn(like, 'oversubscribed');
  const estimate = readResources(items.map((item) => ({ ...item, revocable: true as const })));
  demandRevocable(estimate, 'oversubscribed');
  return estimate;
}

function readOwn(like: ResourcesLike, path: string): Resources {
  const own = readResources(like, path);
  if (own.items.some((item) => item.allocated !== undefined)) {
    throw new InputError('bad-resources', path, 'The total of an agent is not allocated to roles');
  }
  demandRevocable(own, path);
  return own;
}

/** REV-2. */
function demandRevocable({ items }: Resources, path: string): void {
  const wrong = items.find(
    (item) => item.revocable === true && (item.reservations.length > 0 || item.disk !== undefined),
  );
  if (wrong === undefined) return;
  const what = wrong.disk === undefined ? 'reserved' : 'a disk or volume of its own';
  throw new InputError('bad-resources', path, `Revocable ${quote(wrong.name)} can not be ${what}`);
}

function checked(draft: Draft, agent: string, total: Resources): Resources {
  // A range can be wider than can be counted.
  quantitiesFromResources(total);
  demandCountable(draft, agent, total, []);
  return total;
}

/**
 * Sums are kept in safe integers. Whatever is free may be held one day, so what agents have, or hold if that is more, must
 * add up: then no later grant can be too much.
 *
 * @param claims what the agent says is in use of it
 * @param unbooked what of that is not booked yet: asked for near the bound only
 * @throws InputError `too-large`
 */
export function demandCountable(
  draft: Draft,
  agent: string,
  total: Resources,
  claims: readonly Resources[],
  unbooked: () => readonly Resources[] = () => claims,
): void {
  const { agents, shares, total: sum } = draft.allocator;
  const others = quantitiesSubtract(sum, quantitiesFromScalarResources(agents.get(agent)?.total ?? noResources));
  const held = shares.nodes.get('')?.allocated ?? noQuantities;
  if (isCountable([others, held, ...[total, ...claims].map(quantitiesFromScalarResources)])) return;

  // Near the bound only: what is held is mostly a part of what there is, so now each agent is looked at.
  const booked = heldOf(agents.get(agent));
  const most = [mostOf(total, [...booked, ...unbooked()])];
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
