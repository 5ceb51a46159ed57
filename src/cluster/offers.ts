/** The life of an offer: outstanding, then accepted, declined, rescinded or discarded, exactly once (OFFER-1 … 7). */
import {
  dropSilenceFilters,
  hideAfterSilence,
  noteOffers,
  recover,
  type Allocation,
  type AllocatorAgent,
  type Grant,
} from '../offers/index.js';
import { Table, compareText, hasRevocable } from '../resources/index.js';
import { agentOf, emit, idPrefix, putAgent, putFramework, tell, type Draft } from './draft.js';
import { makeInverseOffer, rescindInverseOffer } from './inverse-offers.js';
import { closeInRun, fileRun } from './offer-runs.js';
import { OfferBatch, type OfferParts } from './offer-table.js';
import type { InverseOffer, Offer, SchedulerEvent } from './outputs.js';
import type { Agent, Framework, OfferRow } from './state.js';

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

/** The offers of a run, filed in the table, with their agents and by number with their frameworks; undefined = there are none. */
function makeBatch(draft: Draft, allocation: Allocation, run: number): OfferBatch | undefined {
  const kept = deliverable(draft, allocation);
  if (kept.length === 0) return undefined;
  const prefix = `${idPrefix(draft)}-O`;
  const head = { run, seq: draft.seq, at: draft.now, prefix, first: draft.nextOffer };
  const batch = new OfferBatch(head, fileWithAgents(draft, allocation, kept, prefix));
  draft.offers = draft.offers.add(batch, draft.edit);
  draft.nextOffer += kept.length;
  return batch;
}

/** Which grants somebody can be told of. OFFER-7: nobody to offer it to any more = the resources go back, without a filter. */
function deliverable(draft: Draft, { grants }: Allocation): readonly number[] {
  const connected = new Map<string, boolean>();
  const kept: number[] = [];
  for (const [index, grant] of grants.entries()) {
    let isConnected = connected.get(grant.framework);
    if (isConnected === undefined) {
      isConnected = draft.frameworks.get(grant.framework)?.connection != null;
      connected.set(grant.framework, isConnected);
    }
    if (isConnected) kept.push(index);
    else recover(draft.allocator, grant, 0);
  }
  return kept;
}

/** Writes each agent's row once, and says what the offers are made of. */
function fileWithAgents(
  draft: Draft,
  { grants, rows, places }: Allocation,
  kept: readonly number[],
  prefix: string,
): readonly OfferParts[] {
  const first = draft.nextOffer;
  const parts = Array<OfferParts>(kept.length);
  const file = (agent: Agent, index: number): void => {
    const grant = grants[kept[index] as number] as Grant;
    const machine = rows[kept[index] as number] as AllocatorAgent;
    parts[index] = { framework: grant.framework, role: grant.role, agent, machine, resources: grant.resources };
  };
  if (places === undefined) {
    for (const index of kept.keys()) {
      const agent = agentOf(draft, (grants[kept[index] as number] as Grant).agent);
      file(agent, index);
      putAgent(draft, withOffers(agent, [...agent.offers, `${prefix}${first + index}`]));
    }
    return parts;
  }
  const chains = chainsOf(kept, places, draft.agents.size);
  let place = 0;
  draft.agents = draft.agents.revise((agent) => {
    let index = chains.heads[place++] as number;
    if (index === -1) return agent;
    const offers = agent.offers.slice();
    for (; index !== -1; index = chains.next[index] as number) {
      file(agent, index);
      offers.push(`${prefix}${first + index}`);
    }
    return withOffers(agent, offers);
  }, draft.edit);
  return parts;
}

/** By place of an agent: the first of its offers, and by offer the next one of the same agent; -1 = there is none. */
function chainsOf(
  kept: readonly number[],
  places: readonly number[],
  agents: number,
): { readonly heads: Int32Array; readonly next: Int32Array } {
  const heads = new Int32Array(agents).fill(-1);
  const next = new Int32Array(kept.length);
  for (let index = kept.length - 1; index >= 0; index -= 1) {
    const place = places[kept[index] as number] as number;
    next[index] = heads[place] as number;
    heads[place] = index;
  }
  return { heads, next };
}

/** Tells each framework of its offers, and counts them. */
function tellOffers(draft: Draft, batch: OfferBatch): void {
  for (const [framework, numbers] of batch.numbers()) {
    noteOffers(draft.allocator, framework, numbers.length);
    const connection = draft.frameworks.get(framework)?.connection;
    if (connection != null) emit(draft, offersEvent({ framework, connection }, batch, numbers));
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

/** The agent's row with other offers. A literal, as copying by spread costs several times as much on this path. */
function withOffers(agent: Agent, offers: readonly string[]): Agent {
  return {
    id: agent.id,
    ip: agent.ip,
    connection: agent.connection,
    connected: agent.connected,
    streams: agent.streams,
    heartbeatMs: agent.heartbeatMs,
    lastSeen: agent.lastSeen,
    registeredAt: agent.registeredAt,
    watch: agent.watch,
    tasks: agent.tasks,
    executors: agent.executors,
    offers,
    inverseOffers: agent.inverseOffers,
    operations: agent.operations,
    debts: agent.debts,
    kills: agent.kills,
    overcommitted: agent.overcommitted,
  };
}

/** Takes an offer out of the tables. Whoever calls it says what becomes of its resources. */
export function takeOffer(draft: Draft, id: string): OfferRow | undefined {
  const row = draft.offers.get(id);
  if (row === undefined) return undefined;
  draft.offers = draft.offers.remove(id, draft.edit);
  noteOffers(draft.allocator, row.offer.framework, -1);
  const agent = agentOf(draft, row.offer.agent);
  putAgent(draft, withOffers(agent, without(agent.offers, id)));
  closeInRun(draft, row.run);
  return row;
}

function without(offers: readonly string[], id: string): readonly string[] {
  return offers.length === 1 && offers[0] === id ? noOffers : offers.filter((other) => other !== id);
}

const noOffers: readonly string[] = [];

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
    const offer = draft.offers.get(id)?.offer;
    if (offer !== undefined && hasRevocable(offer.resources)) rescindOffer(draft, id);
  }
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
export function timeOutOffers(draft: Draft, runId: string): void {
  const run = draft.offerRuns.get(runId);
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
