import {
  add,
  allocatedTo,
  resources,
  subtract,
  unallocate,
  type Resources,
  type ResourcesLike,
} from '../../resources/index.js';

/**
 * Resources of an offer as a case expects them. Its items may say whom they are allocated to (FORMAT.md §1); ours never
 * do, the offer says it. So what is allocated to the offer's role is meant without, and what is allocated to another
 * stays as it is, to equal nothing that was offered.
 */
export function readOffered(written: unknown, role: string): Resources {
  const expected = resources(written as ResourcesLike);
  const own = allocatedTo(expected, role);
  return add(subtract(expected, own), unallocate(own));
}
