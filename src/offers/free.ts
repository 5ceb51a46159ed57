/** What is left of a machine: total less everything held. */
import {
  add,
  hasPersistentVolumes,
  hasShared,
  isPersistentVolume,
  nonShared,
  resources as resourcesOf,
  sameMetadata,
  shared,
  subtract,
  type ResourceItem,
  type Resources,
} from '../resources/index.js';
import { pooled } from '../resources/pool.js';
import type { Holding } from './state.js';

/** What was held last of a machine of which one thing is held, and what that left. */
interface Rest {
  readonly held: Resources;
  readonly free: Resources;
}

/**
 * By total, which machines of one kind share. Most machines of a kind that are used alike come back from an offer to the
 * same rest, and to have it as one object is worth more than not to compute it: a run judges them as one.
 */
const rests = new WeakMap<Resources, Rest>();

/**
 * Total less everything held. It follows from these alone, never from what was free before: an agent that holds more than
 * it has must not invent resources. What is shared stays, however many hold copies of it (ALLOC-10).
 */
export function freeOf(total: Resources, held: readonly Holding[]): Resources {
  const [first] = held;
  if (first === undefined || held.length > 1) return pooled(lessHeld(total, held));
  const known = rests.get(total);
  if (known?.held === first.resources) return known.free;
  const free = pooled(lessHeld(total, held));
  rests.set(total, { held: first.resources, free });
  return free;
}

function lessHeld(total: Resources, held: readonly Holding[]): Resources {
  if (hasShared(total)) return add(lessHeld(nonShared(total), held), shared(total));
  return withoutUsedVolumes(
    held.reduce((free, holding) => subtract(free, holding.resources), total),
    held,
  );
}

/**
 * A volume that is held in another size than it has is in use all the same (VOL-4): it was grown or shrunk in vain, or
 * its agent came back with what it had before.
 */
function withoutUsedVolumes(free: Resources, held: readonly Holding[]): Resources {
  const isUsed = (item: ResourceItem): boolean =>
    isPersistentVolume(item) &&
    held.some(({ resources }) => resources.items.some((other) => sameMetadata(other, item)));
  return hasPersistentVolumes(free) && free.items.some(isUsed)
    ? resourcesOf(free.items.filter((item) => !isUsed(item)))
    : free;
}
