/**
 * The allocation: candidates, order, grant, commit. Coarse-grained: everything that an agent can give goes to the first
 * framework that may have it (ALLOC-4).
 */
import { drf } from '../drf/index.js';
import { add, equals, isEmpty, type Resources } from '../resources/index.js';
import { orderAgents } from './agent-order.js';
import { purgeFilters } from './filters.js';
import { hold } from './holdings.js';
import { askToLeave, type InverseGrant } from './maintenance.js';
import { isAllocationPolicy, policyFailure, type Grant, type Policy, type PolicyFailure } from './policy.js';
import { runPolicy } from './policy-run.js';
import { AllocationRun } from './run.js';
import type { AllocatorAgent, AllocatorDraft, AllocatorState } from './state.js';
import { clearRequests, isHalted, markDirty } from './when.js';

/** Which agents a run looks at. */
export type RunScope = 'requested' | 'all';

/** What a run decided: at most one grant per framework, role and agent (ALLOC-8). */
export interface Allocation {
  readonly grants: readonly Grant[];
  /** Whom it asks to leave which agent, since that will be away (INV-1). By agent, then framework. */
  readonly inverse: readonly InverseGrant[];
  readonly failure?: PolicyFailure;
}

/** Performs a run: its grants are held from now on (ALLOC-9). While nothing is allocated it is dropped (ALLOC-18, ALLOC-19). */
export function allocate(draft: AllocatorDraft, scope: RunScope, policy: Policy = drf): Allocation {
  const all = scope === 'all' || draft.requestedAll;
  if (isHalted(draft) || (!all && draft.requested.size === 0)) {
    clearRequests(draft);
    return { grants: [], inverse: [] };
  }
  const agents = all ? [...draft.agents.values()] : requestedAgents(draft);
  const plan = planRun(draft, agents, policy);
  const inverse = commit(draft, plan, agents, all);
  return plan.failure === undefined
    ? { grants: merged(plan.grants), inverse }
    : { grants: [], inverse, failure: plan.failure };
}

/** First what is guaranteed and not held yet, then the rest by fair shares (QUOTA-6, QUOTA-7). */
const quotaStages = ['guarantees', 'fair-share'] as const;

/** What a run came to, before anything is written. */
export interface RunPlan extends Omit<Allocation, 'inverse'> {
  readonly agents: readonly AllocatorAgent[];
  readonly parkedUntil: number | null;
  /** A policy left something that it could have granted: the next batch must ask it again. */
  readonly leftGrantable: boolean;
  /** What is left of agents, what quotas leave to roles, who has how many offers, when all is granted; absent when the policy failed. */
  readonly end?: Pick<AllocationRun, 'left' | 'room' | 'offersBeside'>;
}

/** Decides a run over `agents` without writing anything. */
export function planRun(state: AllocatorState, agents: readonly AllocatorAgent[], policy: Policy): RunPlan {
  const candidates = orderAgents(
    state,
    agents.filter((agent) => isCandidate(state, agent)),
  );
  try {
    if (isAllocationPolicy(policy)) {
      const run = new AllocationRun(state);
      const leftGrantable = runPolicy(run, candidates, policy);
      return { agents: candidates, grants: run.grants, parkedUntil: run.parkedUntil, leftGrantable, end: run };
    }
    const run = new AllocationRun(state, policy);
    for (const stage of run.hasQuotas ? quotaStages : (['any'] as const)) {
      run.enter(stage);
      for (const agent of candidates) giveAgent(run, agent);
    }
    return { agents: candidates, grants: run.grants, parkedUntil: run.parkedUntil, leftGrantable: false, end: run };
  } catch (thrown) {
    const failure = policyFailure(policy, thrown);
    return { agents: candidates, grants: [], parkedUntil: null, leftGrantable: true, failure };
  }
}

/** ALLOC-2: active, on the whitelist, and with something to give. */
export function isCandidate(state: AllocatorState, agent: AllocatorAgent): boolean {
  return mayBeOffered(state, agent) && !isEmpty(agent.free);
}

function mayBeOffered(state: AllocatorState, agent: AllocatorAgent): boolean {
  return agent.active && isWhitelisted(state, agent);
}

/** Whether the operator lets this host be offered. */
export function isWhitelisted(state: AllocatorState, agent: AllocatorAgent): boolean {
  return state.whitelist === null || state.whitelist.has(agent.hostname);
}

function requestedAgents(draft: AllocatorDraft): readonly AllocatorAgent[] {
  return draft.requested.keys().flatMap((id) => draft.agents.get(id) ?? []);
}

