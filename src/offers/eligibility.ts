/**
 * The one predicate that decides who may be offered what of an agent. The allocation and `explain` both call it, so what
 * is explained is what happens (ALLOC-5, ALLOC-6, ALLOC-7).
 */
import {
  allocatableTo,
  amount,
  holds,
  isEmpty,
  names,
  nonRevocable,
  nonShared,
  quantitiesFromResources,
  resources as resourcesOf,
  type Quantities,
  type ResourceItem,
  type Resources,
} from '../resources/index.js';
import { firstBatchWithout, hidingFilter } from './filters.js';
import type { AllocatorAgent, AllocatorConfig, AllocatorFramework } from './state.js';

/** Why a framework in a role can't be offered an agent now. Data first; `refusalText` says it to a person. */
export type Refusal =
  | { readonly code: 'agent-without-multi-role' }
  | { readonly code: 'agent-without-hierarchical-role' }
  | { readonly code: 'nothing-free' }
  /** `short` = what is missing of the nearest set that would do, in thousandths. */
  | { readonly code: 'below-minimum'; readonly short: readonly { readonly name: string; readonly milli: number }[] }
  | { readonly code: 'gpus-reserved-for-gpu-frameworks' }
  | { readonly code: 'remote-region' }
  | { readonly code: 'capability-missing' }
  /** Hidden until `until`; `firstBatch` = the first batch in which it is not (FILT-3). */
  | {
      readonly code: 'filtered';
      readonly until: number;
      readonly firstBatch: number;
      /** Not because it was refused, but because an offer of it was not answered. */
      readonly unanswered: boolean;
    };

/** Everything the predicate looks at. */
export interface Match {
  readonly config: AllocatorConfig;
  readonly agent: AllocatorAgent;
  /** What is left of the agent at this moment of the run. */
  readonly free: Resources;
  readonly framework: AllocatorFramework;
  readonly role: string;
  readonly now: number;
  /** Whether this is the batch of the instant (FILT-3). */
  readonly batch: boolean;
}

/** What the framework would be offered in the role, or why nothing. */
export type Verdict =
  | { readonly offer: Resources; readonly refusal?: undefined }
  | { readonly offer?: undefined; readonly refusal: Refusal };

/** Decides, in the order of ALLOC-5. */
export function judge(match: Match): Verdict {
  const { config, agent, framework, role } = match;
  const capability = agentLacks(agent, framework, role);
  if (capability !== undefined) return { refusal: capability };

  const available = allocatableTo(match.free, role);
  if (isEmpty(available)) return { refusal: { code: 'nothing-free' } };

  const minimums = minimumsFor(config, framework, role);
  if (!meetsMinimum(available, minimums)) return { refusal: belowMinimum(available, minimums) };

  if (config.filterGpus && hasGpus(agent.total) && !framework.capabilities.includes('gpu-resources')) {
    return { refusal: { code: 'gpus-reserved-for-gpu-frameworks' } };
  }
  if (isRemote(agent, config) && !framework.capabilities.includes('region-aware')) {
    return { refusal: { code: 'remote-region' } };
  }

  const offer = understood(available, framework);
  if (isEmpty(offer)) return { refusal: { code: 'capability-missing' } };
  if (offer !== available && !meetsMinimum(offer, minimums)) return { refusal: belowMinimum(offer, minimums) };

  const filter = hidingFilter(agent, framework, role, offer, match);
  if (filter === undefined) return { offer };
  const firstBatch = firstBatchWithout(filter, config.allocationIntervalMs);
  return { refusal: { code: 'filtered', until: filter.expiresAt, firstBatch, unanswered: filter.silence } };
}

/** ALLOC-7: an old agent does not know roles as this framework uses them. */
function agentLacks(agent: AllocatorAgent, framework: AllocatorFramework, role: string): Refusal | undefined {
  if (framework.capabilities.includes('multi-role') && !agent.capabilities.includes('multi-role')) {
    return { code: 'agent-without-multi-role' };
  }
  if (role.includes('/') && !agent.capabilities.includes('hierarchical-role')) {
    return { code: 'agent-without-hierarchical-role' };
  }
  return undefined;
}

/** The sets of which one must be met: the framework's own for the role, else the cluster's (ALLOC-6). */
function minimumsFor(config: AllocatorConfig, framework: AllocatorFramework, role: string): readonly Quantities[] {
  for (const own of framework.minimums) if (own.role === role) return own.minAllocatable;
  return config.minAllocatable;
}

function meetsMinimum(offer: Resources, minimums: readonly Quantities[]): boolean {
  return minimums.length === 0 || minimums.some((minimum) => holds(offer, minimum));
}

function belowMinimum(offer: Resources, minimums: readonly Quantities[]): Refusal {
  const have = quantitiesFromResources(offer);
  const gaps = minimums.map((minimum) =>
    names(minimum)
      .map((name) => ({ name, milli: amount(minimum, name) - amount(have, name) }))
      .filter((gap) => gap.milli > 0),
  );
  const nearest = gaps.reduce((best, gap) => (gap.length < best.length ? gap : best), gaps[0] ?? []);
  return { code: 'below-minimum', short: nearest };
}

function hasGpus(total: Resources): boolean {
  return total.items.some((item) => item.name === 'gpus');
}

function isRemote(agent: AllocatorAgent, config: AllocatorConfig): boolean {
  return agent.domain !== null && config.domain !== null && agent.domain.region !== config.domain.region;
}

/** Leaves out what the framework did not say that it understands: shared, revocable, refined reservations. */
function understood(available: Resources, framework: AllocatorFramework): Resources {
  const { capabilities } = framework;
  let offer = available;
  if (!capabilities.includes('shared-resources') && offer.items.some((item) => item.shared !== undefined)) {
    offer = nonShared(offer);
  }
  if (!capabilities.includes('revocable-resources') && offer.items.some((item) => item.revocable === true)) {
    offer = nonRevocable(offer);
  }
  if (!capabilities.includes('reservation-refinement') && offer.items.some(isRefined)) {
    offer = resourcesOf(offer.items.filter((item) => !isRefined(item)));
  }
  return offer;
}

function isRefined(item: ResourceItem): boolean {
  return item.reservations.length > 1;
}
