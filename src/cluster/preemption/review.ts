/**
 * Preemption: who lacks what it is entitled to, and asks for it, gets it from those who have more.
 *
 * A role lacks something when its frameworks recorded requests (`request`) and its tasks use less than its guarantee, or less
 * than its fair share by more than `margin`. When it has lacked that for `patienceMs`, the master makes room for one request
 * after the other, on one agent each, and asks back in this order:
 *
 * 1. offers that were not answered yet: they are rescinded;
 * 2. tasks: their frameworks are told by an inverse offer that names them and when they will end, `noticeMs` ahead;
 * 3. then those that may be ended are killed, with at most `graceMs` of grace: tasks that use revocable resources, that are
 *    `preemptible`, or whose priority is below that of the framework that asks. What may not be ended is asked for, no more.
 *
 * What comes free is offered to the one who asked, and to nobody else.
 *
 * **Why it ends.** Let the potential be the sum, over all roles, of what they lack of what they are entitled to
 * ({@link entitlements}). Tasks are taken only from roles that keep at least what they are entitled to, so nobody comes to
 * lack anything by giving; the role that gets lacked something, and lacks less of it. So while what roles use and ask for
 * together stays the same (whoever loses a task asks for another one), what they are entitled to stays the same, and the
 * potential strictly falls with each task that is ended and each request that is met; whoever loses a task and does not ask
 * again makes the total wish smaller, which cannot go on for ever either. Those who ask in bad faith, and refuse what they
 * are offered, are bounded by themselves: each request is worth as many claims as it counts, until it is made anew.
 */
import { isHalted, type Demand } from '../../offers/index.js';
import { Table, contains, equals } from '../../resources/index.js';
import type { PreemptionSettings } from '../config.js';
import { pushDeadline } from '../deadlines.js';
import { newWatch, type Draft } from '../draft.js';
import { advanceClaim, beginClaim, dropClaim, forgetAsks, meetClaim } from './claims.js';
import { Standings, type RoleStanding } from './entitlements.js';
import { noPreemption } from './state.js';
import { RoomFinder, type Ask } from './victims.js';

/** Shares are sums of quotients: what differs by less is equal. */
const epsilon = 1e-9;

/** Looks at who lacks what, and what was begun; then says when to look again. */
export function reviewPreemption(draft: Draft): void {
  draft.preemption = { ...draft.preemption, review: null };
  const settings = draft.config.preemption;
  if (settings === null) return;
  for (const claim of draft.preemption.claims.values()) advanceClaim(draft, claim, settings);
  const standings = new Standings(draft);
  noteLacking(draft, standings, settings);
  if (!isHalted(draft.allocator)) claimForLacking(draft, standings, settings);
  planReview(draft, settings);
}

/** After a run, which follows upon all by which a role may come to lack something: looks if anybody asks for anything. */
export function reviewIfAsked(draft: Draft): void {
  if (mayBeAsked(draft)) reviewPreemption(draft);
}

/** Something changed upon which no run follows: it is looked at in an instant. */
function askForReview(draft: Draft): void {
  if (mayBeAsked(draft)) setReview(draft, draft.now - draft.stalledMs);
}

function mayBeAsked({ preemption, allocator, config }: Draft): boolean {
  const isUnderWay = preemption.claims.size > 0 || preemption.lacking.size > 0;
  return config.preemption !== null && (allocator.demand.size > 0 || isUnderWay);
}

/** The settings changed: what was begun under others is dropped. */
export function restartPreemption(draft: Draft): void {
  for (const agent of draft.preemption.claims.keys()) dropClaim(draft, agent);
  draft.preemption = noPreemption;
  askForReview(draft);
}

/** What is free for those who claimed it is offered to them, before anybody else is. */
export function meetClaims(draft: Draft): void {
  const { preemption, config, allocator } = draft;
  if (preemption.claims.size === 0 || config.preemption === null || isHalted(allocator)) return;
  const finder = new RoomFinder(draft, new Standings(draft), config.preemption.patienceMs);
  for (const claim of preemption.claims.values()) meetClaim(draft, claim, finder);
}

/** A framework said anew what it asks for: claims may be made for it again. */
export function renewAsks(draft: Draft, framework: string): void {
  forgetAsks(draft, framework);
  askForReview(draft);
}

