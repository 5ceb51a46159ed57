/**
 * Things that happen by themselves, soonest first: a persistent heap (leftist; Crane 1972). Entries are not taken out
 * when their cause goes; they are found to be stale when they come to the top.
 */
import { compareText } from '../resources/index.js';

/** What falls due. The order of kinds at one instant is the order of `rankOf`. */
export type DeadlineKind = 'offers' | 'failover' | 'agent' | 'review';

/** One thing that falls due. */
export interface Deadline {
  readonly at: number;
  readonly kind: DeadlineKind;
  /** Number of the run (padded), id of the framework, id of the agent, or nothing. */
  readonly id: string;
  /** Stale when the entity carries another token by now. */
  readonly token: number;
}

/** The soonest of a heap, and what comes after it. */
export interface HeapNode {
  readonly deadline: Deadline;
  readonly rank: number;
  readonly left: DeadlineHeap;
  readonly right: DeadlineHeap;
}

/** A heap of deadlines; null = empty. */
export type DeadlineHeap = HeapNode | null;

const ranks: Readonly<Record<DeadlineKind, number>> = { offers: 0, failover: 1, agent: 2, review: 3 };

/** At one instant: offer timeouts, then failovers, then agents, then reviews of preemption; within a kind by id. */
export function compareDeadlines(a: Deadline, b: Deadline): number {
  return a.at - b.at || ranks[a.kind] - ranks[b.kind] || compareText(a.id, b.id) || a.token - b.token;
}

/** Adds a deadline. */
export function pushDeadline(heap: DeadlineHeap, deadline: Deadline): DeadlineHeap {
  return merge(heap, { deadline, rank: 1, left: null, right: null });
}

/** Removes the soonest. */
export function popDeadline(heap: DeadlineHeap): DeadlineHeap {
  return heap === null ? null : merge(heap.left, heap.right);
}

/** All deadlines, soonest first and one by one. */
export function* deadlinesOf(heap: DeadlineHeap): Generator<Deadline, void, undefined> {
  for (let rest = heap; rest !== null; rest = popDeadline(rest)) yield rest.deadline;
}

/** All deadlines in no order, one by one: quicker than {@link deadlinesOf}. */
export function* walkDeadlines(heap: DeadlineHeap): Generator<Deadline, void, undefined> {
  const stack: DeadlineHeap[] = [heap];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node === null) continue;
    yield node.deadline;
    stack.push(node.left, node.right);
  }
}

function merge(a: DeadlineHeap, b: DeadlineHeap): DeadlineHeap {
  if (a === null) return b;
  if (b === null) return a;
  const [first, second] = compareDeadlines(a.deadline, b.deadline) <= 0 ? [a, b] : [b, a];
  const right = merge(first.right, second);
  const { left } = first;
  return (left?.rank ?? 0) >= (right?.rank ?? 0)
    ? { deadline: first.deadline, rank: (right?.rank ?? 0) + 1, left, right }
    : { deadline: first.deadline, rank: (left?.rank ?? 0) + 1, left: right, right: left };
}
