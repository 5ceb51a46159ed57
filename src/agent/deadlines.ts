import { compareText } from '../resources/index.js';

/** Something that is due at an instant. */
export interface Due {
  /** ms */
  readonly at: number;
  /** What happens then. */
  readonly kind: string;
  /** To whom it happens. */
  readonly path: readonly string[];
}

/** A leftist heap (Crane 1972): the shorter of the two paths is always on the right, so that a merge is a walk down them. */
export interface Heap {
  readonly due: Due;
  readonly rank: number;
  readonly left?: Heap;
  readonly right?: Heap;
}

/**
 * A persistent queue of deadlines. What is filed is not taken out when it loses its meaning: whoever takes the first
 * one asks the owner whether it still stands. It is rebuilt from what stands when most of it does not.
 */
export interface Deadlines {
  readonly heap?: Heap;
  readonly size: number;
  /** The size at which a rebuild pays. */
  readonly limit: number;
}

const leastLimit = 64;

export const noDeadlines: Deadlines = { size: 0, limit: leastLimit };

/** A total order, so that it does not show how the heap came about. */
function compareDue(a: Due, b: Due): number {
  if (a.at !== b.at) return a.at - b.at;
  const kinds = compareText(a.kind, b.kind);
  if (kinds !== 0) return kinds;
  for (const [index, id] of a.path.entries()) {
    const order = compareText(id, b.path[index] ?? '');
    if (order !== 0) return order;
  }
  return a.path.length - b.path.length;
}

function rankOf(heap: Heap | undefined): number {
  return heap === undefined ? 0 : heap.rank;
}

function merge(a: Heap | undefined, b: Heap | undefined): Heap | undefined {
  if (a === undefined) return b;
  if (b === undefined) return a;
  const [first, second] = compareDue(a.due, b.due) <= 0 ? [a, b] : [b, a];
  const merged = merge(first.right, second);
  const [left, right] = rankOf(first.left) >= rankOf(merged) ? [first.left, merged] : [merged, first.left];
  return { due: first.due, rank: rankOf(right) + 1, ...(left && { left }), ...(right && { right }) };
}

/** Files a deadline. */
export function file(deadlines: Deadlines, due: Due): Deadlines {
  const heap = merge(deadlines.heap, { due, rank: 1 });
  return { size: deadlines.size + 1, limit: deadlines.limit, ...(heap && { heap }) };
}

/** The earliest deadline, or `undefined`. */
export function first(deadlines: Deadlines): Due | undefined {
  return deadlines.heap?.due;
}

/** All but the earliest. */
export function withoutFirst(deadlines: Deadlines): Deadlines {
  const { heap: top, size, limit } = deadlines;
  if (top === undefined) return deadlines;
  const heap = merge(top.left, top.right);
  return { size: size - 1, limit, ...(heap && { heap }) };
}

/** The queue of exactly these. */
export function deadlinesOf(all: readonly Due[]): Deadlines {
  const filed = all.reduce(file, noDeadlines);
  return { ...filed, limit: Math.max(leastLimit, 2 * all.length) };
}

/**
 * The queue with an earliest deadline that stands: those that do not are dropped until one does, and all of them when
 * there have become too many.
 *
 * @param stands whether a deadline still means something.
 * @param standing every deadline that does; asked only for a rebuild.
 */
export function tidy(deadlines: Deadlines, stands: (due: Due) => boolean, standing: () => readonly Due[]): Deadlines {
  if (deadlines.size > deadlines.limit) return deadlinesOf(standing());
  let rest = deadlines;
  for (let due = first(rest); due !== undefined && !stands(due); due = first(rest)) rest = withoutFirst(rest);
  return rest;
}
