/** The life of an offer: outstanding, then accepted, declined, rescinded or discarded, exactly once (OFFER-1 … 7). */
import { dropSilenceFilters, hideAfterSilence, recover, type Grant } from '../offers/index.js';
import { Table } from '../resources/index.js';
import { pushDeadline } from './deadlines.js';
import { agentOf, idPrefix, putAgent, putFramework, tell, type Draft } from './draft.js';
import type { Offer } from './outputs.js';
import type { Framework, OfferRow } from './state.js';

/** Turns the grants of one run into offers: one event a framework, in the order of their first grants (OFFER-2). */
export function makeOffers(draft: Draft, grants: readonly Grant[]): void {
  const byFramework = new Map<string, Offer[]>();
  const first = draft.nextOffer;
  const run = draft.nextRun;
  for (const grant of grants) {
    const offer = makeOffer(draft, grant, run);
    if (offer === undefined) continue;
    const mine = byFramework.get(grant.framework);
    if (mine === undefined) byFramework.set(grant.framework, [offer]);
    else mine.push(offer);
  }
  if (byFramework.size === 0) return;
  fileRun(draft, run, first);
  for (const [framework, offers] of byFramework) tell(draft, framework, { type: 'offers', offers });
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
    executors: agent.executors.filter((executor) => executor.framework === framework.id).map(({ info }) => info.id),
    ...(machine.domain === null ? {} : { domain: machine.domain }),
    at: draft.now,
  });
  draft.nextOffer += 1;
  draft.offers = draft.offers.set(offer.id, { offer, run, seq: draft.seq }, draft.edit);
  putAgent(draft, { ...agent, offers: [...agent.offers, offer.id] });
  return offer;
}

/** The offers of a run time out together: one deadline for all (OFFER-6). */
function fileRun(draft: Draft, run: number, first: number): void {
  const key = runKey(run);
  draft.nextRun += 1;
  const last = draft.nextOffer - 1;
  draft.offerRuns = draft.offerRuns.set(key, { first, last, open: last - first + 1 }, draft.edit);
  const { offerTimeoutMs } = draft.config;
  if (offerTimeoutMs === null) return;
  const at = draft.now - draft.stalledMs + offerTimeoutMs;
  draft.awakeDeadlines = pushDeadline(draft.awakeDeadlines, { at, kind: 'offers', id: key, token: run });
}

/** Numbers of runs sort as text. */
function runKey(run: number): string {
  return String(run).padStart(16, '0');
}

/** Takes an offer out of the tables. Whoever calls it says what becomes of its resources. */
export function takeOffer(draft: Draft, id: string): OfferRow | undefined {
  const row = draft.offers.get(id);
  if (row === undefined) return undefined;
  draft.offers = draft.offers.remove(id, draft.edit);
  const agent = agentOf(draft, row.offer.agent);
  putAgent(draft, { ...agent, offers: agent.offers.filter((other) => other !== id) });
  const key = runKey(row.run);
  const run = draft.offerRuns.get(key);
  if (run !== undefined) {
    draft.offerRuns =
      run.open > 1
        ? draft.offerRuns.set(key, { ...run, open: run.open - 1 }, draft.edit)
        : draft.offerRuns.remove(key, draft.edit);
  }
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

/** Rescinds everything that is offered (WEIGHT-2). */
export function rescindAllOffers(draft: Draft): void {
  for (const id of draft.offers.keys()) rescindOffer(draft, id);
}

/** Ids of a framework's outstanding offers; with `roles`, only of those. By agent, then in the order in which they were made. */
export function offersOf(draft: Draft, framework: string, roles?: readonly string[]): readonly string[] {
  const agents = draft.allocator.frameworks.get(framework)?.agents.keys() ?? [];
  return agents
    .flatMap((agent) => draft.agents.get(agent)?.offers ?? [])
    .filter((id) => {
      const offer = draft.offers.get(id)?.offer;
      return offer?.framework === framework && (roles === undefined || roles.includes(offer.role));
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
