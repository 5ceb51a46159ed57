/**
 * Who holds what. An offer counts as held from the grant until its resources come back (ALLOC-9); every change of a
 * holding goes through here, so that agents, role shares and framework shares can't disagree.
 */
import {
  activateClient,
  addClient,
  clientNode,
  emptyShareTree,
  removeClient,
  setPriority,
  trackAllocated,
  trackUnallocated,
} from '../drf/index.js';
import {
  Table,
  add,
  compareText,
  contains,
  isEmpty,
  noResources,
  quantitiesFromScalarResources,
  subtract,
  type Resources,
} from '../resources/index.js';
import type { AllocatorAgent, AllocatorDraft, AllocatorFramework, Holding } from './state.js';

/** Names one holding. */
export interface HoldingKey {
  readonly agent: string;
  readonly framework: string;
  readonly role: string;
}

/** Adds to what a framework holds of an agent in a role, and to the shares of both: one allocation in the count (SORT-2). */
export function hold(draft: AllocatorDraft, key: HoldingKey, resources: Resources): void {
  const agent = draft.agents.get(key.agent);
  if (agent === undefined || isEmpty(resources)) return;
  setHeld(draft, agent, key, add(heldBy(agent, key), resources));
  const framework = draft.frameworks.get(key.framework);
  if (framework === undefined) rememberOrphan(draft, key);
  else trackHolding(draft, framework, key, resources);
}

/**
 * Takes back from what a framework holds. More than is held can't be taken back: the rest is ignored, as is anything of
 * an unknown agent (ALLOC-11). A framework that the allocator does not know (yet) has no share to reduce.
 */
export function release(draft: AllocatorDraft, key: HoldingKey, resources: Resources): void {
  const agent = draft.agents.get(key.agent);
  if (agent === undefined || isEmpty(resources)) return;
  const held = heldBy(agent, key);
  const back = contains(held, resources) ? resources : subtract(held, subtract(held, resources));
  if (isEmpty(back)) return;
  const rest = subtract(held, back);
  setHeld(draft, agent, key, rest);
  const framework = draft.frameworks.get(key.framework);
  if (framework === undefined) {
    if (!holdsAnything(draft, key.agent, key.framework)) forgetOrphan(draft, key.agent, key.framework);
    return;
  }
  untrack(draft, framework, key, back);
}

/** What a framework holds of an agent in a role, offered or in use. */
export function heldBy(agent: AllocatorAgent, key: { readonly framework: string; readonly role: string }): Resources {
  for (const holding of agent.held) {
    if (holding.framework === key.framework && holding.role === key.role) return holding.resources;
  }
  return noResources;
}

/** Makes a role known to a framework, active or not; idempotent (ROLE-3, ROLE-6). */
export function trackClient(draft: AllocatorDraft, framework: AllocatorFramework, role: string): void {
  const tree = draft.clients.get(role) ?? emptyShareTree;
  if (clientNode(tree, framework.id) !== undefined) return;
  if (draft.clients.get(role) === undefined) {
    draft.shares = activateClient(addClient(draft.shares, role, draft.edit), role, draft.edit);
  }
  const added = addClient(tree, framework.id, draft.edit);
  draft.clients = draft.clients.set(role, setPriority(added, framework.id, framework.priority, draft.edit), draft.edit);
}

/** Forgets a framework in a role unless it is subscribed to it or holds something in it (ROLE-6). */
export function untrackClientIfIdle(draft: AllocatorDraft, framework: AllocatorFramework, role: string): void {
  const tree = draft.clients.get(role);
  const node = tree === undefined ? undefined : clientNode(tree, framework.id);
  if (tree === undefined || node === undefined || framework.roles.includes(role)) return;
  for (const agent of framework.agents.keys()) {
    const row = draft.agents.get(agent);
    if (row?.held.some((holding) => holding.framework === framework.id && holding.role === role)) return;
  }
  removeTrackedClient(draft, framework.id, role);
}

