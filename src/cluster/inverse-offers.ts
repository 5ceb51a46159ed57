/**
 * The life of an inverse offer: outstanding, then answered, rescinded or discarded, exactly once (INV-1). It takes nothing
 * away; it is made with the offers of a run, has its id from the same sequence and times out with them (OFFER-6).
 */
import { respondInverse, withdrawInverse, type InverseGrant } from '../offers/index.js';
import { agentOf, idPrefix, putAgent, tell, type Draft } from './draft.js';
import { closeInRun } from './offer-runs.js';
import type { InverseOffer } from './outputs.js';
import type { InverseOfferRow } from './state.js';

/** One question of a run as an inverse offer; undefined = there is nobody to ask any more (OFFER-7). */
export function makeInverseOffer(draft: Draft, grant: InverseGrant, run: number): InverseOffer | undefined {
  const agent = draft.agents.get(grant.agent);
  const machine = draft.allocator.agents.get(grant.agent);
  const isThere = agent?.connected === true && draft.frameworks.get(grant.framework)?.state === 'connected';
  if (!isThere || machine === undefined || machine.maintenance === null) {
    withdrawInverse(draft.allocator, grant);
    return undefined;
  }
  const offer: InverseOffer = Object.freeze({
    id: `${idPrefix(draft)}-O${draft.nextOffer}`,
    framework: grant.framework,
    agent: grant.agent,
    hostname: machine.hostname,
    unavailability: machine.maintenance.unavailability,
    at: draft.now,
  });
  draft.nextOffer += 1;
  draft.inverseOffers = draft.inverseOffers.set(offer.id, { offer, run }, draft.edit);
  putAgent(draft, { ...agent, inverseOffers: [...agent.inverseOffers, offer.id] });
  return offer;
}

/** Takes an inverse offer out of the tables. Whoever calls it tells the allocator why. */
function takeInverseOffer(draft: Draft, id: string): InverseOfferRow | undefined {
  const row = draft.inverseOffers.get(id);
  if (row === undefined) return undefined;
  draft.inverseOffers = draft.inverseOffers.remove(id, draft.edit);
  const agent = agentOf(draft, row.offer.agent);
  putAgent(draft, { ...agent, inverseOffers: agent.inverseOffers.filter((other) => other !== id) });
  closeInRun(draft, row.run);
  return row;
}

/** Its framework answered: that is recorded, and for a while it is not asked again. */
export function answerInverseOffer(draft: Draft, id: string, response: 'accept' | 'decline', hideForMs: number): void {
  const row = takeInverseOffer(draft, id);
  if (row !== undefined) respondInverse(draft.allocator, row.offer, response, hideForMs);
}

/** Takes an inverse offer back and says so. */
export function rescindInverseOffer(draft: Draft, id: string): void {
  const row = takeInverseOffer(draft, id);
  if (row === undefined) return;
  withdrawInverse(draft.allocator, row.offer);
  tell(draft, row.offer.framework, { type: 'rescind-inverse-offer', offer: id });
}

/** Rescinds all inverse offers of an agent, in the order in which they were made. */
export function rescindAgentInverseOffers(draft: Draft, agent: string): void {
  for (const id of agentOf(draft, agent).inverseOffers) rescindInverseOffer(draft, id);
}

/** Takes back without a word what a framework was asked: it is gone, or failed over (OFFER-5). */
export function discardInverseOffersOf(draft: Draft, framework: string): void {
  for (const agent of draft.allocator.frameworks.get(framework)?.standings.keys() ?? []) {
    for (const id of draft.agents.get(agent)?.inverseOffers ?? []) {
      if (draft.inverseOffers.get(id)?.offer.framework !== framework) continue;
      const row = takeInverseOffer(draft, id);
      if (row !== undefined) withdrawInverse(draft.allocator, row.offer);
    }
  }
}
