/**
 * The life of an inverse offer: outstanding, then answered, rescinded or discarded, exactly once (INV-1). It takes nothing
 * away; it is made with the offers of a run, or for a claim (`preemption/`), has its id from the same sequence and times out
 * like them (OFFER-6).
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
  const { framework, agent: id } = grant;
  const { hostname, maintenance } = machine;
  return enterInverseOffer(draft, { framework, agent: id, hostname, unavailability: maintenance.unavailability }, run);
}

/** Tasks that a framework is to give back by an instant, to make room for somebody else. */
export interface AskedBack {
  readonly framework: string;
  readonly agent: string;
  readonly tasks: readonly string[];
  /** When they are ended, ms. */
  readonly start: number;
}

/** Asks a framework to give back tasks; undefined = it is not connected, so there is nobody to ask. */
export function askBack(draft: Draft, asked: AskedBack, run: number): InverseOffer | undefined {
  const { framework, agent, tasks, start } = asked;
  if (draft.frameworks.get(framework)?.state !== 'connected') return undefined;
  const hostname = draft.allocator.agents.get(agent)?.hostname ?? agent;
  const unavailability = Object.freeze({ start });
  return enterInverseOffer(draft, { framework, agent, hostname, unavailability, tasks: Object.freeze(tasks) }, run);
}

/** Numbers an inverse offer, and enters it where it is looked for. */
function enterInverseOffer(draft: Draft, what: Omit<InverseOffer, 'id' | 'at'>, run: number): InverseOffer {
  const offer: InverseOffer = Object.freeze({ id: `${idPrefix(draft)}-O${draft.nextOffer}`, ...what, at: draft.now });
  draft.nextOffer += 1;
  draft.inverseOffers = draft.inverseOffers.set(offer.id, { offer, run }, draft.edit);
  const agent = agentOf(draft, offer.agent);
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

/** Rescinds all inverse offers of an agent, or some, in the order in which they were made. */
export function rescindAgentInverseOffers(
  draft: Draft,
  agent: string,
  isMeant: (offer: InverseOffer) => boolean = () => true,
): void {
  for (const id of agentOf(draft, agent).inverseOffers) {
    const row = draft.inverseOffers.get(id);
    if (row !== undefined && isMeant(row.offer)) rescindInverseOffer(draft, id);
  }
}

/** Takes back without a word what a framework was asked: it is gone, or failed over (OFFER-5). */
export function discardInverseOffersOf(draft: Draft, framework: string): void {
  const standings = draft.allocator.frameworks.get(framework)?.standings.keys() ?? [];
  for (const agent of [...standings, ...draft.preemption.claims.keys()]) {
    for (const id of draft.agents.get(agent)?.inverseOffers ?? []) {
      if (draft.inverseOffers.get(id)?.offer.framework !== framework) continue;
      const row = takeInverseOffer(draft, id);
      if (row !== undefined) withdrawInverse(draft.allocator, row.offer);
    }
  }
}
