/** The life of a framework in the allocator: roles, suppression, activity (ALLOC-14, SUPP-1 … 4, ROLE-6). */
import { activateClient, deactivateClient, emptyShareTree, setPriority } from '../drf/index.js';
import { Table, compareText, type Quantities } from '../resources/index.js';
import type { FrameworkCapability } from '../tasks/index.js';
import { adoptOrphans } from './agents.js';
import { noConstraints, type OfferConstraints } from './constraints.js';
import { clearFilters } from './filters.js';
import { releaseAll } from './holdings.js';
import { beginLingering, endLingering, removeTrackedClient, trackClient } from './memberships.js';
import { clearInverseFilters, forgetAnswersOf } from './maintenance.js';
import { isAmong } from './sorted.js';
import { assignSlots, releaseSlots } from './slots.js';
import type { AllocatorAgent, AllocatorDraft, AllocatorFramework, AllocatorState, RoleMinimum } from './state.js';
import { markDirty, requestRunOfAll } from './when.js';

/** A framework as it is added or updated. */
export interface FrameworkSettings {
  readonly roles: readonly string[];
  readonly suppressedRoles?: readonly string[];
  readonly capabilities?: readonly FrameworkCapability[];
  /** Per role; replaces the cluster's minimum for the role (ALLOC-6). */
  readonly minAllocatable?: readonly { readonly role: string; readonly minAllocatable: readonly Quantities[] }[];
  /** Which agents it wants to be offered (CONS-1); they replace the last. Absent = any. */
  readonly offerConstraints?: OfferConstraints;
  readonly priority?: number;
}

/** Adds a framework; an active one asks for a run of all agents. What agents hold for it already is counted (ALLOC-17). */
export function addFramework(draft: AllocatorDraft, id: string, settings: FrameworkSettings, active: boolean): void {
  if (draft.frameworks.has(id)) removeFramework(draft, id);
  const framework: AllocatorFramework = {
    id,
    active,
    roles: sorted(settings.roles),
    suppressed: sorted(settings.suppressedRoles ?? []),
    capabilities: settings.capabilities ?? ['multi-role'],
    minimums: minimumsOf(settings),
    constraints: settings.offerConstraints ?? noConstraints,
    priority: settings.priority ?? 0,
    slots: [],
    inverseEpoch: 0,
    standings: Table.empty(),
  };
  // Filters of an earlier framework of this id do not count: its slots are new. What it answered went with it.
  draft.frameworks = draft.frameworks.set(id, assignSlots(draft, framework), draft.edit);
  for (const role of framework.roles) trackClient(draft, framework, role);
  refreshActivity(draft, id);
  adoptOrphans(draft, id);
  if (active) requestRunOfAll(draft);
}

/** Removes a framework: everything that it holds anywhere is free again. No run (ALLOC-14). */
export function removeFramework(draft: AllocatorDraft, id: string): void {
  const framework = draft.frameworks.get(id);
  if (framework === undefined) return;
  const holders: AllocatorAgent[] = [];
  draft.agents.forEach((agent) => {
    if (agent.held.some((holding) => holding.framework === id)) holders.push(agent);
  });
  for (const agent of holders) {
    releaseAll(
      draft,
      agent.id,
      agent.held.filter((holding) => holding.framework === id),
    );
  }
  for (const role of framework.roles) removeTrackedClient(draft, id, role);
  forgetAnswersOf(draft, framework);
  releaseSlots(draft, framework);
  draft.frameworks = draft.frameworks.remove(id, draft.edit);
  draft.offersOut = draft.offersOut.remove(id, draft.edit);
  draft.demand = draft.demand.remove(id, draft.edit);
  markDirty(draft);
}

/**
 * Changes roles, suppression, capabilities, minimums or constraints. A role that is left keeps being tracked until nothing is held in
 * it, a role that is no longer suppressed loses its filters (FILT-5). No run (ALLOC-1).
 */
export function updateFramework(draft: AllocatorDraft, id: string, settings: FrameworkSettings): void {
  const before = draft.frameworks.get(id);
  if (before === undefined) return;
  const roles = sorted(settings.roles);
  const suppressed = sorted(settings.suppressedRoles ?? []);
  const left = before.roles.filter((role) => !isAmong(roles, role));
  const joined = roles.filter((role) => !isAmong(before.roles, role));
  const woken = before.suppressed.filter((role) => isAmong(roles, role) && !isAmong(suppressed, role));

  const after: AllocatorFramework = {
    ...before,
    roles,
    suppressed,
    capabilities: settings.capabilities ?? before.capabilities,
    minimums: minimumsOf(settings),
    constraints: settings.offerConstraints ?? noConstraints,
    priority: settings.priority ?? before.priority,
  };
  draft.frameworks = draft.frameworks.set(id, assignSlots(draft, after), draft.edit);
  clearFilters(draft, id, woken);
  for (const role of joined) {
    endLingering(draft, id, role);
    trackClient(draft, after, role);
  }
  refreshActivity(draft, id, left);
  for (const role of left) beginLingering(draft, id, role);
  if (after.priority !== before.priority) refreshPriority(draft, after);
  markDirty(draft);
}