function noteLacking(draft: Draft, standings: Standings, settings: PreemptionSettings): void {
  const since = draft.preemption.lacking;
  const awake = draft.now - draft.stalledMs;
  const lacking = standings.all().filter((standing) => isLacking(standing, settings));
  draft.preemption = {
    ...draft.preemption,
    lacking: Table.from(lacking.map(({ role }) => [role, since.get(role) ?? awake] as const)),
  };
}

function isLacking({ used, entitled, guaranteed }: RoleStanding, { margin }: PreemptionSettings): boolean {
  return used < guaranteed - epsilon || used < entitled * (1 - margin) - epsilon;
}

/** Makes claims for those who have waited long enough, the one that lacks most first. */
function claimForLacking(draft: Draft, standings: Standings, settings: PreemptionSettings): void {
  const awake = draft.now - draft.stalledMs;
  const finder = new RoomFinder(draft, standings, settings.patienceMs);
  const due = standings
    .all()
    .filter(({ role }) => (draft.preemption.lacking.get(role) ?? Infinity) + settings.patienceMs <= awake)
    .sort((a, b) => b.lacking - a.lacking);
  for (const { role } of due) {
    for (const { ask, most } of asksOf(draft, role)) {
      for (let n = 0; n < most; n += 1) {
        const plan = isLacking(standings.of(role), settings) ? finder.cheapest(ask) : undefined;
        if (plan === undefined) break;
        standings.count(role, ask.resources, 1);
        for (const victim of plan.victims) standings.count(victim.role, victim.resources, -1);
        spend(draft, ask.framework.id);
        beginClaim(draft, ask, plan, settings);
      }
    }
  }
}

/** What a role's frameworks ask for, and how many claims may be made for each ask now. */
function* asksOf(draft: Draft, role: string): Generator<{ readonly ask: Ask; readonly most: number }, void, undefined> {
  for (const [id, demand] of draft.allocator.demand.entries()) {
    const framework = draft.allocator.frameworks.get(id);
    if (framework?.active !== true || framework.suppressed.includes(role) || !framework.roles.includes(role)) continue;
    for (const { agent, resources, count, role: named } of demand) {
      if ((named ?? framework.roles[0]) !== role) continue;
      const ask: Ask = { framework, role, agent, resources };
      yield { ask, most: Math.min(count - promised(draft, ask), creditOf(draft, id, demand)) };
    }
  }
}

/** How many of an ask are claimed already, or were offered and not answered yet. */
function promised(draft: Draft, { framework, role, resources }: Ask): number {
  const claims = draft.preemption.claims.values().filter((claim) => {
    return claim.framework === framework.id && claim.role === role && equals(claim.resources, resources);
  });
  const offers = draft.offers.numbersOf(framework.id).filter((number) => {
    const offer = draft.offers.at(number)?.offer;
    return offer?.role === role && contains(offer.resources, resources);
  });
  return claims.length + offers.length;
}

function creditOf(draft: Draft, framework: string, demand: readonly Demand[]): number {
  return demand.reduce((sum, { count }) => sum + count, 0) - (draft.preemption.spent.get(framework) ?? 0);
}

function spend(draft: Draft, framework: string): void {
  const { spent } = draft.preemption;
  draft.preemption = { ...draft.preemption, spent: spent.set(framework, (spent.get(framework) ?? 0) + 1, draft.edit) };
}

/** When time alone changes something: a role has waited long enough, a stage of a claim is over, an offer is old. */
function planReview(draft: Draft, { patienceMs }: PreemptionSettings): void {
  const awake = draft.now - draft.stalledMs;
  const { lacking, claims } = draft.preemption;
  let next = Infinity;
  const consider = (at: number): void => {
    if (at > awake && at < next) next = at;
  };
  for (const { until } of claims.values()) consider(until);
  for (const since of lacking.values()) consider(since + patienceMs);
  if (lacking.size > 0) draft.offers.forEach(({ offer }) => consider(offer.at - draft.stalledMs + patienceMs));
  if (next !== Infinity) setReview(draft, next);
}

function setReview(draft: Draft, at: number): void {
  const { review } = draft.preemption;
  if (review !== null && review.at <= at) return;
  const watch = newWatch(draft);
  draft.preemption = { ...draft.preemption, review: { at, watch } };
  draft.deadlines = pushDeadline(draft.deadlines, { at, kind: 'review', id: '', token: watch });
}
