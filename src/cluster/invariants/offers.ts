/** What always holds of offers. */
import { filtersOn } from '../../offers/index.js';
import { each, first, type Pace, type Steps } from '../../resources/steps.js';
import type { Input } from '../inputs.js';
import type { Output } from '../outputs.js';
import type { ClusterState } from '../state.js';
import { covers } from './amounts.js';
import { broken, type Violation } from './rule.js';

/** I4: an offer names one agent, framework and role that exist and are active. */
export function* offersNameTheLiving(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  return yield* first(state.offers.walk(), pace, ({ offer }) => {
    if (state.agents.get(offer.agent)?.connected !== true)
      return broken('I4', offer.id, `agent ${offer.agent} is not there`);
    const framework = state.frameworks.get(offer.framework);
    if (framework?.state !== 'connected') return broken('I4', offer.id, `framework ${offer.framework} is not there`);
    if (framework.settings.roles.includes(offer.role)) return undefined;
    return broken('I4', offer.id, `it is not in role ${offer.role}`);
  });
}

/** I10: no offer stands that a filter older than it hides. */
export function* noOfferIsFiltered(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  return yield* first(state.offers.walk(), pace, ({ offer, seq }) => {
    const machine = state.allocator.agents.get(offer.agent);
    // Of filters on an agent it is known when the newest came: one that came after the offer says nothing of it.
    if (machine === undefined || machine.refusals.seq >= seq) return undefined;
    for (const filter of filtersOn(state.allocator, machine)) {
      if (filter.framework !== offer.framework || filter.role !== offer.role) continue;
      if (offer.at < filter.expiresAt && covers(filter.refused, offer.resources)) {
        return broken('I10', offer.id, `it was refused until ${filter.expiresAt}`);
      }
    }
    return undefined;
  });
}

/** I15: as many offers of a framework are counted as stand. */
export function* offersAreCounted(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const standing = new Map<string, number>();
  yield* each(state.offers.walk(), pace, ({ offer: { framework } }) => {
    standing.set(framework, (standing.get(framework) ?? 0) + 1);
  });
  const { offersOut } = state.allocator;
  const miscounted = yield* first(offersOut.walk(), pace, (counted, id) => {
    const there = standing.get(id) ?? 0;
    return counted === there ? undefined : broken('I15', id, `it has ${there} offers, and ${counted} are counted`);
  });
  if (miscounted !== undefined) return miscounted;
  return yield* first(standing, pace, (there, id) =>
    offersOut.has(id) ? undefined : broken('I15', id, `it has ${there} offers, and none are counted`),
  );
}

/** I15: nobody is made another offer beyond the bound. One that was lowered takes none back. */
export function offersAreBounded(before: ClusterState, input: Input, after: ClusterState): Violation | undefined {
  const most = after.config.maxOffersPerFramework;
  // Within a batch the bound may have changed after offers were made.
  if (input.type === 'batch' || most === null || after.offers === before.offers) return undefined;
  for (const { offer } of after.offers.values()) {
    const there = after.allocator.offersOut.get(offer.framework) ?? 0;
    if (!before.offers.has(offer.id) && there > most) return broken('I15', offer.id, `one of ${there}, ${most} may be`);
  }
  return undefined;
}

/** I3: an offer, or inverse offer, leaves the table at most once, and an id never comes back. */
export function offersLeaveOnce(
  before: ClusterState,
  after: ClusterState,
  outputs: readonly Output[],
): Violation | undefined {
  const rescinded = new Set<string>();
  for (const output of outputs) {
    if (output.type !== 'rescind' && output.type !== 'rescind-inverse-offer') continue;
    const table = output.type === 'rescind' ? after.offers : after.inverseOffers;
    if (rescinded.has(output.offer)) return broken('I3', output.offer, 'it was rescinded twice');
    if (table.has(output.offer)) return broken('I3', output.offer, 'it was rescinded and still stands');
    rescinded.add(output.offer);
  }
  if (after.offers === before.offers && after.inverseOffers === before.inverseOffers) return undefined;
  for (const { offer } of [...after.offers.values(), ...after.inverseOffers.values()]) {
    if (before.offers.has(offer.id) || before.inverseOffers.has(offer.id)) continue;
    const number = Number(offer.id.slice(offer.id.lastIndexOf('O') + 1));
    if (number < before.nextOffer) return broken('I3', offer.id, 'an id that was used before came back');
  }
  return undefined;
}
