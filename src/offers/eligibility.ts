/**
 * The one predicate that decides who may be offered what of an agent. The allocation and `explain` both call it, so what
 * is explained is what happens (ALLOC-5, ALLOC-6, ALLOC-7).
 */
import {
  allocatableTo,
  amount,
  hasName,
  hasRevocable,
  hasShared,
  holds,
  isEmpty,
  names,
  nonRevocable,
  nonShared,
  quantitiesFromResources,
  shrinkToLimits,
  unrefined,
  type Quantities,
  type Resources,
} from '../resources/index.js';
import { excludes } from './constraints.js';
import { firstBatchWithout, hidingFilter } from './filters.js';
import { withinQuota, type QuotaRoom } from './quota.js';
import type { AllocatorAgent, AllocatorConfig, AllocatorFramework, AllocatorState } from './state.js';

/** Why a framework in a role can't be offered an agent now. Data first; `refusalText` says it to a person. */
export type Refusal =
  /** The framework's own constraints for `role` exclude the agent (CONS-4). */
  | { readonly code: 'constraint'; readonly role: string }
  | { readonly code: 'agent-without-multi-role' }
  | { readonly code: 'agent-without-hierarchical-role' }
  | { readonly code: 'nothing-free' }
  /** `short` = what is missing of the nearest set that would do, in thousandths. */
  | { readonly code: 'below-minimum'; readonly short: readonly { readonly name: string; readonly milli: number }[] }
  | { readonly code: 'gpus-reserved-for-gpu-frameworks' }
  | { readonly code: 'remote-region' }
  | { readonly code: 'capability-missing' }
  /** All that is free is reserved in refinement of a reservation, and the agent does not know that (RSV-4). */
  | { readonly code: 'agent-without-reservation-refinement' }
  /** What is free would exceed a limit of the role, or of one above it (QUOTA-7). */
  | { readonly code: 'over-limit' }
  /** What is free is kept for guarantees that are not met yet (QUOTA-5). */
  | { readonly code: 'kept-for-guarantees' }
  /** The framework has `most` offers that it has not answered, and may have no more at once. */
  | { readonly code: 'too-many-offers'; readonly most: number }
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
  /** Configuration, filters, and the instant: whether this is the batch of it counts too (FILT-3). */
  readonly state: AllocatorState;
  readonly agent: AllocatorAgent;
  /** What is left of the agent at this moment of the run. */
  readonly free: Resources;
  readonly framework: AllocatorFramework;
  readonly role: string;
  /** How many offers the framework has to answer, or gets in this run, besides one of this agent in this role. */
  readonly offersBeside: number;
  /** What quotas leave to the role; absent = nobody has a quota. */
  readonly room?: QuotaRoom | undefined;
}

/** What the framework would be offered in the role, or why nothing. */
export type Verdict =
  | { readonly offer: Resources; readonly refusal?: undefined }
  | { readonly offer?: undefined; readonly refusal: Refusal };

/** Decides, in the order of ALLOC-5. */
export function judge(match: Match): Verdict {
  const { state, agent, framework, role, room } = match;
  const verdict = judgeUse(match);
  if (verdict.refusal !== undefined) return verdict;
  const usable = verdict.offer;
  const offer = room === undefined ? usable : withinQuota(usable, room);
  if (isEmpty(offer)) return { refusal: { code: quotaRefusal(usable, room) } };
  if (offer !== usable) {
    const minimums = minimumsFor(state.config, framework, role);
    if (!meetsMinimum(offer, minimums)) return { refusal: belowMinimum(offer, minimums) };
  }

  // Last but one. What comes before stays true when the framework has answered its offers. A filter comes after: it ends
  // by itself, while here somebody has to do something; and a batch without the filter would still bring nothing.
  const most = state.config.maxOffersPerFramework;
  if (most !== null && match.offersBeside >= most) return { refusal: { code: 'too-many-offers', most } };

  const filter = hidingFilter(state, agent, framework, role, offer);
  if (filter === undefined) return { offer };
  const firstBatch = firstBatchWithout(filter, state.config.allocationIntervalMs);
  return { refusal: { code: 'filtered', until: filter.expiresAt, firstBatch, unanswered: filter.silence } };
}

