/**
 * The wait after a master was lost (ALLOC-18). While most agents are still on their way back, what is free looks like all
 * that there is: guarantees would be met from the wrong machines and limits judged by half of what is held. So with quotas
 * nothing is allocated until enough agents are there again, or for as long as one cares to wait.
 */
import type { AllocatorDraft, AllocatorState } from './state.js';
import { clearRequests } from './when.js';

/**
 * Begins to wait for the agents that a lost master knew, if somebody has a quota and there are any to wait for. Parts of
 * an agent don't count: for 0.8 of one agent nobody waits.
 */
export function awaitAgents(draft: AllocatorDraft, expected: number): void {
  const { recoveryFraction, recoveryWaitMs } = draft.config;
  const agents = Math.trunc(recoveryFraction * expected);
  if (draft.quotas.size === 0 || recoveryWaitMs === null || draft.agents.size >= agents) return;
  draft.awaiting = { agents, until: draft.now + recoveryWaitMs };
  clearRequests(draft);
}

/** When the wait ends even if too few came back, ms; undefined = nobody is waited for. */
export function waitEnd(state: AllocatorState): number | undefined {
  return state.awaiting?.until;
}

/** Nobody could come back meanwhile: the process slept. */
export function waitLonger(draft: AllocatorDraft, ms: number): void {
  if (draft.awaiting !== null) draft.awaiting = { ...draft.awaiting, until: draft.awaiting.until + ms };
}

/** The wait ended by the clock. The batch of this very instant, if it is one, is the first. */
export function endWait(draft: AllocatorDraft): void {
  stopWaiting(draft, draft.now - 1);
}

/** An agent was added: perhaps these are enough. It asks for a run like any other; the rest is for the next batch. */
export function noteReturn(draft: AllocatorDraft): void {
  if (draft.awaiting !== null && draft.agents.size >= draft.awaiting.agents) stopWaiting(draft, draft.now);
}

/** Nobody waits any longer, for instance because the operator does not; everything free is for the next batch. */
export function giveUpWaiting(draft: AllocatorDraft): void {
  if (draft.awaiting !== null) stopWaiting(draft, draft.now);
}

function stopWaiting(draft: AllocatorDraft, dirtySince: number): void {
  draft.awaiting = null;
  draft.dirtySince = dirtySince;
  draft.freshAll = true;
}
