import type { Scratch } from './scratch.js';

/**
 * Moves the slot at place `at` of an open group to the place `to`, past those between; both are places before the move.
 *
 * Who comes first is served and then mostly goes far back. The whole row between need not step forward for it: the few
 * before and behind may as well step back by one, into the room that a group has behind it. When that room is used up,
 * the row moves to its front at once, which happens at most once in as many moves as the group has members.
 */
export function moveBack(scratch: Scratch, group: number, at: number, to: number): void {
  const { places, heads, ends } = scratch;
  const slot = places[at] as number;
  const head = heads[group] as number;
  const end = ends[group] as number;
  if (to - at <= at - head + (end - 1 - to)) {
    places.copyWithin(at, at + 1, to + 1);
    places[to] = slot;
    return;
  }
  if (end === roomEnd(scratch, group)) {
    const shift = toFront(scratch, group);
    moveBack(scratch, group, at - shift, to - shift);
    return;
  }
  places.copyWithin(head + 1, head, at);
  places.copyWithin(to + 2, to + 1, end);
  places[to + 1] = slot;
  heads[group] = head + 1;
  ends[group] = end + 1;
}

/** Moves the slot at place `at` of an open group forward to the place `to`. */
export function moveForward(scratch: Scratch, at: number, to: number): void {
  const { places } = scratch;
  const slot = places[at] as number;
  places.copyWithin(to + 1, to, at);
  places[to] = slot;
}

/** Takes the slot at place `at` out of its open group. */
export function takeOut(scratch: Scratch, slot: number, at: number): void {
  const { places, ends, grouping } = scratch;
  const group = grouping.groupOf[slot] as number;
  const end = ends[group] as number;
  places.copyWithin(at, at + 1, end);
  ends[group] = end - 1;
}

/** Where the room of a group begins. */
export function roomStart(scratch: Scratch, group: number): number {
  return 2 * (scratch.grouping.first[group] as number);
}

function roomEnd(scratch: Scratch, group: number): number {
  return 2 * (scratch.grouping.first[group + 1] as number);
}

/** Moves all of a group to the start of its room; returns by how much. */
function toFront(scratch: Scratch, group: number): number {
  const { places, heads, ends } = scratch;
  const head = heads[group] as number;
  const start = roomStart(scratch, group);
  const shift = head - start;
  places.copyWithin(start, head, ends[group]);
  heads[group] = start;
  ends[group] = (ends[group] as number) - shift;
  return shift;
}