/**
 * The part of {@link judge} that depends on nothing that a run changes but what is left of the agent: what the framework
 * could use of it in the role. Of what is not reserved to anybody, all roles can use the same, but for whether they are
 * nested.
 */
export function judgeUse({
  state: { config },
  agent,
  free,
  framework,
  role,
}: Pick<Match, 'state' | 'agent' | 'free' | 'framework' | 'role'>): Verdict {
  if (isExcluded(agent, framework, role)) return { refusal: { code: 'constraint', role } };
  const capability = agentLacks(agent, framework, role);
  if (capability !== undefined) return { refusal: capability };

  const available = allocatableTo(free, role);
  if (isEmpty(available)) return { refusal: { code: 'nothing-free' } };

  const minimums = minimumsFor(config, framework, role);
  if (!meetsMinimum(available, minimums)) return { refusal: belowMinimum(available, minimums) };

  if (config.filterGpus && hasName(agent.total, 'gpus') && !framework.capabilities.includes('gpu-resources')) {
    return { refusal: { code: 'gpus-reserved-for-gpu-frameworks' } };
  }
  if (isRemote(agent, config) && !framework.capabilities.includes('region-aware')) {
    return { refusal: { code: 'remote-region' } };
  }

  const known = understood(available, framework);
  if (isEmpty(known)) return { refusal: { code: 'capability-missing' } };
  const usable = withoutUnknownToAgent(known, agent);
  if (isEmpty(usable)) return { refusal: { code: 'agent-without-reservation-refinement' } };
  // What quotas leave of less is judged again.
  if (usable !== available && !meetsMinimum(usable, minimums)) return { refusal: belowMinimum(usable, minimums) };
  return { offer: usable };
}

/** Which of the two rules of quota left nothing. */
function quotaRefusal(known: Resources, room: QuotaRoom | undefined): 'over-limit' | 'kept-for-guarantees' {
  return room !== undefined && isEmpty(shrinkToLimits(known, room.limits)) ? 'over-limit' : 'kept-for-guarantees';
}

/** CONS-4: what the framework does not want comes before everything else. */
function isExcluded(agent: AllocatorAgent, framework: AllocatorFramework, role: string): boolean {
  if (framework.constraints.length === 0) return false;
  const { attributes, hostname, domain } = agent;
  return excludes(framework.constraints, role, { attributes, hostname, ...domain });
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
export function minimumsFor(
  config: AllocatorConfig,
  framework: AllocatorFramework,
  role: string,
): readonly Quantities[] {
  for (const own of framework.minimums) if (own.role === role) return own.minAllocatable;
  return config.minAllocatable;
}

export function meetsMinimum(offer: Resources, minimums: readonly Quantities[]): boolean {
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

function isRemote(agent: AllocatorAgent, config: AllocatorConfig): boolean {
  return agent.domain !== null && config.domain !== null && agent.domain.region !== config.domain.region;
}

/** Leaves out what the framework did not say that it understands: shared, revocable, refined reservations. */
function understood(available: Resources, framework: AllocatorFramework): Resources {
  const { capabilities } = framework;
  let offer = available;
  if (!capabilities.includes('shared-resources') && hasShared(offer)) {
    offer = nonShared(offer);
  }
  if (!capabilities.includes('revocable-resources') && hasRevocable(offer)) {
    offer = nonRevocable(offer);
  }
  return capabilities.includes('reservation-refinement') ? offer : unrefined(offer);
}

/** AG-12: an agent that knows no refined reservations could not launch anything on them. */
function withoutUnknownToAgent(offer: Resources, { capabilities }: AllocatorAgent): Resources {
  return capabilities.includes('reservation-refinement') ? offer : unrefined(offer);
}
