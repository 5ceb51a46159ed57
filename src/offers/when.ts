/**
 * When the allocator runs (ALLOC-1). Events only ask for a run; it happens when the host sends `allocate`. A batch falls
 * due at a multiple of the interval strictly after a change from which something could come, so an idle cluster costs
 * nothing.
 */
import { Table } from '../resources/index.js';
import type { AllocatorDraft, AllocatorState } from './state.js';

/** Whether nothing is allocated now: the operator paused it, or agents of a lost master are awaited (ALLOC-18, ALLOC-19). */
export function isHalted(state: AllocatorState): boolean {
  return state.paused || state.awaiting !== null;
}

/** An event wants a run for one agent. Dropped while nothing is allocated (ALLOC-19). */
export function requestRun(draft: AllocatorDraft, agent: string): void {
  if (!isHalted(draft)) draft.requested = draft.requested.set(agent, true, draft.edit);
}

/** An event wants a run for all agents. Dropped while nothing is allocated (ALLOC-19). */
export function requestRunOfAll(draft: AllocatorDraft): void {
  if (!isHalted(draft)) draft.requestedAll = true;
}

/** Something changed that the next batch could use, of whatever agents: a weight, a role, the whitelist. */
export function markDirty(draft: AllocatorDraft): void {
  draft.dirtySince ??= draft.now;
  draft.freshAll = true;
}

/** Something changed of one agent that the next batch could use: resources came back. */
export function markAgentDirty(draft: AllocatorDraft, agent: string): void {
  draft.dirtySince ??= draft.now;
  noteFresh(draft, agent);
}

/** More is free of an agent, or is free for others: a batch for whatever reason must look at it. */
export function noteFresh(draft: AllocatorDraft, agent: string): void {
  // What is free of one decides what may be given of another (QUOTA-5), and what one gives up is room for more (QUOTA-7).
  if (draft.quotas.size > 0) draft.freshAll = true;
  if (!draft.freshAll) draft.fresh = draft.fresh.set(agent, true, draft.edit);
}

/**
 * When the next run is due: now if one was asked for, else at the next useful batch; while agents are awaited, the instant
 * from which on they are not. undefined = nothing to do, ever.
 */
export function nextRun(state: AllocatorState): number | undefined {
  if (state.awaiting !== null) return state.awaiting.until;
  if (state.paused) return undefined;
  if (isRunRequested(state)) return state.now;
  return nextBatch(state);
}

/** Whether somebody asked for a run that was not performed yet. */
export function isRunRequested(state: AllocatorState): boolean {
  return state.requestedAll || state.requested.size > 0;
}

/** The instant of the next batch that could grant something; undefined = none. */
export function nextBatch(state: AllocatorState): number | undefined {
  if (isHalted(state)) return undefined;
  const interval = state.config.allocationIntervalMs;
  const dirty = state.dirtySince === null ? Infinity : (Math.floor(state.dirtySince / interval) + 1) * interval;
  const due = Math.min(dirty, state.parkedUntil ?? Infinity);
  return due === Infinity ? undefined : due;
}

/** Moves the clock; time that goes back stands still. A batch not performed at its instant becomes a run like any other. */
export function moveTo(draft: AllocatorDraft, at: number): void {
  if (at <= draft.now) return;
  draft.now = at;
  draft.batchDue = false;
}

/**
 * The batch of this instant is due: it asks for a run of all agents. Those that are as they were when a run last looked at
 * them need not be looked at, unless something changed for all.
 */
export function fireBatch(draft: AllocatorDraft): void {
  const isOver = draft.parkedUntil !== null && draft.parkedUntil <= draft.now;
  draft.batchDue = true;
  draft.dirtySince = null;
  if (draft.freshAll || isOver) {
    draft.requestedAll = true;
    draft.parkedUntil = null;
    return;
  }
  requestFresh(draft);
}

/** Asks for a run of the agents of which something is new for it. Dropped while nothing is allocated (ALLOC-19). */
export function requestFresh(draft: AllocatorDraft): void {
  if (isHalted(draft) || draft.requested === draft.fresh) return;
  // Mostly nothing else is asked for, and all of them may be ten thousand.
  if (draft.requested.size === 0) draft.requested = draft.fresh.share();
  else draft.fresh.forEach((_, id) => requestRun(draft, id));
}

/** A run of all agents was performed, or dropped: nothing is asked for any more. */
export function clearRequests(draft: AllocatorDraft): void {
  draft.requested = Table.empty();
  draft.requestedAll = false;
  draft.batchDue = false;
}
