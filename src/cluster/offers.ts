/** The life of an offer: outstanding, then accepted, declined, rescinded or discarded, exactly once (OFFER-1 … 7). */
import {
  dropSilenceFilters,
  hideAfterSilence,
  noteOffers,
  recover,
  type Allocation,
  type Grant,
} from '../offers/index.js';
import { Table } from '../resources/index.js';
import { agentOf, idPrefix, putAgent, putFramework, tell, type Draft } from './draft.js';
import { makeInverseOffer, rescindInverseOffer } from './inverse-offers.js';
import { closeInRun, fileRun } from './offer-runs.js';
import type { Offer } from './outputs.js';
import type { Agent, Framework, OfferRow } from './state.js';

/**
 * Turns what one run granted into offers, and whom it asks to leave into inverse offers: one event of each kind a
 * framework, in the order in which the run first came to it (OFFER-2, INV-1).
 */
export function makeOffers(draft: Draft, { grants, inverse }: Pick<Allocation, 'grants' | 'inverse'>): void {
  const first = draft.nextOffer;
  const run = draft.nextRun;
  const offers = byFramework(grants, (grant) => makeOffer(draft, grant, run));
  const inverseOffers = byFramework(inverse, (grant) => makeInverseOffer(draft, grant, run));
  if (draft.nextOffer === first) return;
  fileRun(draft, run, first);
  for (const [framework, made] of offers) tell(draft, framework, { type: 'offers', offers: made });
  for (const [framework, made] of inverseOffers) tell(draft, framework, { type: 'inverse-offers', offers: made });
}

/** What is made for each framework. */
function byFramework<G extends { readonly framework: string }, O>(
  grants: readonly G[],
  make: (grant: G) => O | undefined,
): ReadonlyMap<string, readonly O[]> {
  const all = new Map<string, O[]>();
  for (const grant of grants) {
    const made = make(grant);
    if (made === undefined) continue;
    const mine = all.get(grant.framework);
    if (mine === undefined) all.set(grant.framework, [made]);
    else mine.push(made);
  }
  return all;
}

/** OFFER-7: nobody to offer it to any more = the resources go back, without a filter. */
function makeOffer(draft: Draft, grant: Grant, run: number): Offer | undefined {
  const framework = draft.frameworks.get(grant.framework);
  const agent = draft.agents.get(grant.agent);
  const machine = draft.allocator.agents.get(grant.agent);
  if (framework?.connection == null || agent === undefined || machine === undefined || !agent.connected) {
    recover(draft.allocator, grant, 0);
    return undefined;
  }
  const offer: Offer = Object.freeze({
    id: `${idPrefix(draft)}-O${draft.nextOffer}`,
    framework: grant.framework,
    agent: grant.agent,
    role: grant.role,
    hostname: machine.hostname,
    resources: grant.resources,
    attributes: machine.attributes,
    executors: executorsOf(agent, framework.id),
    ...(machine.domain === null ? {} : { domain: machine.domain }),
    ...(machine.maintenance === null ? {} : { unavailability: machine.maintenance.unavailability }),
    at: draft.now,
  });
  draft.nextOffer += 1;
  draft.offers = draft.offers.set(offer.id, { offer, run, seq: draft.seq }, draft.edit);
  putAgent(draft, { ...agent, offers: [...agent.offers, offer.id] });
  noteOffers(draft.allocator, framework.id, 1);
  return offer;
}

const noExecutors: readonly string[] = Object.freeze([]);

function executorsOf({ executors }: Agent, framework: string): readonly string[] {
  const own = executors.filter((executor) => executor.framework === framework);
  return own.length === 0 ? noExecutors : Object.freeze(own.map(({ info }) => info.id));
}

/** Takes an offer out of the tables. Whoever calls it says what becomes of its resources. */
export function takeOffer(draft: Draft, id: string): OfferRow | undefined {
  const row = draft.offers.get(id);
  if (row === undefined) return undefined;
  draft.offers = draft.offers.remove(id, draft.edit);
  noteOffers(draft.allocator, row.offer.framework, -1);
  const agent = agentOf(draft, row.offer.agent);
  putAgent(draft, { ...agent, offers: agent.offers.filter((other) => other !== id) });
  closeInRun(draft, row.run);
  return row;
}

/** Takes an offer back without telling: its framework is gone, failed over, or named it in a bad call (OFFER-5). */
export function discardOffer(draft: Draft, id: string): void {
  const row = takeOffer(draft, id);
  if (row !== undefined) recover(draft.allocator, row.offer, 0);
}