/** Takes a framework out of the sort: its holdings stay, its filters are cleared (ALLOC-14). */
export function deactivateFramework(draft: AllocatorDraft, id: string): void {
  const framework = draft.frameworks.get(id);
  if (framework === undefined) return;
  clearFilters(draft, id, framework.roles);
  const inactive = clearInverseFilters(draft, { ...framework, active: false });
  draft.frameworks = draft.frameworks.set(id, inactive, draft.edit);
  refreshActivity(draft, id);
}

/** Puts a framework back into the sort in the roles that it does not suppress, and asks for a run of all agents. */
export function activateFramework(draft: AllocatorDraft, id: string): void {
  const framework = draft.frameworks.get(id);
  if (framework === undefined) return;
  draft.frameworks = draft.frameworks.set(id, { ...framework, active: true }, draft.edit);
  refreshActivity(draft, id);
  requestRunOfAll(draft);
}

/** No more offers in these roles; outstanding ones stay (SUPP-1). */
export function suppressRoles(draft: AllocatorDraft, id: string, roles: readonly string[]): void {
  const framework = draft.frameworks.get(id);
  if (framework === undefined) return;
  const suppressed = sorted([...framework.suppressed, ...chosen(framework, roles)]);
  draft.frameworks = draft.frameworks.set(id, { ...framework, suppressed }, draft.edit);
  refreshActivity(draft, id);
}

/** The half of REVIVE that ends suppression; asks for a run of all agents. */
export function unsuppressRoles(draft: AllocatorDraft, id: string, roles: readonly string[]): void {
  const framework = draft.frameworks.get(id);
  if (framework === undefined) return;
  const woken = new Set(chosen(framework, roles));
  const suppressed = framework.suppressed.filter((role) => !woken.has(role));
  draft.frameworks = draft.frameworks.set(id, { ...framework, suppressed }, draft.edit);
  refreshActivity(draft, id);
  requestRunOfAll(draft);
}

/** The half of REVIVE that clears filters, those of inverse offers whatever the roles (SUPP-2); asks for a run of all agents. */
export function clearRoleFilters(draft: AllocatorDraft, id: string, roles: readonly string[]): void {
  const framework = draft.frameworks.get(id);
  if (framework === undefined) return;
  clearFilters(draft, id, chosen(framework, roles));
  draft.frameworks = draft.frameworks.set(id, clearInverseFilters(draft, framework), draft.edit);
  requestRunOfAll(draft);
}

/** REVIVE: both halves (SUPP-2). */
export function reviveRoles(draft: AllocatorDraft, id: string, roles: readonly string[]): void {
  clearRoleFilters(draft, id, roles);
  unsuppressRoles(draft, id, roles);
}

/**
 * Says how many offers a framework has not answered. One that had as many as it may and has room again is offered
 * something in the next batch: an answer that uses up everything frees no resources, yet now there may be other offers.
 */
export function setOffersOut(draft: AllocatorDraft, id: string, offersOut: number): void {
  const before = offersOutOf(draft, id);
  if (before === offersOut || !draft.frameworks.has(id)) return;
  draft.offersOut =
    offersOut === 0 ? draft.offersOut.remove(id, draft.edit) : draft.offersOut.set(id, offersOut, draft.edit);
  const most = draft.config.maxOffersPerFramework;
  if (most !== null && before >= most && offersOut < most) markDirty(draft);
}

/** How many offers a framework has not answered. */
export function offersOutOf({ offersOut }: AllocatorState, id: string): number {
  return offersOut.get(id) ?? 0;
}

/** A framework got so many offers, or one of its offers is no more (`by` -1). */
export function noteOffers(draft: AllocatorDraft, id: string, by: number): void {
  setOffersOut(draft, id, offersOutOf(draft, id) + by);
}

/** No roles named = all that the framework is subscribed to. */
function chosen(framework: AllocatorFramework, roles: readonly string[]): readonly string[] {
  return roles.length === 0 ? framework.roles : roles.filter((role) => isAmong(framework.roles, role));
}

/** A framework is sorted in a role while it is active, subscribed to it, and does not suppress it (SORT-4, SUPP-4). */
function refreshActivity(draft: AllocatorDraft, id: string, left: readonly string[] = []): void {
  const framework = draft.frameworks.get(id);
  if (framework === undefined) return;
  for (const role of [...framework.roles, ...left]) {
    const tree = draft.clients.get(role);
    if (tree === undefined) continue;
    const active = framework.active && isAmong(framework.roles, role) && !isAmong(framework.suppressed, role);
    const next = active ? activateClient(tree, id, draft.edit) : deactivateClient(tree, id, draft.edit);
    draft.clients = draft.clients.set(role, next, draft.edit);
  }
}

function refreshPriority(draft: AllocatorDraft, framework: AllocatorFramework): void {
  for (const role of framework.roles) {
    const tree = draft.clients.get(role) ?? emptyShareTree;
    draft.clients = draft.clients.set(
      role,
      setPriority(tree, framework.id, framework.priority, draft.edit),
      draft.edit,
    );
  }
}

function minimumsOf(settings: FrameworkSettings): readonly RoleMinimum[] {
  return (settings.minAllocatable ?? []).map(({ role, minAllocatable }) => ({ role, minAllocatable }));
}

function sorted(roles: readonly string[]): readonly string[] {
  return [...new Set(roles)].sort(compareText);
}
