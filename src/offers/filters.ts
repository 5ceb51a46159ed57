/**
 * Offer filters (§9). A filter hides exactly what its framework refused, and anything smaller, of one agent in one role
 * for a time. Everything here is a function of instants, so a run that was skipped changes nothing.
 */
import { Table, compareText, contains, type Resources } from '../resources/index.js';
import { findSorted, isAmong } from './sorted.js';
import {
  clientKey,
  type AllocatorAgent,
  type AllocatorDraft,
  type AllocatorFramework,
  type AllocatorState,
  type OfferFilter,
} from './state.js';
import { markDirty } from './when.js';

const DEFAULT_REFUSE_SECONDS = 5;
const MAX_REFUSE_SECONDS = 31_536_000;

/** FILT-2: absent, negative or invalid = 5 s; at most 365 days; exactly 0 = no filter. Milliseconds. */
export function refusalMs(refuseSeconds: number | undefined): number {
  if (refuseSeconds === undefined || Number.isNaN(refuseSeconds) || refuseSeconds < 0)
    return DEFAULT_REFUSE_SECONDS * 1_000;
  const ms = Math.round(Math.min(refuseSeconds, MAX_REFUSE_SECONDS) * 1_000);
  // A refusal for less than a millisecond is a refusal all the same.
  return refuseSeconds === 0 ? 0 : Math.max(ms, 1);
}

/**
 * Installs a filter for `refused`. It lives for at least one interval, and it must have been seen by a batch: only a
 * filter that lives for exactly one interval and was installed at a multiple of it would otherwise end on the instant of
 * the first batch that it sees (FILT-3).
 */
export function installFilter(draft: AllocatorDraft, where: FilterKey, refused: Resources, durationMs: number): void {
  install(draft, where, refused, durationMs, false);
}

/** As a refusal would, hides what a framework did not answer to. Any answer takes it back: {@link dropSilenceFilters}. */
export function hideAfterSilence(
  draft: AllocatorDraft,
  where: FilterKey,
  ignored: Resources,
  durationMs: number,
): void {
  install(draft, where, ignored, durationMs, true);
}

/** Names the filters of one framework and role on one agent. */
export interface FilterKey {
  readonly agent: string;
  readonly framework: string;
  readonly role: string;
}

function install(
  draft: AllocatorDraft,
  where: FilterKey,
  refused: Resources,
  durationMs: number,
  silence: boolean,
): void {
  const agent = draft.agents.get(where.agent);
  const framework = draft.frameworks.get(where.framework);
  if (durationMs <= 0 || agent === undefined || framework === undefined || !framework.roles.includes(where.role))
    return;
  const filter: OfferFilter = {
    refused,
    at: draft.now,
    seq: draft.seq,
    ...filterLife(draft, durationMs),
    epoch: epochOf(framework, where.role),
    silence,
  };
  const key = clientKey(where.framework, where.role);
  const live = (agent.filters.get(key) ?? []).filter((old) => isLive(old, filter.epoch, draft.now, true));
  const filters = agent.filters.set(key, [...live, filter], draft.edit);
  draft.agents = draft.agents.set(agent.id, { ...agent, filters }, draft.edit);
}

/** How long a filter hides. */
export type FilterLife = Pick<OfferFilter, 'expiresAt' | 'once'>;

/** The life of a filter that is installed now for `durationMs`; see {@link installFilter}. */
export function filterLife(draft: AllocatorDraft, durationMs: number): FilterLife {
  const interval = draft.config.allocationIntervalMs;
  const lifetime = Math.max(durationMs, interval);
  return {
    expiresAt: draft.now + lifetime,
    // While the batch of this very instant is still to come, that one sees it first.
    once: lifetime === interval && draft.now % interval === 0 && !draft.batchDue,
  };
}

/** Whether a filter of the epoch that counts still hides something at `now`; `batch` = in the batch of this instant. */
export function isInForce(life: FilterLife, now: number, batch: boolean): boolean {
  return now < life.expiresAt || (now === life.expiresAt && life.once && batch);
}

function isLive(filter: OfferFilter, epoch: number, now: number, batch: boolean): boolean {
  return filter.epoch === epoch && isInForce(filter, now, batch);
}

