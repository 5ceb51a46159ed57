import type { Offer } from '../../cluster/index.js';
import type { Resources } from '../../resources/index.js';
import { binsOf, choose, loaded, type Packing } from './bins.js';
import type { Wish } from './take.js';

/** A wish that is met. */
export interface Packed {
  /** The index of the wish. */
  readonly wish: number;
  /** What to launch the task with. */
  readonly resources: Resources;
  /** The ports that were picked for it; they are in `resources`. */
  readonly ports: readonly number[];
}

/** What to accept at once: offers of one agent in one role, and what goes there. */
export interface OfferUse {
  readonly agent: string;
  readonly role: string;
  readonly offers: readonly string[];
  readonly tasks: readonly Packed[];
}

/**
 * Puts as many wishes as fit on the offers of one call, in the order of the wishes.
 *
 * @param packing which offer a wish takes. Default `first-fit`.
 * @returns what to accept, in the order of the offers, and the indices of the wishes that were not met.
 * @throws InputError `bad-resources` for a wish that is none.
 * @example
 * const { uses } = pack(offers, [{ resources: 'cpus:1;mem:64' }, { resources: 'cpus:2;mem:32' }], 'best-fit');
 * for (const use of uses) {
 *   driver.launch(use.offers, use.tasks.map(({ wish, resources }) => ({ id: `t${wish}`, resources, payload: {} })));
 * }
 */
export function pack(
  offers: readonly Offer[],
  wishes: readonly Wish[],
  packing: Packing = 'first-fit',
): { readonly uses: readonly OfferUse[]; readonly unmet: readonly number[] } {
  const bins = binsOf(offers);
  const packed: Packed[][] = bins.map(() => []);
  const unmet: number[] = [];
  for (const [wish, wanted] of wishes.entries()) {
    const choice = choose(bins, wanted, packing);
    if (choice === undefined) {
      unmet.push(wish);
      continue;
    }
    const { at, bin, taken } = choice;
    bins[at] = loaded(bin, taken);
    packed[at]?.push({ wish, resources: taken.resources, ports: taken.ports });
  }
  const uses = bins.map(({ agent, role, offers: used }, at) => ({
    agent,
    role,
    offers: used,
    tasks: packed[at] ?? [],
  }));
  return { uses: uses.filter(({ tasks }) => tasks.length > 0), unmet };
}
