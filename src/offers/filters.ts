/**
 * Offer filters (§9). A filter hides exactly what its framework refused, and anything smaller, of one agent in one role
 * for a time. Everything here is a function of instants, so a run that was skipped changes nothing.
 */
import { compareText, contains, type Resources } from '../resources/index.js';
import {
  eachRefusal,
  endOf,
  endsBefore,
  isRunning,
  liveRefusals,
  noRefusals,
  refusalIn,
  withRefusal,
  withoutSilence,
  type End,
  type Moment,
  type Refusals,
} from './refusals.js';
import { renewSlots, slotOf } from './slots.js';
import type { AllocatorAgent, AllocatorDraft, AllocatorFramework, AllocatorState } from './state.js';
import { markAgentDirty } from './when.js';

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

/** How long a filter hides. */
export interface FilterLife {
  /** Gone at this instant; see `once`. */
  readonly expiresAt: number;
  /** Still applies in the batch of the very instant `expiresAt`, the first that it sees (FILT-3). */
  readonly once: boolean;
}

/** A filter, as it is told. */
export interface OfferFilter extends FilterLife {
  readonly refused: Resources;
  /** Installed because an offer was not answered, not because it was refused. */
  readonly silence: boolean;
}

/** Names the filters of one framework and role on one agent. */
export interface FilterKey {
  readonly agent: string;
  readonly framework: string;
  readonly role: string;
}

/** As a refusal would, hides what a framework did not answer to. Any answer takes it back: {@link dropSilenceFilters}. */
export function hideAfterSilence(
  draft: AllocatorDraft,
  where: FilterKey,
  ignored: Resources,
  durationMs: number,
): void {
  const agent = draft.agents.get(where.agent);
  const refusals = agent && refusalsWith(draft, agent, where, { refused: ignored, durationMs, silence: true });
  if (agent !== undefined && refusals !== undefined) setRefusals(draft, agent, refusals);
}

/**
 * What is refused of an agent with a filter for `refused` more; undefined = none is to be installed. A filter lives for at least one interval, and it must have been seen by a batch: only a
 * filter that lives for exactly one interval and was installed at a multiple of it would otherwise end on the instant of
 * the first batch that it sees (FILT-3).
 */
export function refusalsWith(
  draft: AllocatorDraft,
  agent: AllocatorAgent,
  { framework: id, role }: FilterKey,
  {
    refused,
    durationMs,
    silence,
  }: { readonly refused: Resources; readonly durationMs: number; readonly silence: boolean },
): Refusals | undefined {
  const framework = draft.frameworks.get(id);
  if (durationMs <= 0 || framework === undefined) return undefined;
  const slot = slotOf(framework, role);
  if (slot === undefined) return undefined;
  const { expiresAt, once } = filterLife(draft, durationMs);
  const added = { slot, end: endOf(expiresAt, once), refused, silence, seq: draft.seq };
  // The batch of this very instant may still have to see what ends now.
  return withRefusal(agent.refusals, added, draft, { now: draft.now, batch: true });
}

function setRefusals(draft: AllocatorDraft, agent: AllocatorAgent, refusals: Refusals): void {
  draft.agents = draft.agents.set(agent.id, { ...agent, refusals }, draft.edit);
}

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

/** Whether a filter that is not void still hides something at `now`; `batch` = in the batch of this instant. */
export function isInForce({ expiresAt, once }: FilterLife, now: number, batch: boolean): boolean {
  return isRunning(endOf(expiresAt, once), now, batch);
}

/** The filter that hides `offer` from a framework in a role on an agent, the one that ends last; undefined = none (FILT-1). */
export function hidingFilter(
  state: AllocatorState,
  agent: AllocatorAgent,
  framework: AllocatorFramework,
  role: string,
  offer: Resources,
): OfferFilter | undefined {
  if (agent.refusals.groups.length === 0) return undefined;
  const slot = slotOf(framework, role);
  if (slot === undefined) return undefined;
  const { now, batchDue } = state;
  let last: OfferFilter | undefined;
  let lastEnd: End | undefined;
  for (const group of agent.refusals.groups) {
    const end = refusalIn(group, slot, state);
    if (end === undefined || !isRunning(end, now, batchDue)) continue;
    if ((lastEnd !== undefined && !endsBefore(lastEnd, end)) || !contains(group.refused, offer)) continue;
    last = { ...lifeOf(end), refused: group.refused, silence: group.silence };
    lastEnd = end;
  }
  return last;
}

