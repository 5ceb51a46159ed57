/** What can be measured of an allocator (the metrics of §27, as data). */
import { dominantShare } from '../drf/index.js';
import { noQuantities, quantitiesAdd, type Quantities } from '../resources/index.js';
import { countFilters } from './filters.js';
import { scalarsOf } from './holdings.js';
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
  /** Live offer filters of its frameworks. */
  readonly filters: number;
}

/** The allocator in numbers. */
export interface AllocatorStats {
  /** Runs performed. */
  readonly runs: number;
  readonly agents: number;
  readonly frameworks: number;
  /** Scalars of all agents. */
  readonly total: Quantities;
  readonly offeredOrAllocated: Quantities;
  /** Sorted by role. */
  readonly roles: readonly RoleStats[];
}

/** Looks at the whole allocator: for metrics and reports, not for every input. */
export function allocatorStats(state: AllocatorState): AllocatorStats {
  const filters = new Map(countFilters(state));
  const exclude = new Set(state.config.fairnessExclude);
  let offeredOrAllocated = noQuantities;
  state.agents.forEach((agent) => {
    offeredOrAllocated = quantitiesAdd(offeredOrAllocated, scalarsOf(agent.held));
  });
  const roles = roleNames(state).map((role): RoleStats => {
    const weight = roleWeight(state, role);
    const held = roleHoldings(state, role);
    return {
      role,
      weight,
      offeredOrAllocated: held,
      dominantShare: state.shares.nodes.has(role) ? dominantShare(held, state.total, { weight, exclude }) : null,
      quota: roleQuota(state, role),
      filters: filters.get(role) ?? 0,
    };
  });
  return {
    runs: state.runs,
    agents: state.agents.size,
    frameworks: state.frameworks.size,
    total: state.total,
    offeredOrAllocated,
    roles,
  };
}