/** Removes a framework from a role, with its shares; the role goes with its last framework. */
export function removeTrackedClient(draft: AllocatorDraft, framework: string, role: string): void {
  const tree = draft.clients.get(role);
  if (tree === undefined || clientNode(tree, framework) === undefined) return;
  // Weights and priorities of a tree outlive their clients (SORT-8); a framework's id does not come back as somebody else.
  const left = setPriority(removeClient(tree, framework, draft.edit), framework, 0, draft.edit);
  if (left.nodes.size > 1) {
    draft.clients = draft.clients.set(role, left, draft.edit);
    return;
  }
  draft.clients = draft.clients.remove(role, draft.edit);
  draft.shares = removeClient(draft.shares, role, draft.edit);
}

/** Counts a holding that agents reported before its framework was known, or that came with an agent. */
export function trackHolding(
  draft: AllocatorDraft,
  framework: AllocatorFramework,
  key: HoldingKey,
  resources: Resources,
): void {
  trackClient(draft, framework, key.role);
  const scalars = quantitiesFromScalarResources(resources);
  draft.shares = trackAllocated(draft.shares, key.role, scalars, draft.edit);
  const tree = draft.clients.get(key.role) ?? emptyShareTree;
  draft.clients = draft.clients.set(key.role, trackAllocated(tree, framework.id, scalars, draft.edit), draft.edit);
  const known = draft.frameworks.get(framework.id) ?? framework;
  if (known.agents.has(key.agent)) return;
  const agents = known.agents.set(key.agent, true, draft.edit);
  draft.frameworks = draft.frameworks.set(framework.id, { ...known, agents }, draft.edit);
}

function untrack(draft: AllocatorDraft, framework: AllocatorFramework, key: HoldingKey, resources: Resources): void {
  const scalars = quantitiesFromScalarResources(resources);
  const tree = draft.clients.get(key.role);
  if (tree !== undefined && clientNode(tree, framework.id) !== undefined) {
    draft.shares = trackUnallocated(draft.shares, key.role, scalars, draft.edit);
    draft.clients = draft.clients.set(key.role, trackUnallocated(tree, framework.id, scalars, draft.edit), draft.edit);
  }
  let known = framework;
  if (!holdsAnything(draft, key.agent, framework.id)) {
    known = { ...framework, agents: framework.agents.remove(key.agent, draft.edit) };
    draft.frameworks = draft.frameworks.set(framework.id, known, draft.edit);
  }
  untrackClientIfIdle(draft, known, key.role);
}

function holdsAnything(draft: AllocatorDraft, agentId: string, framework: string): boolean {
  return draft.agents.get(agentId)?.held.some((holding) => holding.framework === framework) ?? false;
}

function setHeld(draft: AllocatorDraft, agent: AllocatorAgent, key: HoldingKey, resources: Resources): void {
  const others = agent.held.filter((holding) => holding.framework !== key.framework || holding.role !== key.role);
  const held: Holding[] = isEmpty(resources)
    ? others
    : [...others, { framework: key.framework, role: key.role, resources }].sort(compareHoldings);
  draft.agents = draft.agents.set(agent.id, { ...agent, held, free: freeOf(agent.total, held) }, draft.edit);
}

/** Total less everything held. Computed anew each time: an agent that holds more than it has must not invent resources. */
export function freeOf(total: Resources, held: readonly Holding[]): Resources {
  return held.reduce((free, holding) => subtract(free, holding.resources), total);
}

/** By role, then framework. */
export function compareHoldings(a: Holding, b: Holding): number {
  return compareText(a.role, b.role) || compareText(a.framework, b.framework);
}

function rememberOrphan(draft: AllocatorDraft, key: HoldingKey): void {
  const agents = draft.orphans.get(key.framework) ?? Table.empty<true>();
  draft.orphans = draft.orphans.set(key.framework, agents.set(key.agent, true, draft.edit), draft.edit);
}

/** An agent no longer holds anything for a framework that is not known. */
export function forgetOrphan(draft: AllocatorDraft, agent: string, framework: string): void {
  const agents = draft.orphans.get(framework)?.remove(agent, draft.edit);
  if (agents === undefined) return;
  draft.orphans =
    agents.size === 0 ? draft.orphans.remove(framework, draft.edit) : draft.orphans.set(framework, agents, draft.edit);
}
