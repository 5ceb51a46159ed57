/** The life of an offer: outstanding, then accepted, declined, rescinded or discarded, exactly once (OFFER-1 … 7). */
import {
  dropOffer,
  dropSilenceFilters,
  hideAfterSilence,
  noteOffers,
  recover,
  type Allocation,
  type Grant,
} from '../offers/index.js';
import { Table, compareText, hasRevocable } from '../resources/index.js';
import { agentOf, emit, idPrefix, putFramework, tell, type Draft } from './draft.js';
import { makeInverseOffer, rescindInverseOffer } from './inverse-offers.js';
import { closeInRun, fileRun } from './offer-runs.js';
import { OfferBatch, offerNumber } from './offer-table.js';
import type { InverseOffer, Offer, SchedulerEvent } from './outputs.js';
import { offersOn } from './outstanding.js';
import type { Framework, OfferRow } from './state.js';

/**
 * Turns what one run granted into offers, and whom it asks to leave into inverse offers: one event of each kind a
 * framework, in the order in which the run first came to it (OFFER-2, INV-1).
 */
export function makeOffers(draft: Draft, allocation: Allocation): void {
  const first = draft.nextOffer;
  const run = draft.nextRun;
  const batch = makeBatch(draft, allocation, run);
  const inverseOffers = makeInverseOffers(draft, allocation.inverse, run);
  if (draft.nextOffer === first) return;
  fileRun(draft, run, first);
  if (batch !== undefined) tellOffers(draft, batch);
  for (const [framework, made] of inverseOffers) tell(draft, framework, { type: 'inverse-offers', offers: made });
}

function makeInverseOffers(
  draft: Draft,
  inverse: Allocation['inverse'],
  run: number,
): ReadonlyMap<string, readonly InverseOffer[]> {
  const all = new Map<string, InverseOffer[]>();
  for (const grant of inverse) {
    const made = makeInverseOffer(draft, grant, run);
    if (made === undefined) continue;
    const mine = all.get(grant.framework);
    if (mine === undefined) all.set(grant.framework, [made]);
    else mine.push(made);
  }
  return all;
}

/** The offers of a run, filed in the table; undefined = there are none. The agents' rows name them already. */
function makeBatch(draft: Draft, { grants, rows }: Allocation, run: number): OfferBatch | undefined {
  if (grants.length === 0) return undefined;
  const prefix = `${idPrefix(draft)}-O`;
  const head = { run, seq: draft.seq, at: draft.now, prefix, first: draft.nextOffer };
  const batch = new OfferBatch(head, { grants, rows, executors: executorsFor(draft, grants) });
  draft.offers = draft.offers.add(batch, draft.edit);
  draft.nextOffer += grants.length;
  return batch;
}

/** By grant: executors of its framework on its agent; hardly any agent has any. */
function executorsFor(draft: Draft, grants: readonly Grant[]): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, readonly string[]>();
  if (draft.executorHosts.size === 0) return found;
  for (const [index, { agent, framework }] of grants.entries()) {
    if (!draft.executorHosts.has(agent)) continue;
    const own = agentOf(draft, agent).executors.filter((executor) => executor.framework === framework);
    if (own.length > 0) found.set(index, Object.freeze(own.map(({ info }) => info.id)));
  }
  return found;
}

/**
 * Tells each framework of its offers, and counts them. OFFER-7: nobody to tell any more = the resources go back, without a
 * filter.
 */
function tellOffers(draft: Draft, batch: OfferBatch): void {
  for (const [framework, numbers] of batch.numbers()) {
    noteOffers(draft.allocator, framework, numbers.length);
    const connection = draft.frameworks.get(framework)?.connection;
    if (connection != null) emit(draft, offersEvent({ framework, connection }, batch, numbers));
    else for (const number of numbers) discardOffer(draft, batch.row(number).offer.id);
  }
}