/** The filter that hides `offer` from a framework in a role on an agent, the one that ends last; undefined = none (FILT-1). */
export function hidingFilter(
  agent: AllocatorAgent,
  framework: AllocatorFramework,
  role: string,
  offer: Resources,
  when: { readonly now: number; readonly batch: boolean },
): OfferFilter | undefined {
  const filters = agent.filters.size === 0 ? undefined : agent.filters.get(clientKey(framework.id, role));
  if (filters === undefined) return undefined;
  const epoch = epochOf(framework, role);
  let last: OfferFilter | undefined;
  for (const filter of filters) {
    if (last !== undefined && filter.expiresAt <= last.expiresAt) continue;
    if (isLive(filter, epoch, when.now, when.batch) && contains(filter.refused, offer)) last = filter;
  }
  return last;
}

/** The first batch instant at which a filter no longer hides anything. */
export function firstBatchWithout(filter: FilterLife, intervalMs: number): number {
  const batch = Math.ceil(filter.expiresAt / intervalMs) * intervalMs;
  return filter.once && batch === filter.expiresAt ? batch + intervalMs : batch;
}

/** Voids the filters of a framework in these roles on all agents (FILT-5): one write, whatever the size of the cluster. */
export function clearFilters(
  draft: AllocatorDraft,
  framework: AllocatorFramework,
  roles: readonly string[],
): AllocatorFramework {
  draft.epoch += 1;
  const epoch = draft.epoch;
  const cleared = new Set(roles);
  const kept = framework.epochs.filter(({ role }) => !cleared.has(role) && isAmong(framework.roles, role));
  const fresh = [...cleared].map((role) => ({ role, epoch }));
  const epochs = [...kept, ...fresh].sort((a, b) => compareText(a.role, b.role));
  return { ...framework, epochs };
}

/** Drops all filters on an agent (ATTR-3). */
export function dropAgentFilters(agent: AllocatorAgent): AllocatorAgent {
  return agent.filters.size === 0 ? agent : { ...agent, filters: Table.empty() };
}

/** Takes back what {@link hideAfterSilence} hid: the framework answered. The next batch may offer it again. */
export function dropSilenceFilters(draft: AllocatorDraft, where: FilterKey): void {
  const agent = draft.agents.get(where.agent);
  const key = clientKey(where.framework, where.role);
  const before = agent?.filters.get(key);
  if (agent === undefined || before === undefined) return;
  const kept = before.filter((filter) => !filter.silence);
  if (kept.length === before.length) return;
  const filters = kept.length === 0 ? agent.filters.remove(key, draft.edit) : agent.filters.set(key, kept, draft.edit);
  draft.agents = draft.agents.set(agent.id, { ...agent, filters }, draft.edit);
  markDirty(draft);
}

/** Forgets filters that no run from now on could meet, so that an agent's table stays as small as it is useful. */
export function purgeFilters(
  agent: AllocatorAgent,
  state: AllocatorState,
  now: number,
  batch: boolean,
): AllocatorAgent {
  if (agent.filters.size === 0) return agent;
  let filters = agent.filters;
  for (const [key, list] of agent.filters.entries()) {
    const blank = key.indexOf(' ');
    const framework = state.frameworks.get(key.slice(blank + 1));
    const epoch = framework === undefined ? -1 : epochOf(framework, key.slice(0, blank));
    const live = list.filter((filter) => isLive(filter, epoch, now, batch));
    if (live.length === 0) filters = filters.remove(key);
    else if (live.length !== list.length) filters = filters.set(key, live);
  }
  return filters === agent.filters ? agent : { ...agent, filters };
}

/** Live filters per role, `[role, count]` sorted by role. Looks at every agent: for statistics. */
export function countFilters(state: AllocatorState): readonly (readonly [string, number])[] {
  let counts = Table.empty<number>();
  for (const { role, live } of filtersByClient(state)) counts = counts.set(role, (counts.get(role) ?? 0) + live);
  return counts.entries();
}

/** Live filters of each framework in each role on each agent that has any. Looks at every agent: for statistics. */
export function* filtersByClient(
  state: AllocatorState,
): Generator<{ readonly framework: string; readonly role: string; readonly live: number }> {
  for (const agent of state.agents.values()) {
    for (const [key, list] of agent.filters.entries()) {
      const blank = key.indexOf(' ');
      const role = key.slice(0, blank);
      const framework = state.frameworks.get(key.slice(blank + 1));
      if (framework === undefined) continue;
      const epoch = epochOf(framework, role);
      const live = list.filter((filter) => isLive(filter, epoch, state.now, false)).length;
      if (live > 0) yield { framework: framework.id, role, live };
    }
  }
}

/** The epoch that counts for a framework's filters in a role. */
function epochOf(framework: AllocatorFramework, role: string): number {
  return findSorted(framework.epochs, role, (entry) => entry.role)?.epoch ?? 0;
}