function lifeOf(end: End): FilterLife {
  return { expiresAt: Math.abs(end), once: end < 0 };
}

/** The first batch instant at which a filter no longer hides anything. */
export function firstBatchWithout({ expiresAt, once }: FilterLife, intervalMs: number): number {
  const batch = Math.ceil(expiresAt / intervalMs) * intervalMs;
  return once && batch === expiresAt ? batch + intervalMs : batch;
}

/** As {@link firstBatchWithout}, of an end. */
export function firstBatchAfter(end: End, intervalMs: number): number {
  return firstBatchWithout(lifeOf(end), intervalMs);
}

/** Voids the filters of a framework in these roles on all agents (FILT-5): a few writes, whatever the size of the cluster. */
export function clearFilters(draft: AllocatorDraft, id: string, roles: readonly string[]): void {
  const framework = draft.frameworks.get(id);
  if (framework !== undefined) renewSlots(draft, framework, roles);
}

/** Drops all filters on an agent (ATTR-3). */
export function dropAgentFilters(agent: AllocatorAgent): AllocatorAgent {
  return agent.refusals.groups.length === 0 ? agent : { ...agent, refusals: noRefusals };
}

/** Takes back what {@link hideAfterSilence} hid: the framework answered. The next batch may offer it again. */
export function dropSilenceFilters(draft: AllocatorDraft, where: FilterKey): void {
  const agent = draft.agents.get(where.agent);
  const framework = draft.frameworks.get(where.framework);
  const slot = framework && slotOf(framework, where.role);
  if (agent === undefined || slot === undefined) return;
  const refusals = withoutSilence(agent.refusals, slot);
  if (refusals === agent.refusals) return;
  setRefusals(draft, agent, refusals);
  markAgentDirty(draft, agent.id);
}

/** Forgets filters that no run from now on could meet, so that an agent's are as few as they are useful. */
export function purgeFilters(agent: AllocatorAgent, state: AllocatorState, moment: Moment): AllocatorAgent {
  if (agent.refusals.groups.length === 0) return agent;
  const refusals = liveRefusals(agent.refusals, state, moment);
  return refusals === agent.refusals ? agent : { ...agent, refusals };
}

/** Live filters per role, `[role, count]` sorted by role. Looks at every agent: for statistics. */
export function countFilters(state: AllocatorState): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { role, live } of filtersByClient(state)) counts.set(role, (counts.get(role) ?? 0) + live);
  return [...counts].sort(([a], [b]) => compareText(a, b));
}

/** Live filters of each framework in each role that has any. Looks at every agent: for statistics. */
export function filtersByClient(
  state: AllocatorState,
): readonly { readonly framework: string; readonly role: string; readonly live: number }[] {
  const counts: number[] = [];
  const moment = { now: state.now, batch: false };
  state.agents.forEach(({ refusals }) => {
    for (const group of refusals.groups) {
      eachRefusal(group, state, moment, (slot) => {
        counts[slot] = (counts[slot] ?? 0) + 1;
      });
    }
  });
  const found: { readonly framework: string; readonly role: string; readonly live: number }[] = [];
  state.slots.forEach(({ framework, role }, slot) => {
    const live = counts[slot] ?? 0;
    if (live > 0) found.push({ framework, role, live });
  });
  return found;
}

/** A filter with whose it is. */
export interface ClientFilter extends OfferFilter {
  readonly framework: string;
  readonly role: string;
}

/** The filters of an agent that are neither void nor over, in no order that means anything. */
export function filtersOn(state: AllocatorState, { refusals }: AllocatorAgent): readonly ClientFilter[] {
  const found: ClientFilter[] = [];
  for (const group of refusals.groups) {
    eachRefusal(group, state, { now: state.now, batch: true }, (slot, end) => {
      const client = state.slots.get(slot);
      if (client === undefined) return;
      const { framework, role } = client;
      found.push({ framework, role, refused: group.refused, silence: group.silence, ...lifeOf(end) });
    });
  }
  return found;
}
