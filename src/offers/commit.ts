/** Writes what a run has decided: who holds what, the shares, and what the run leaves to be done. */
import {
  Table,
  add,
  compareText,
  hasPersistentVolumes,
  hasShared,
  noResources,
  type Resources,
} from '../resources/index.js';
import { mayBeOffered } from './candidates.js';
import { purgeFilters } from './filters.js';
import { freeOf } from './free.js';
import { compareHoldings, hold, withHeld } from './holdings.js';
import { askToLeave } from './maintenance.js';
import type { OrderRun } from './order-run.js';
import type { Allocation, RunPlan } from './plan.js';
import type { Grant } from './policy.js';
import type { AllocatorAgent, AllocatorDraft, Holding } from './state.js';
import { clearRequests, markDirty } from './when.js';

/**
 * Writes a run. Whoever holds something by now of an agent that will be away is asked to leave it, but not by a run that
 * failed.
 *
 * @param agents all that the run looked at, also those with nothing to give
 * @param all whether these are all agents there are, in the order of `Table.forEach`
 * @param firstOffer the number of the offer that is made of the first grant, if offers are made; the others follow
 */
export function commitRun(
  draft: AllocatorDraft,
  plan: RunPlan,
  agents: readonly AllocatorAgent[],
  all: boolean,
  firstOffer?: number,
): Allocation {
  const { grants, run, failure } = plan;
  const isPlain = run !== undefined && !grants.some(({ resources }) => hasShared(resources));
  const written = isPlain
    ? writeAtOnce(draft, run, plan, agents, all, firstOffer)
    : writeOneByOne(draft, plan, agents, firstOffer);
  const leaving = agents
    .filter((agent) => agent.maintenance !== null && mayBeOffered(draft, agent))
    .sort((a, b) => compareText(a.id, b.id));
  const asked = askToLeave(draft, failure === undefined ? leaving : []);
  draft.runs += 1;
  if (all) {
    draft.freshAll = false;
    draft.fresh = Table.empty();
    draft.parkedUntil = null;
  } else for (const { id } of agents) draft.fresh = draft.fresh.remove(id, draft.edit);
  if (!draft.freshAll && draft.fresh.size === 0) draft.dirtySince = null;
  if (run?.metBound === true) draft.freshAll = true;
  draft.parkedUntil = sooner(draft.parkedUntil, sooner(plan.parkedUntil, asked.parkedUntil));
  clearRequests(draft);
  if (plan.leftGrantable) markDirty(draft);
  return { grants, ...written, inverse: asked.inverse, ...(failure === undefined ? {} : { failure }) };
}

/** Gives one grant outside of any run, for an offer of that number: the caller says that it may be given. */
export function grantOne(draft: AllocatorDraft, grant: Grant, offer: number): Allocation {
  const rows = grantInTurn(draft, [grant], offer);
  return { grants: [grant], rows, inverse: [] };
}

/** Grant by grant: copies of something shared count by who else holds them. */
function writeOneByOne(
  draft: AllocatorDraft,
  { grants, candidates }: RunPlan,
  agents: readonly AllocatorAgent[],
  firstOffer: number | undefined,
): Pick<Allocation, 'rows'> {
  for (const place of candidates) {
    const agent = agents[place] as AllocatorAgent;
    const purged = purgeFilters(agent, draft, { now: draft.now, batch: draft.batchDue });
    if (purged !== agent) draft.agents = draft.agents.set(agent.id, purged, draft.edit);
  }
  return { rows: grantInTurn(draft, grants, firstOffer) };
}

/** Gives one grant after the other. @returns by grant: its agent when all are given */
function grantInTurn(
  draft: AllocatorDraft,
  grants: readonly Grant[],
  firstOffer: number | undefined,
): readonly AllocatorAgent[] {
  for (const [index, grant] of grants.entries()) {
    hold(draft, grant, grant.resources);
    const row = draft.agents.get(grant.agent);
    if (row === undefined || firstOffer === undefined) continue;
    const numbered = withHeld(row, row.held, row.free, [...row.offers, firstOffer + index]);
    draft.agents = draft.agents.set(row.id, numbered, draft.edit);
  }
  return grants.map(({ agent }) => draft.agents.get(agent) as AllocatorAgent);
}

/** Each agent's row, and each row of the trees of shares, is written once. */
function writeAtOnce(
  draft: AllocatorDraft,
  run: OrderRun,
  { candidates }: RunPlan,
  agents: readonly AllocatorAgent[],
  all: boolean,
  firstOffer: number | undefined,
): Pick<Allocation, 'rows'> {
  const { roles, clients } = run.forest.commit(draft.edit);
  draft.shares = roles;
  draft.clients = clients;
  const after = rowsAfter(draft, run, candidates, agents, firstOffer);
  const rows = run.book.agents.map((at) => after[candidates[at] as number] as AllocatorAgent);
  // Only a run of all agents goes by the places of the table, and only many are worth a walk over all.
  if (all && changedCount(after) * worthwhile > agents.length) {
    let place = 0;
    draft.agents = draft.agents.revise((row) => after[place++] ?? row, draft.edit);
    return { rows };
  }
  for (const row of after) if (row !== undefined) draft.agents = draft.agents.set(row.id, row, draft.edit);
  return { rows };
}

/** To pass over one row costs so much less than to find one. */
const worthwhile = 8;

function changedCount(after: readonly (AllocatorAgent | undefined)[]): number {
  let count = 0;
  for (const row of after) if (row !== undefined) count += 1;
  return count;
}

/** By place: the new row of an agent; undefined = it stays as it is. */
function rowsAfter(
  draft: AllocatorDraft,
  run: OrderRun,
  candidates: readonly number[],
  agents: readonly AllocatorAgent[],
  firstOffer: number | undefined,
): readonly (AllocatorAgent | undefined)[] {
  const after = Array<AllocatorAgent | undefined>(agents.length).fill(undefined);
  const moment = { now: draft.now, batch: draft.batchDue };
  for (let at = 0; at < candidates.length; at += 1) {
    const place = candidates[at] as number;
    const before = agents[place] as AllocatorAgent;
    let agent = before.refusals.groups.length === 0 ? before : purgeFilters(before, draft, moment);
    run.book.each(at, (index) => {
      const held = withGrant(agent.held, run.grants[index] as Grant);
      const offers = firstOffer === undefined ? agent.offers : withNumber(agent.offers, firstOffer + index);
      agent = withHeld(agent, held, freeAfter(agent, held, run.left[at] ?? noResources), offers);
    });
    if (agent !== before) after[place] = agent;
  }
  return after;
}

/** What is left after a run is what is left of the total: volumes apart, whose copies and sizes count. */
function freeAfter({ total }: AllocatorAgent, held: readonly Holding[], left: Resources): Resources {
  return hasShared(total) || hasPersistentVolumes(total) ? freeOf(total, held) : left;
}

function withNumber(offers: readonly number[], number: number): readonly number[] {
  return offers.length === 0 ? [number] : [...offers, number];
}

function withGrant(held: readonly Holding[], { framework, role, resources }: Grant): readonly Holding[] {
  if (held.length === 0) return [{ framework, role, resources }];
  const same = held.findIndex((holding) => holding.framework === framework && holding.role === role);
  if (same === -1) return [...held, { framework, role, resources }].sort(compareHoldings);
  return held.map((holding, index) =>
    index === same ? { framework, role, resources: add(holding.resources, resources) } : holding,
  );
}

/** Of two instants the earlier; null = never. */
function sooner(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
