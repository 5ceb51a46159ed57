/**
 * Which frameworks a role knows: those that are subscribed to it, and those that left but still hold something in it, which
 * linger until they do not (ROLE-6).
 */
import { activateClient, addClient, clientNode, emptyShareTree, removeClient, setPriority } from '../drf/index.js';
import { isAmong } from './sorted.js';
import { clientKey, type AllocatorDraft, type AllocatorFramework } from './state.js';

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

/** A framework is subscribed to a role: what it holds there need not be counted to know that it belongs there. */
export function endLingering(draft: AllocatorDraft, framework: string, role: string): void {
  draft.lingering = draft.lingering.remove(clientKey(framework, role), draft.edit);
}

/** A framework left a role: it is forgotten there at once, or when it holds nothing in it any more (ROLE-6). */
export function beginLingering(draft: AllocatorDraft, framework: string, role: string): void {
  let places = 0;
  draft.agents.forEach(({ held }) => {
    if (held.some((holding) => holding.framework === framework && holding.role === role)) places += 1;
  });
  if (places === 0) removeTrackedClient(draft, framework, role);
  else draft.lingering = draft.lingering.set(clientKey(framework, role), places, draft.edit);
}

/** In a role that a framework is not subscribed to, agents of which it holds something are counted. */
export function noteLingering(draft: AllocatorDraft, framework: AllocatorFramework, role: string, by: 1 | -1): void {
  if (isAmong(framework.roles, role)) return;
  const key = clientKey(framework.id, role);
  const places = (draft.lingering.get(key) ?? 0) + by;
  if (places > 0) draft.lingering = draft.lingering.set(key, places, draft.edit);
  else {
    draft.lingering = draft.lingering.remove(key, draft.edit);
    removeTrackedClient(draft, framework.id, role);
  }
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
