/** Lists that are in order, as one. */

/** The part of a list that is still to come. Never empty. */
interface Rest<T> {
  readonly list: readonly T[];
  at: number;
  next: T;
}

/**
 * The items of sorted lists, in order and one by one: each costs as many comparisons as the number of lists has binary
 * digits, twice.
 *
 * @param compare - must never give 0
 */
export function* merged<T>(
  lists: readonly (readonly T[])[],
  compare: (a: T, b: T) => number,
): Generator<T, void, undefined> {
  const heap: Rest<T>[] = [];
  for (const list of lists) {
    const [next] = list;
    if (next !== undefined) heap.push({ list, at: 0, next });
  }
  for (let at = (heap.length >> 1) - 1; at >= 0; at -= 1) sink(heap, at, compare);
  for (let top = heap[0]; top !== undefined; top = heap[0]) {
    yield top.next;
    advance(heap, top);
    sink(heap, 0, compare);
  }
}

/** Steps on in the list at the top, or takes it out when it has ended. */
function advance<T>(heap: Rest<T>[], top: Rest<T>): void {
  top.at += 1;
  const next = top.list[top.at];
  if (next !== undefined) {
    top.next = next;
    return;
  }
  const last = heap.pop();
  if (last !== undefined && heap.length > 0) heap[0] = last;
}

function sink<T>(heap: Rest<T>[], from: number, compare: (a: T, b: T) => number): void {
  let at = from;
  const moved = heap[at];
  if (moved === undefined) return;
  for (;;) {
    let below = 2 * at + 1;
    let least = heap[below];
    if (least === undefined) break;
    const other = heap[below + 1];
    if (other !== undefined && compare(other.next, least.next) < 0) {
      least = other;
      below += 1;
    }
    if (compare(moved.next, least.next) < 0) break;
    heap[at] = least;
    at = below;
  }
  heap[at] = moved;
}