/** Offers that nobody reads are never made. */
function offersEvent(
  { framework, connection }: { readonly framework: string; readonly connection: string },
  batch: OfferBatch,
  numbers: readonly number[],
): SchedulerEvent {
  let made: readonly Offer[] | undefined;
  return {
    type: 'offers',
    get offers() {
      made ??= numbers.map((number) => batch.row(number).offer);
      return made;
    },
    framework,
    connection,
  };
}

/** Takes an offer out of the tables; what it was of stays held, for it is used. */
export function useOffer(draft: Draft, id: string): OfferRow | undefined {
  const row = takeOffer(draft, id);
  if (row !== undefined) dropOffer(draft.allocator, row.offer.agent, offerNumber(id));
  return row;
}

/** An offer comes back; with `hideForMs` > 0 it stays hidden from its framework for a while. */
export function returnOffer(draft: Draft, id: string, hideForMs: number = 0): OfferRow | undefined {
  const row = takeOffer(draft, id);
  if (row === undefined) return undefined;
  const { framework, agent, role, resources } = row.offer;
  recover(draft.allocator, { framework, agent, role, resources, offer: offerNumber(id) }, hideForMs);
  return row;
}

function takeOffer(draft: Draft, id: string): OfferRow | undefined {
  const row = draft.offers.get(id);
  if (row === undefined) return undefined;
  draft.offers = draft.offers.remove(id, draft.edit);
  noteOffers(draft.allocator, row.offer.framework, -1);
  closeInRun(draft, row.run);
  return row;
}

/** Takes an offer back without telling: its framework is gone, failed over, or named it in a bad call (OFFER-5). */
export function discardOffer(draft: Draft, id: string): void {
  returnOffer(draft, id);
}

/** Takes an offer back and says so (OFFER-4). With `hideForMs` > 0 it stays hidden from its framework (RSV-5). */
export function rescindOffer(draft: Draft, id: string, hideForMs: number = 0): void {
  const row = returnOffer(draft, id, hideForMs);
  if (row !== undefined) tell(draft, row.offer.framework, { type: 'rescind', offer: id });
}

/** Rescinds all offers of an agent, in the order in which they were made. */
export function rescindAgentOffers(draft: Draft, agent: string): void {
  for (const { id } of offersOn(draft, agent)) rescindOffer(draft, id);
}

/** Rescinds the offers of an agent that hold something revocable: there is another estimate of it (REV-1). */
export function rescindRevocableOffers(draft: Draft, agent: string): void {
  for (const { id, resources } of offersOn(draft, agent)) if (hasRevocable(resources)) rescindOffer(draft, id);
}

/** Rescinds everything that is offered (WEIGHT-2). */
export function rescindAllOffers(draft: Draft): void {
  for (const id of draft.offers.keys()) rescindOffer(draft, id);
}

/** Ids of a framework's outstanding offers; with `roles`, only of those. By agent, then in the order in which they were made. */
export function offersOf(draft: Draft, framework: string, roles?: ReadonlySet<string>): readonly string[] {
  const offers = draft.offers.numbersOf(framework).flatMap((number) => draft.offers.at(number)?.offer ?? []);
  return offers
    .filter(({ role }) => roles === undefined || roles.has(role))
    .sort((a, b) => compareText(a.agent, b.agent))
    .map(({ id }) => id);
}

/**
 * A run's offers were not answered in time: they are rescinded. Unless Mesos's ways are wanted, framework, role and
 * agent are then left alone for a while, longer with each further silence, so that a hoarder doesn't get it straight back.
 */
export function timeOutOffers(draft: Draft, number: number): void {
  const run = draft.offerRuns.get(number);
  if (run === undefined) return;
  for (let n = run.first; n <= run.last; n += 1) {
    rescindInverseOffer(draft, `${idPrefix(draft)}-O${n}`);
    const offer = draft.offers.at(n)?.offer;
    if (offer === undefined) continue;
    rescindOffer(draft, offer.id);
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
