/** How long offers have been waiting for an answer: who hoards them shows here first. */
import { compareText } from '../resources/index.js';
import type { Offer } from './outputs.js';
import type { ClusterState } from './state.js';

/** The offers of one framework that it has not answered yet. */
export interface OutstandingOffers {
  readonly framework: string;
  readonly count: number;
  /** Milliseconds since each was made, oldest first. */
  readonly agesMs: readonly number[];
}

/**
 * The offers that are out, by framework; one that has none is not listed.
 *
 * @returns sorted by framework. Ages are those at `state.now`, the last moment that the state knows of.
 * @example
 * const slow = outstandingOffers(master.state).filter(({ agesMs }) => (agesMs[0] ?? 0) > 60_000);
 */
export function outstandingOffers(state: ClusterState): readonly OutstandingOffers[] {
  const ages = new Map<string, number[]>();
  state.offers.forEach(({ offer }) => {
    const its = ages.get(offer.framework);
    if (its === undefined) ages.set(offer.framework, [state.now - offer.at]);
    else its.push(state.now - offer.at);
  });
  return [...ages]
    .map(([framework, its]) => ({ framework, count: its.length, agesMs: its.sort((a, b) => b - a) }))
    .sort((a, b) => compareText(a.framework, b.framework));
}

/** The offers of an agent that stand, in the order in which they were made. */
export function offersOn(
  { allocator, offers }: Pick<ClusterState, 'allocator' | 'offers'>,
  agent: string,
): readonly Offer[] {
  return (allocator.agents.get(agent)?.offers ?? []).flatMap((number) => offers.at(number)?.offer ?? []);
}