/**
 * One agent, from first role to last and within it from first framework to last. Usually the first eligible one takes
 * everything; what it may not have (reserved to another role, say) goes on down the order as it stood at this agent.
 */
function giveAgent(run: AllocationRun, agent: AllocatorAgent): void {
  run.turnTo(agent);
  let roles: Iterable<string> = run.roles.leaves();
  for (;;) {
    const taken = firstTaker(run, agent, roles);
    if (taken === undefined) return;
    // Snapshot what comes after before the grant moves the order.
    const rest = taken.spends ? [] : [...taken.otherRoles];
    const peers = taken.spends ? [] : [...taken.peers];
    run.grant(taken.grant, agent);
    if (taken.spends) return;
    for (const framework of peers) giveClient(run, agent, taken.grant.role, framework);
    roles = rest;
  }
}

/** The first framework that may have something of the agent, with who comes after it. */
interface Taker {
  readonly grant: Grant;
  /** Nothing is left of the agent after it. */
  readonly spends: boolean;
  /** Frameworks after it in its role. */
  readonly peers: Iterable<string>;
  /** Roles after its own. */
  readonly otherRoles: Iterable<string>;
}

function firstTaker(run: AllocationRun, agent: AllocatorAgent, roles: Iterable<string>): Taker | undefined {
  const roleWalk = roles[Symbol.iterator]();
  for (let role = roleWalk.next(); role.done !== true; role = roleWalk.next()) {
    if (!run.serves(role.value)) continue;
    const walk = run.frameworks(role.value).leaves()[Symbol.iterator]();
    for (let next = walk.next(); next.done !== true; next = walk.next()) {
      const offer = offerTo(run, agent, role.value, next.value);
      if (offer === undefined) continue;
      return {
        grant: { agent: agent.id, framework: next.value, role: role.value, resources: offer },
        spends: equals(offer, run.left(agent)),
        peers: rest(walk),
        otherRoles: rest(roleWalk),
      };
    }
  }
  return undefined;
}

/** The grants of both stages for one framework, role and agent as one (ALLOC-8). */
export function merged(grants: readonly Grant[]): readonly Grant[] {
  const byKey = new Map<string, Grant>();
  for (const grant of grants) {
    const key = `${grant.role} ${grant.framework}/${grant.agent}`;
    const before = byKey.get(key);
    byKey.set(key, before === undefined ? grant : { ...grant, resources: add(before.resources, grant.resources) });
  }
  return byKey.size === grants.length ? grants : [...byKey.values()];
}

function giveClient(run: AllocationRun, agent: AllocatorAgent, role: string, framework: string): void {
  const offer = offerTo(run, agent, role, framework);
  if (offer !== undefined) run.grant({ agent: agent.id, framework, role, resources: offer }, agent);
}

function offerTo(run: AllocationRun, agent: AllocatorAgent, role: string, id: string): Resources | undefined {
  const framework = run.state.frameworks.get(id);
  return framework === undefined ? undefined : run.judge(agent, framework, role).offer;
}

function* rest(walk: Iterator<string>): Generator<string> {
  for (let next = walk.next(); next.done !== true; next = walk.next()) yield next.value;
}

/**
 * Writes what was decided: holdings and shares in grant order, then what the run leaves to be done. Whoever holds
 * something by now of an agent that will be away is asked to leave it, but not by a run that failed.
 *
 * @param agents all that the run looked at, also those with nothing to give.
 */
function commit(
  draft: AllocatorDraft,
  plan: RunPlan,
  agents: readonly AllocatorAgent[],
  all: boolean,
): readonly InverseGrant[] {
  for (const agent of plan.agents) {
    const purged = purgeFilters(agent, draft, draft.now, draft.batchDue);
    if (purged !== agent) draft.agents = draft.agents.set(agent.id, purged, draft.edit);
  }
  for (const grant of plan.grants) hold(draft, grant, grant.resources);
  const leaving = agents.filter((agent) => agent.maintenance !== null && mayBeOffered(draft, agent));
  const asked = askToLeave(draft, plan.failure === undefined ? leaving : []);
  draft.runs += 1;
  clearRequests(draft);
  if (all) {
    draft.dirtySince = null;
    draft.parkedUntil = sooner(plan.parkedUntil, asked.parkedUntil);
  } else draft.parkedUntil = sooner(draft.parkedUntil, sooner(plan.parkedUntil, asked.parkedUntil));
  if (plan.leftGrantable) markDirty(draft);
  return asked.inverse;
}

/** Of two instants the earlier; null = never. */
function sooner(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}
