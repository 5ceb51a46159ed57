/**
 * The allocation: candidates, order, grant, commit. Coarse-grained: everything that an agent can give goes to the first
 * framework that may have it (ALLOC-4).
 */
import { drf } from '../drf/index.js';
import { add, equals, type Resources } from '../resources/index.js';
import { orderAgents } from './agent-order.js';
import { isCandidate } from './candidates.js';
import { commitRun } from './commit.js';
import { OrderRun } from './order-run.js';
import type { Allocation, RunPlan } from './plan.js';
import { isAllocationPolicy, policyFailure, type Grant, type Policy } from './policy.js';
import { runPolicy } from './policy-run.js';
import { AllocationRun } from './run.js';
import type { AllocatorAgent, AllocatorDraft, AllocatorState } from './state.js';
import { clearRequests, isHalted } from './when.js';

/** Which agents a run looks at. */
export type RunScope = 'requested' | 'all';

const nothing: Allocation = { grants: [], rows: [], inverse: [] };

/** Performs a run: its grants are held from now on (ALLOC-9). While nothing is allocated it is dropped (ALLOC-18, ALLOC-19). */
export function allocate(draft: AllocatorDraft, scope: RunScope, policy: Policy = drf): Allocation {
  const all = scope === 'all' || draft.requestedAll;
  if (isHalted(draft) || (!all && draft.requested.size === 0)) {
    clearRequests(draft);
    return nothing;
  }
  const agents = all ? allAgents(draft) : requestedAgents(draft);
  const plan = planRun(draft, agents, policy);
  return commitRun(draft, plan, agents, all);
}

/** First what is guaranteed and not held yet, then the rest by fair shares (QUOTA-6, QUOTA-7). */
const quotaStages = ['guarantees', 'fair-share'] as const;

/** Decides a run over `agents` without writing anything. */
export function planRun(state: AllocatorState, agents: readonly AllocatorAgent[], policy: Policy): RunPlan {
  const candidates: number[] = [];
  for (let place = 0; place < agents.length; place += 1) {
    if (isCandidate(state, agents[place] as AllocatorAgent)) candidates.push(place);
  }
  const rows = candidates.map((place) => agents[place] as AllocatorAgent);
  const order = orderAgents(state, rows);
  try {
    if (!isAllocationPolicy(policy) && rows.length === 0) {
      return { grants: [], candidates, parkedUntil: null, leftGrantable: false };
    }
    if (!isAllocationPolicy(policy) && state.quotas.size === 0) {
      const run = new OrderRun(state, policy);
      for (let turn = 0; turn < order.length; turn += 1) {
        const at = order[turn] as number;
        run.give(rows[at] as AllocatorAgent, candidates[at] as number);
      }
      return { grants: run.grants, candidates, parkedUntil: run.parkedUntil, leftGrantable: false, end: run, run };
    }
    const inOrder = Array.from(order, (at) => rows[at] as AllocatorAgent);
    const run = new AllocationRun(state, isAllocationPolicy(policy) ? drf : policy);
    if (isAllocationPolicy(policy)) {
      const leftGrantable = runPolicy(run, inOrder, policy);
      return { grants: merged(run.grants), candidates, parkedUntil: run.parkedUntil, leftGrantable, end: run };
    }
    for (const stage of quotaStages) {
      run.enter(stage);
      for (const agent of inOrder) giveAgent(run, agent);
    }
    return { grants: merged(run.grants), candidates, parkedUntil: run.parkedUntil, leftGrantable: false, end: run };
  } catch (thrown) {
    return { grants: [], candidates, parkedUntil: null, leftGrantable: true, failure: policyFailure(policy, thrown) };
  }
}

function allAgents(draft: AllocatorDraft): readonly AllocatorAgent[] {
  const agents: AllocatorAgent[] = [];
  draft.agents.forEach((agent) => agents.push(agent));
  return agents;
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
