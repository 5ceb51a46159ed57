/**
 * The order among siblings: rank, then allocation count, then path (SORT-2). Groups are ranked and sorted when somebody
 * looks at them first; from then on a member whose numbers change is moved to its new place by binary search.
 */
import { PolicyError, type OrderRule } from './order-rule.js';
import { moveBack, moveForward, roomStart } from './lineup.js';
import { drf } from './rules/drf.js';
import { clientOf, closed, countColumn, live, rankColumn, shareOf, type Scratch } from './scratch.js';
import type { ShareNode } from './tree.js';

/** Up to this many members are sorted in place, without the arrays of the engine's sort. */
const fewMembers = 24;

/** Ranks and sorts the group of a slot, unless that is done. */
export function openGroup(scratch: Scratch, group: number): void {
  if ((scratch.ends[group] as number) === closed) sortGroup(scratch, group);
}

/** Where a slot stands in its group; -1 if its group is not open or it is not live. */
export function locate(scratch: Scratch, slot: number): number {
  const group = scratch.grouping.groupOf[slot] as number;
  if (group === -1 || (scratch.ends[group] as number) === closed) return -1;
  if (((scratch.marks[slot] as number) & live) === 0) return -1;
  const head = scratch.heads[group] as number;
  // Mostly it is the first that is granted something.
  if (scratch.places[head] === slot) return head;
  return firstNotBefore(scratch, slot, head, scratch.ends[group] as number);
}

/** Moves a slot whose numbers changed from its old place `at`; a new rank is asked if `rerank` says so. */
export function settle(scratch: Scratch, slot: number, at: number, rerank: boolean): void {
  if (rerank) scratch.numbers[slot * scratch.stride + rankColumn] = rankOf(scratch, slot);
  const { places } = scratch;
  const group = scratch.grouping.groupOf[slot] as number;
  const head = scratch.heads[group] as number;
  const end = scratch.ends[group] as number;
  if (at + 1 < end && precedes(scratch, places[at + 1] as number, slot)) {
    moveBack(scratch, group, at, firstNotBefore(scratch, slot, at + 1, end) - 1);
  } else if (at > head && precedes(scratch, slot, places[at - 1] as number)) {
    moveForward(scratch, at, firstNotBefore(scratch, slot, head, at));
  }
}

/** The comparison of SORT-2. Slots are numbered by path, so the last tie is the slot itself. */
export function precedes(scratch: Scratch, a: number, b: number): boolean {
  const { numbers, stride } = scratch;
  const rankA = numbers[a * stride + rankColumn] as number;
  const rankB = numbers[b * stride + rankColumn] as number;
  if (rankA !== rankB) return rankA < rankB;
  const countA = numbers[a * stride + countColumn] as number;
  const countB = numbers[b * stride + countColumn] as number;
  return countA === countB ? a < b : countA < countB;
}

/** The first of the sorted places from `from` to `to` that does not come before `slot`; `to` if none. */
function firstNotBefore(scratch: Scratch, slot: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (precedes(scratch, scratch.places[middle] as number, slot)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sortGroup(scratch: Scratch, group: number): void {
  const { grouping, places, numbers, stride } = scratch;
  const head = roomStart(scratch, group);
  const end = head + enter(scratch, group, head);
  for (let at = head; at < end; at += 1) {
    const slot = places[at] as number;
    numbers[slot * stride + rankColumn] = rankOf(scratch, slot);
  }
  sortPlaces(scratch, head, end);
  const first = grouping.first[group] as number;
  for (let at = head; at < end; at += 1) grouping.hint[first + at - head] = places[at] as number;
  scratch.heads[group] = head;
  scratch.ends[group] = end;
}

/**
 * Lists the live members of a group from `head` on, as they were last sorted, and puts the others behind them in the
 * hint; returns how many are live.
 */
function enter(scratch: Scratch, group: number, head: number): number {
  const { places, marks } = scratch;
  const { first, hint } = scratch.grouping;
  const start = first[group] as number;
  const others: number[] = [];
  let length = 0;
  for (let at = start; at < (first[group + 1] as number); at += 1) {
    const slot = hint[at] as number;
    if (((marks[slot] as number) & live) === 0) others.push(slot);
    else places[head + length++] = slot;
  }
  if (others.length > 0) {
    for (let at = 0; at < length; at += 1) hint[start + at] = places[head + at] as number;
    for (const [at, slot] of others.entries()) hint[start + length + at] = slot;
  }
  return length;
}

/** Sorts a range of places, at little cost if it is nearly sorted: it mostly is, as it begins where the last run ended. */
function sortPlaces(scratch: Scratch, start: number, end: number): void {
  const { places } = scratch;
  let sorted = start + 1;
  while (sorted < end && precedes(scratch, places[sorted - 1] as number, places[sorted] as number)) sorted += 1;
  if (sorted >= end) return;
  if (end - start <= fewMembers) {
    insertionSort(scratch, start, sorted, end);
    return;
  }
  const slots = Array.from(places.subarray(start, end));
  slots.sort((a, b) => (precedes(scratch, a, b) ? -1 : 1));
  places.set(slots, start);
}

/** Inserts the places from `sorted` on into those before, which are in order. */
function insertionSort(scratch: Scratch, start: number, sorted: number, end: number): void {
  const { places } = scratch;
  for (let at = sorted; at < end; at += 1) {
    const slot = places[at] as number;
    let to = at;
    for (; to > start && precedes(scratch, slot, places[to - 1] as number); to -= 1)
      places[to] = places[to - 1] as number;
    places[to] = slot;
  }
}

/** Asks the rule. The built-in one is not asked: it would only read back the share. */
function rankOf(scratch: Scratch, slot: number): number {
  const { rule } = scratch.options;
  if (rule === drf) return shareOf(scratch, slot, (scratch.rows[slot] as ShareNode).weight);
  const rank: unknown = rule.rank(clientOf(scratch, slot));
  if (typeof rank === 'number' && !Number.isNaN(rank)) return rank;
  throw badRank(rule, scratch.layout.paths[slot] ?? '', rank);
}

function badRank(rule: OrderRule, path: string, rank: unknown): PolicyError {
  const what = typeof rank === 'number' ? 'NaN' : `of type ${typeof rank}`;
  return new PolicyError('bad-rank', rule.name, `the rank that '${rule.name}' gives '${path}' is ${what}`);
}