/** Takes an offer back and says so (OFFER-4). With `hideForMs` > 0 it stays hidden from its framework (RSV-5). */
export function rescindOffer(draft: Draft, id: string, hideForMs: number = 0): void {
  const row = takeOffer(draft, id);
  if (row === undefined) return;
  recover(draft.allocator, row.offer, hideForMs);
  tell(draft, row.offer.framework, { type: 'rescind', offer: id });
}

/** Rescinds all offers of an agent, in the order in which they were made. */
export function rescindAgentOffers(draft: Draft, agent: string): void {
  for (const id of agentOf(draft, agent).offers) rescindOffer(draft, id);
}

/** Rescinds the offers of an agent that hold something revocable: there is another estimate of it (REV-1). */
export function rescindRevocableOffers(draft: Draft, agent: string): void {
  for (const id of agentOf(draft, agent).offers) {
    if (draft.offers.get(id)?.offer.resources.items.some((item) => item.revocable === true)) rescindOffer(draft, id);
  }
}

/** Rescinds everything that is offered (WEIGHT-2). */
export function rescindAllOffers(draft: Draft): void {
  for (const id of draft.offers.keys()) rescindOffer(draft, id);
}

/** Ids of a framework's outstanding offers; with `roles`, only of those. By agent, then in the order in which they were made. */
export function offersOf(draft: Draft, framework: string, roles?: ReadonlySet<string>): readonly string[] {
  const agents = draft.allocator.frameworks.get(framework)?.agents.keys() ?? [];
  return agents
    .flatMap((agent) => draft.agents.get(agent)?.offers ?? [])
    .filter((id) => {
      const offer = draft.offers.get(id)?.offer;
      return offer?.framework === framework && (roles === undefined || roles.has(offer.role));
    });
}

/**
 * A run's offers were not answered in time: they are rescinded. Unless Mesos's ways are wanted, framework, role and
 * agent are then left alone for a while, longer with each further silence, so that a hoarder doesn't get it straight back.
 */
export function timeOutOffers(draft: Draft, runId: string): void {
  const run = draft.offerRuns.get(runId);
  if (run === undefined) return;
  for (let n = run.first; n <= run.last; n += 1) {
    const id = `${idPrefix(draft)}-O${n}`;
    rescindInverseOffer(draft, id);
    const offer = draft.offers.get(id)?.offer;
    if (offer === undefined) continue;
    rescindOffer(draft, id);
    hideAfterSilence(draft.allocator, offer, offer.resources, noteSilence(draft, offer));
  }
}

/** How long the silence hides the agent, ms; 0 = not at all. */
function noteSilence(draft: Draft, offer: Offer): number {
  const { unansweredFilterMs, unansweredFilterMaxMs } = draft.config;
  const framework = draft.frameworks.get(offer.framework);
  if (unansweredFilterMs === null || framework === undefined) return 0;
  const key = `${offer.role} ${offer.agent}`;
  const streak = (framework.unanswered.get(key)?.streak ?? 0) + 1;
  const unanswered = framework.unanswered.set(key, { role: offer.role, agent: offer.agent, streak }, draft.edit);
  putFramework(draft, { ...framework, unanswered });
  let hideForMs = unansweredFilterMs;
  for (let n = 1; n < streak && hideForMs < unansweredFilterMaxMs; n += 1) hideForMs *= 2;
  return Math.min(hideForMs, unansweredFilterMaxMs);
}

/** An agent is gone, and with it what was hidden of it: nobody's silence there is remembered. */
export function forgetSilences(draft: Draft, agent: string): void {
  for (const framework of draft.frameworks.values()) {
    if (framework.unanswered.size === 0) continue;
    const there = framework.unanswered.entries().filter(([, silence]) => silence.agent === agent);
    if (there.length === 0) continue;
    const unanswered = there.reduce((kept, [key]) => kept.remove(key, draft.edit), framework.unanswered);
    putFramework(draft, { ...framework, unanswered });
  }
}

/** The framework answered: it is not silent, and what its silence had hidden may be offered again. */
export function forgiveSilence(draft: Draft, framework: Framework): void {
  if (framework.unanswered.size === 0) return;
  for (const { role, agent } of framework.unanswered.values()) {
    dropSilenceFilters(draft.allocator, { agent, framework: framework.id, role });
  }
  putFramework(draft, { ...framework, unanswered: Table.empty() });
}
