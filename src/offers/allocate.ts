/**
 * The allocation: candidates, order, grant, commit. Coarse-grained: everything that an agent can give goes to the first
 * framework that may have it (ALLOC-4).
 */
import { drf } from '../drf/index.js';
import { orderAgents } from './agent-order.js';
import { isCandidate } from './candidates.js';
import { commitRun } from './commit.js';
import { OrderRun } from './order-run.js';
import type { Allocation, RunPlan } from './plan.js';
import { isAllocationPolicy, policyFailure, type Policy } from './policy.js';
import { runPolicy } from './policy-run.js';
import { AllocationRun } from './run.js';
import type { AllocatorAgent, AllocatorDraft, AllocatorState } from './state.js';
import { clearRequests, isHalted, requestFresh } from './when.js';

/** Which agents a run looks at. */
export type RunScope = 'requested' | 'all';

const nothing: Allocation = { grants: [], rows: [], inverse: [] };

/**
 * Performs a run: its grants are held from now on (ALLOC-9). While nothing is allocated it is dropped (ALLOC-18, ALLOC-19).
 *
 * @param firstOffer for whoever makes offers of grants: the number of the first. The others follow in the order of grants,
 *   and agents' rows name them from now on.
 */
export function allocate(
  draft: AllocatorDraft,
  scope: RunScope,
  policy: Policy = drf,
  firstOffer?: number,
): Allocation {
  // A policy that decides everything is shown everything in a batch. And something may have changed for all since it fell due.
  const isBatchOfAll = draft.batchDue && (draft.freshAll || isAllocationPolicy(policy));
  const all = scope === 'all' || draft.requestedAll || isBatchOfAll;
  // What became fresh since the batch fell due is looked at too.
  if (draft.batchDue && !all) requestFresh(draft);
  if (isHalted(draft) || (!all && draft.requested.size === 0)) {
    clearRequests(draft);
    return nothing;
  }
  const agents = all ? allAgents(draft) : requestedAgents(draft);
  const plan = planRun(draft, agents, policy);
  return commitRun(draft, plan, agents, all, firstOffer);
}

/** Decides a run over `agents` without writing anything. */
export function planRun(state: AllocatorState, agents: readonly AllocatorAgent[], policy: Policy): RunPlan {
  const candidates: number[] = [];
  for (let place = 0; place < agents.length; place += 1) {
    if (isCandidate(state, agents[place] as AllocatorAgent)) candidates.push(place);
  }
  const rows = candidates.map((place) => agents[place] as AllocatorAgent);
  try {
    if (isAllocationPolicy(policy)) {
      const inOrder = Array.from(orderAgents(state, rows), (at) => rows[at] as AllocatorAgent);
      const run = new AllocationRun(state);
      const leftGrantable = runPolicy(run, inOrder, policy);
      return { grants: run.grants, candidates, parkedUntil: run.parkedUntil, leftGrantable, end: run };
    }
    if (rows.length === 0) return { grants: [], candidates, parkedUntil: null, leftGrantable: false };
    const run = new OrderRun(state, policy);
    run.perform(rows, orderAgents(state, rows));
    return { grants: run.grants, candidates, parkedUntil: run.parkedUntil, leftGrantable: false, end: run, run };
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
