/** What can be measured of an allocator (the metrics of §27, as data). */
import { dominantShare } from '../drf/index.js';
import { noQuantities, quantitiesAdd, type Quantities } from '../resources/index.js';
import { isWhitelisted } from './candidates.js';
import { countFilters, filtersByClient } from './filters.js';
import { offersOutOf } from './frameworks.js';
import { scalarsOf } from './holdings.js';
import { consumptionOf } from './quota.js';
import { roleHoldings, roleNames, roleQuota, roleWeight } from './roles.js';
import type { AllocatorState, Quota } from './state.js';

/** One role, in numbers. */
export interface RoleStats {
  readonly role: string;
  readonly weight: number;
  /** Offered or in use, of the role and what is below it. */
  readonly offeredOrAllocated: Quantities;
  /** Dominant share divided by weight (SORT-1); null = the role has no frameworks. */
  readonly dominantShare: number | null;
  readonly quota: Quota;
  /** What counts towards its quota: reserved to it or below, held or not, and what they hold of what is not (QUOTA-2). */
  readonly consumed: Quantities;
  /** Live offer filters of its frameworks. */
  readonly filters: number;
}

/** One framework, in numbers. */
export interface FrameworkStats {
  readonly framework: string;
  /** Whether it takes offers at all: connected. */
  readonly active: boolean;
  /** Offers that it has not answered. */
  readonly offersOut: number;
  /** Sorted. */
  readonly suppressedRoles: readonly string[];
  /** Its live offer filters, in all roles. */
  readonly filters: number;
}

/** The allocator in numbers. */
export interface AllocatorStats {
  /** Runs performed. */
  readonly runs: number;
  /** The operator paused it (ALLOC-19). */
  readonly paused: boolean;
  /** It waits for so many agents, or for the instant, ms (ALLOC-18); null = it does not. */
  readonly awaiting: { readonly agents: number; readonly until: number } | null;
  readonly agents: number;
  /** Of them, those that may be offered, and those that may not: away or out of service. */
  readonly activeAgents: number;
  readonly inactiveAgents: number;
  /** How many hosts are on the whitelist, and how many of the agents are; null = there is no whitelist (ALLOC-2). */
  readonly whitelist: { readonly hosts: number; readonly agents: number } | null;
  readonly frameworks: number;
  /** Scalars of all agents. */
  readonly total: Quantities;
  readonly offeredOrAllocated: Quantities;
  /** Sorted by role. */
  readonly roles: readonly RoleStats[];
  /** Sorted by framework. */
  readonly perFramework: readonly FrameworkStats[];
}

/** Looks at the whole allocator: for metrics and reports, not for every input. */
export function allocatorStats(state: AllocatorState): AllocatorStats {
  let offeredOrAllocated = noQuantities;
  let activeAgents = 0;
  let listed = 0;
  state.agents.forEach((agent) => {
    offeredOrAllocated = quantitiesAdd(offeredOrAllocated, scalarsOf(agent.held));
    if (agent.active) activeAgents += 1;
    if (isWhitelisted(state, agent)) listed += 1;
  });
  return {
    runs: state.runs,
    paused: state.paused,
    awaiting: state.awaiting && { agents: state.awaiting.agents, until: state.awaiting.until },
    agents: state.agents.size,
    activeAgents,
    inactiveAgents: state.agents.size - activeAgents,
    whitelist: state.whitelist && { hosts: state.whitelist.size, agents: listed },
    frameworks: state.frameworks.size,
    total: state.total,
    offeredOrAllocated,
    roles: roleStats(state),
    perFramework: frameworkStats(state),
  };
}

function roleStats(state: AllocatorState): readonly RoleStats[] {
  const filters = new Map(countFilters(state));
  const consumed = consumptionOf(state);
  const exclude = new Set(state.config.fairnessExclude);
  return roleNames(state).map((role) => {
    const weight = roleWeight(state, role);
    const held = roleHoldings(state, role);
    return {
      role,
      weight,
      offeredOrAllocated: held,
      dominantShare: state.shares.nodes.has(role) ? dominantShare(held, state.total, { weight, exclude }) : null,
      quota: roleQuota(state, role),
      consumed: consumed.get(role) ?? noQuantities,
      filters: filters.get(role) ?? 0,
    };
  });
}

function frameworkStats(state: AllocatorState): readonly FrameworkStats[] {
  const filters = new Map<string, number>();
  for (const { framework, live } of filtersByClient(state)) {
    filters.set(framework, (filters.get(framework) ?? 0) + live);
  }
  return state.frameworks.values().map(({ id, active, suppressed }) => ({
    framework: id,
    active,
    offersOut: offersOutOf(state, id),
    suppressedRoles: [...suppressed],
    filters: filters.get(id) ?? 0,
  }));
}
