/**
 * How time passes. Each input first fires what is due up to its instant, each thing at its own instant, in the order
 * end of the wait for agents, batch, offer timeouts, failovers, agents, reviews of preemption, then by id. Nothing here runs an allocation: a
 * batch that is due asks for one.
 */
import { endWait, fireBatch, moveTo, nextBatch, nextRun, waitEnd, waitLonger } from '../offers/index.js';
import { compareDeadlines, popDeadline, pushDeadline, type Deadline } from './deadlines.js';
import { count, type Draft } from './draft.js';
import { loseAgent, markUnreachable } from './agents.js';
import { removeFramework } from './frameworks.js';
import { timeOutOffers } from './offers.js';
import { reviewPreemption } from './preemption/review.js';
import { settleDrains } from './service.js';
import type { ClusterState } from './state.js';

/** When something will happen by itself, ms; undefined = never, unless somebody says something. */
export function nextDeadline(state: ClusterState): number | undefined {
  const run = nextRun(state.allocator);
  const next = soonest(state);
  if (run === undefined) return next === undefined ? undefined : Math.max(next.at, state.now);
  return Math.max(Math.min(run, next?.at ?? Infinity), state.now);
}

/** Lets time pass up to `at`. Time that goes back stands still, and is counted. */
export function passTime(draft: Draft, at: number): void {
  if (at < draft.now) count(draft, 'clockBackwards');
  const target = Math.max(at, draft.now);
  noticeStall(draft, target);
  // Mostly nothing is due.
  if (isQuiet(draft, target)) {
    setClock(draft, target);
    return;
  }
  for (;;) {
    const end = waitEnd(draft.allocator);
    const batch = nextBatch(draft.allocator);
    const deadline = soonest(draft);
    if (end !== undefined && end <= target && end <= (deadline?.at ?? Infinity)) {
      setClock(draft, end);
      endWait(draft.allocator);
    } else if (batch !== undefined && batch <= target && batch <= (deadline?.at ?? Infinity)) {
      setClock(draft, batch);
      fireBatch(draft.allocator);
    } else if (deadline !== undefined && deadline.at <= target) {
      setClock(draft, deadline.at);
      fire(draft, deadline);
      settleDrains(draft);
    } else break;
  }
  setClock(draft, target);
}

/** Whether nothing happens by itself up to an instant. */
function isQuiet(draft: Draft, target: number): boolean {
  const { allocator, deadlines, removals, stalledMs } = draft;
  if (removals !== null || (deadlines !== null && deadlines.deadline.at + stalledMs <= target)) return false;
  return (waitEnd(allocator) ?? Infinity) > target && (nextBatch(allocator) ?? Infinity) > target;
}

/** Drops deadlines whose cause is gone from the top of the heaps, so that `nextDeadline` speaks only of what will happen. */
export function pruneDeadlines(draft: Draft): void {
  for (const heap of heaps) {
    for (let top = draft[heap]; top !== null && isStale(draft, top.deadline); top = draft[heap]) {
      draft[heap] = popDeadline(top);
    }
  }
}

/**
 * A process that slept far past a deadline must not blame others for its sleep. Nobody knows when it fell asleep, so awake
 * time stands still from the last thing that it heard: whoever was due then has as long left as they had, to be heard, to
 * come back, to answer.
 */
function noticeStall(draft: Draft, target: number): void {
  const { stallMs } = draft.config;
  const next = stallMs === null ? undefined : nextDeadline(toState(draft));
  if (stallMs === null || next === undefined || target - next <= stallMs) return;
  const sleptMs = target - draft.now;
  draft.stalledMs += sleptMs;
  if (draft.removals !== null) draft.nextRemovalAt += sleptMs;
  waitLonger(draft.allocator, sleptMs);
  count(draft, 'stalls');
}

/** The draft has all that a state has, which is all that is read here. */
function toState(draft: Draft): ClusterState {
  return draft;
}

function setClock(draft: Draft, at: number): void {
  if (at > draft.now) draft.now = at;
  moveTo(draft.allocator, at);
}

/** Where deadlines are filed: in awake time, and by the clock those that are overdue and wait for the rate limit. */
const heaps = ['deadlines', 'removals'] as const;
type HeapName = (typeof heaps)[number];

/** The next deadline, by the clock. */
interface Due extends Deadline {
  readonly heap: HeapName;
  /** When it fell due; what waits for the rate limit happens later. */
  readonly dueAt: number;
}

function soonest(state: ClusterState): Due | undefined {
  let next: Due | undefined;
  for (const heap of heaps) {
    const top = state[heap]?.deadline;
    if (top === undefined) continue;
    const dueAt = heap === 'deadlines' ? top.at + state.stalledMs : top.at;
    const due: Due = { ...top, heap, dueAt, at: heap === 'deadlines' ? dueAt : permitAt(state, dueAt) };
    if (next === undefined || compareDeadlines(due, next) < 0) next = due;
  }
  return next;
}

/** When the rate limit lets go who fell due then (AG-2). */
function permitAt({ config, nextRemovalAt }: ClusterState, dueAt: number): number {
  return config.agentRemovalRateLimit === null ? dueAt : Math.max(dueAt, nextRemovalAt);
}

function fire(draft: Draft, due: Due): void {
  const { heap, kind, id, token } = due;
  draft[heap] = popDeadline(draft[heap]);
  if (isStale(draft, due)) return;
  switch (kind) {
    case 'offers':
      return timeOutOffers(draft, token);
    case 'failover':
      return removeFramework(draft, id);
    case 'agent':
      return fireAgent(draft, due);
    case 'review':
      return reviewPreemption(draft);
  }
  return kind satisfies never;
}

/** A heartbeat only writes when the agent was heard; its deadline is filed anew when the old one fires. */
function fireAgent(draft: Draft, { heap, kind, id, dueAt, token }: Due): void {
  const heardUntil = hearing(draft, id);
  const silentSince = Math.max(dueAt, heardUntil + draft.stalledMs);
  if (silentSince > draft.now) {
    draft.deadlines = pushDeadline(draft.deadlines, { kind, id, token, at: heardUntil });
    return;
  }
  const limit = draft.config.agentRemovalRateLimit;
  if (limit !== null && (heap !== 'removals' || silentSince > dueAt)) {
    // They go in the order in which they fell due: who was heard meanwhile, and is silent again, behind the others.
    draft.removals = pushDeadline(draft.removals, { kind, id, token, at: silentSince });
    return;
  }
  if (limit !== null) draft.nextRemovalAt = draft.now + Math.ceil(limit.perMs / limit.agents);
  if (draft.agents.has(id)) markUnreachable(draft, id);
  else loseAgent(draft, id);
}

/** Until when a watched agent counts as heard, in awake time; -Infinity = it is not there, or not watched. */
function hearing(draft: Draft, id: string): number {
  const agent = draft.agents.get(id);
  if (agent?.connected !== true || agent.heartbeatMs === null) return -Infinity;
  return agent.lastSeen + agent.heartbeatMs * draft.config.maxMissedHeartbeats;
}

function isStale(state: Draft, { kind, id, token }: Deadline): boolean {
  switch (kind) {
    case 'offers':
      return state.offerRuns.get(token) === undefined;
    case 'failover':
      return state.frameworks.get(id)?.watch !== token;
    case 'agent':
      return (state.agents.get(id)?.watch ?? state.recovered.get(id)?.watch) !== token;
    case 'review':
      return state.preemption.review?.watch !== token;
  }
  return kind satisfies never;
}
