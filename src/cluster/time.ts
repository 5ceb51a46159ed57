/**
 * How time passes. Each input first fires what is due up to its instant, each thing at its own instant, in the order
 * batch, offer timeouts, failovers, agents, then by id. Nothing here runs an allocation: a batch that is due asks for one.
 */
import { fireBatch, moveTo, nextBatch, nextRun } from '../offers/index.js';
import { compareDeadlines, popDeadline, pushDeadline, type Deadline } from './deadlines.js';
import { count, type Draft } from './draft.js';
import { loseAgent, markUnreachable } from './agents.js';
import { removeFramework } from './frameworks.js';
import { timeOutOffers } from './offers.js';
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
  for (;;) {
    const batch = nextBatch(draft.allocator);
    const deadline = soonest(draft);
    if (batch !== undefined && batch <= target && batch <= (deadline?.at ?? Infinity)) {
      setClock(draft, batch);
      fireBatch(draft.allocator);
    } else if (deadline !== undefined && deadline.at <= target) {
      setClock(draft, deadline.at);
      fire(draft, deadline);
    } else break;
  }
  setClock(draft, target);
}

/** Drops deadlines whose cause is gone from the top of the heaps, so that `nextDeadline` speaks only of what will happen. */
export function pruneDeadlines(draft: Draft): void {
  while (draft.awakeDeadlines !== null && isStale(draft, draft.awakeDeadlines.deadline)) {
    draft.awakeDeadlines = popDeadline(draft.awakeDeadlines);
  }
  while (draft.deadlines !== null && isStale(draft, draft.deadlines.deadline)) {
    draft.deadlines = popDeadline(draft.deadlines);
  }
}

/**
 * A process that slept far past a deadline must not blame others for its sleep. Nobody knows when it fell asleep, so awake
 * time stands still from the last thing that it heard: whoever was due then has as long left as they had.
 */
function noticeStall(draft: Draft, target: number): void {
  const { stallMs } = draft.config;
  const next = stallMs === null ? undefined : nextDeadline(toState(draft));
  if (stallMs === null || next === undefined || target - next <= stallMs) return;
  draft.stalledMs += target - draft.now;
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

/** The next deadline by the clock. */
function soonest(state: ClusterState): Deadline | undefined {
  const awake = state.awakeDeadlines?.deadline;
  const shifted = awake === undefined ? undefined : { ...awake, at: awake.at + state.stalledMs };
  const other = state.deadlines?.deadline;
  if (shifted === undefined || other === undefined) return shifted ?? other;
  return compareDeadlines(shifted, other) <= 0 ? shifted : other;
}

function fire(draft: Draft, deadline: Deadline): void {
  const fromAwake = draft.awakeDeadlines?.deadline;
  const isAwake = fromAwake !== undefined && fromAwake.kind === deadline.kind && fromAwake.token === deadline.token;
  if (isAwake) draft.awakeDeadlines = popDeadline(draft.awakeDeadlines);
  else draft.deadlines = popDeadline(draft.deadlines);
  if (isStale(draft, deadline)) return;
  switch (deadline.kind) {
    case 'offers':
      timeOutOffers(draft, deadline.id);
      return;
    case 'failover':
      removeFramework(draft, deadline.id);
      return;
    case 'agent':
      fireAgent(draft, deadline);
  }
}

/** A heartbeat only writes when the agent was heard; its deadline is filed anew when the old one fires. */
function fireAgent(draft: Draft, deadline: Deadline): void {
  const agent = draft.agents.get(deadline.id);
  if (agent === undefined) {
    loseAgent(draft, deadline.id);
    return;
  }
  if (agent.connected && agent.heartbeatMs !== null) {
    const due = agent.lastSeen + agent.heartbeatMs * draft.config.maxMissedHeartbeats;
    if (due + draft.stalledMs > draft.now) {
      draft.awakeDeadlines = pushDeadline(draft.awakeDeadlines, { ...deadline, at: due });
      return;
    }
  }
  markUnreachable(draft, agent.id);
}

function isStale(state: Draft, { kind, id, token }: Deadline): boolean {
  switch (kind) {
    case 'offers':
      return !state.offerRuns.has(id);
    case 'failover':
      return state.frameworks.get(id)?.watch !== token;
    case 'agent':
      return (state.agents.get(id)?.watch ?? state.recovered.get(id)?.watch) !== token;
  }
  return kind satisfies never;
}
