/** Small numbers for frameworks in roles, so that a set of them is a row of bits. */
import { compareText } from '../resources/index.js';
import { findSorted } from './sorted.js';
import type { AllocatorDraft, AllocatorFramework } from './state.js';

/** A framework in a role that has a number. */
export interface ClientSlot {
  readonly framework: string;
  readonly role: string;
  /** Refusals count only if they are younger: clearing them all is one write (FILT-5). */
  readonly epoch: number;
}

/** Numbers that nobody has any more, the last one first. */
export interface FreeSlots {
  readonly slot: number;
  readonly next: FreeSlots | null;
}

/** The number of a framework in a role; undefined = it is not subscribed to it. */
export function slotOf(framework: AllocatorFramework, role: string): number | undefined {
  return findSorted(framework.slots, role, (entry) => entry.role)?.slot;
}

/** Gives a framework a number for each of its roles, and takes back those of roles that it left. */
export function assignSlots(draft: AllocatorDraft, framework: AllocatorFramework): AllocatorFramework {
  const { id, roles } = framework;
  const wanted = new Set(roles);
  const slots = framework.slots.filter((entry) => {
    if (wanted.has(entry.role)) return true;
    freeSlot(draft, entry.slot);
    return false;
  });
  const known = new Set(slots.map(({ role }) => role));
  for (const role of roles) if (!known.has(role)) slots.push({ role, slot: takeSlot(draft, id, role) });
  return { ...framework, slots: slots.sort((a, b) => compareText(a.role, b.role)) };
}

/** The framework is gone: its numbers may be given to others. */
export function releaseSlots(draft: AllocatorDraft, framework: AllocatorFramework): void {
  for (const { slot } of framework.slots) freeSlot(draft, slot);
}

function takeSlot(draft: AllocatorDraft, framework: string, role: string): number {
  const free = draft.freeSlots;
  const slot = free?.slot ?? draft.slots.size;
  draft.freeSlots = free?.next ?? null;
  writeSlot(draft, slot, { framework, role, epoch: nextEpoch(draft, slot) });
  return slot;
}

/** What its last owner refused does not count for the next one: whoever gets it has a younger epoch. */
function freeSlot(draft: AllocatorDraft, slot: number): void {
  nextEpoch(draft, slot);
  draft.slots = draft.slots.remove(slot, draft.edit);
  draft.freeSlots = { slot, next: draft.freeSlots };
}

/** Voids all that a framework refused in these roles, whatever the number of agents (FILT-5). */
export function renewSlots(draft: AllocatorDraft, framework: AllocatorFramework, roles: readonly string[]): void {
  for (const role of roles) {
    const slot = slotOf(framework, role);
    if (slot !== undefined) writeSlot(draft, slot, { framework: framework.id, role, epoch: nextEpoch(draft, slot) });
  }
}

function writeSlot(draft: AllocatorDraft, slot: number, client: ClientSlot): void {
  draft.slots = draft.slots.set(slot, client, draft.edit);
}

function nextEpoch(draft: AllocatorDraft, slot: number): number {
  draft.epoch += 1;
  draft.slotEpochs = draft.slotEpochs.set(slot >>> 5, draft.epoch, draft.edit);
  return draft.epoch;
}
