/**
 * A run without quotas as the rules say it, and nothing saved: for each agent in turn all roles in order and all
 * frameworks of each are noted, then asked one after the other what they may have of what is left (ALLOC-4). What it
 * grants is written grant by grant.
 */
import type { OrderRule } from '../../src/drf/index.js';
import { orderAgents } from '../../src/offers/agent-order.js';
import { isCandidate, mayBeOffered } from '../../src/offers/candidates.js';
import { purgeFilters } from '../../src/offers/filters.js';
import {
  closeAllocator,
  hold,
  judge,
  openAllocator,
  type AllocatorAgent,
  type AllocatorFramework,
  type AllocatorState,
  type Grant,
  type RunScope,
  type Verdict,
} from '../../src/offers/index.js';
import { askToLeave, type InverseGrant } from '../../src/offers/maintenance.js';
import { AllocationRun } from '../../src/offers/run.js';
import { clearRequests, isHalted } from '../../src/offers/when.js';
import { Edit, Table, compareText, isEmpty, type Resources } from '../../src/resources/index.js';

/** What was asked in a run, and the answer. */
export interface Asked {
  readonly agent: AllocatorAgent;
  readonly framework: AllocatorFramework;
  readonly role: string;
  /** What was left of the agent at that moment. */
  readonly free: Resources;
  readonly verdict: Verdict;
}

export interface ReferenceRun {
  readonly grants: readonly Grant[];
  readonly asked: readonly Asked[];
  /** The first batch in which something that a filter withheld, of an agent of which something is left, is offered. */
  readonly parkedUntil: number | null;
  /** Somebody came first only by the number of allocations or by name. */
  readonly ties: number;
}

/** The agents that a run is of: a batch is of all. */
function agentsOf(state: AllocatorState, scope: RunScope): readonly AllocatorAgent[] {
  return state.batchDue ? state.agents.values() : lookedAt(state, scope);
}

/** The agents that a run looks at: in a batch those of which something came back are enough, if nothing changed for all. */
export function lookedAt(state: AllocatorState, scope: RunScope): readonly AllocatorAgent[] {
  const agents: AllocatorAgent[] = [];
  if (isFull(state, scope)) state.agents.forEach((agent) => agents.push(agent));
  else {
    const ids = new Set([...state.requested.keys(), ...(state.batchDue ? state.fresh.keys() : [])]);
    for (const id of [...ids].sort(compareText))
      agents.push(...[state.agents.get(id)].filter((row) => row !== undefined));
  }
  return agents;
}

/** Whether a run looks at all agents: it is asked to, or is a batch since whose instant something changed for all. */
export function isFull(state: AllocatorState, scope: RunScope): boolean {
  return scope === 'all' || state.requestedAll || (state.batchDue && state.freshAll);
}

/** Decides a run. */
export function referenceRun(state: AllocatorState, scope: RunScope, rule: OrderRule): ReferenceRun {
  const candidates = agentsOf(state, scope).filter((agent) => isCandidate(state, agent));
  const run = new AllocationRun(state, rule);
  const asked: Asked[] = [];
  let parkedUntil = Infinity;
  let ties = 0;
  for (const place of Array.from(orderAgents(state, candidates))) {
    const agent = candidates[place];
    if (agent === undefined) throw new Error('an order has no more places than agents');
    run.turnTo(agent);
    let parkedHere = Infinity;
    const order = [...run.roles.leaves()].map((role) => ({ role, ids: [...run.frameworks(role).leaves()] }));
    ties += order.filter(({ role, ids }) => isTie(run, rule, role, ids)).length;
    for (const { role, ids } of order) {
      for (const id of ids) {
        const framework = state.frameworks.get(id);
        if (framework === undefined) throw new Error(`${id} is in a role and nowhere else`);
        const free = run.left(agent);
        const offersBeside = run.offersBeside(framework, role, agent.id);
        const verdict = judge({ state, agent, free, framework, role, offersBeside });
        asked.push({ agent, framework, role, free, verdict });
        if (verdict.refusal?.code === 'filtered') parkedHere = Math.min(parkedHere, verdict.refusal.firstBatch);
        if (verdict.offer !== undefined)
          run.grant({ agent: agent.id, framework: id, role, resources: verdict.offer }, agent);
      }
    }
    if (!isEmpty(run.left(agent))) parkedUntil = Math.min(parkedUntil, parkedHere);
  }
  return { grants: run.grants, asked, parkedUntil: parkedUntil === Infinity ? null : parkedUntil, ties };
}

/** Whether the first two of a role have the same rank. */
function isTie(run: AllocationRun, rule: OrderRule, role: string, [first, second]: readonly string[]): boolean {
  if (first === undefined || second === undefined) return false;
  const order = run.frameworks(role);
  return rule.rank(order.client(first)) === rule.rank(order.client(second));
}

/** What comes of a run. */
export interface Written {
  readonly state: AllocatorState;
  readonly inverse: readonly InverseGrant[];
}

/** Performs a run: first what is void or over is let go on the agents that had something to give, then grant by grant. */
export function writeSlowly(
  state: AllocatorState,
  scope: RunScope,
  { grants, parkedUntil }: ReferenceRun,
  freshAll?: boolean,
): Written {
  const draft = openAllocator(state, new Edit());
  draft.seq += 1;
  const all = isFull(state, scope);
  const looked = lookedAt(state, scope);
  if (isHalted(state) || (!all && looked.length === 0)) {
    clearRequests(draft);
    return { state: closeAllocator(draft), inverse: [] };
  }
  const agents = agentsOf(state, scope);
  const moment = { now: state.now, batch: state.batchDue };
  for (const agent of agents) {
    if (isCandidate(state, agent)) draft.agents = draft.agents.set(agent.id, purgeFilters(agent, state, moment));
  }
  for (const grant of grants) hold(draft, grant, grant.resources);
  const leaving = agents.filter((agent) => agent.maintenance !== null && mayBeOffered(state, agent));
  const asked = askToLeave(
    draft,
    leaving.toSorted((a, b) => compareText(a.id, b.id)),
  );
  draft.runs += 1;
  clearRequests(draft);
  const before = all ? null : state.parkedUntil;
  const batches = [before, parkedUntil, asked.parkedUntil].filter((batch) => batch !== null);
  draft.parkedUntil = batches.length === 0 ? null : Math.min(...batches);
  if (all) {
    draft.fresh = Table.empty();
    draft.freshAll = false;
  } else for (const { id } of looked) draft.fresh = draft.fresh.remove(id);
  if (!draft.freshAll && draft.fresh.size === 0) draft.dirtySince = null;
  draft.freshAll = freshAll ?? draft.freshAll;
  return { state: closeAllocator(draft), inverse: asked.inverse };
}
