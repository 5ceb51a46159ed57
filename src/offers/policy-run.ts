/** A run decided by an `AllocationPolicy`: what it sees, and the check of every grant before it counts. */
import { contains, isEmpty } from '../resources/index.js';
import { PolicyError } from '../drf/index.js';
import type { AgentView, AllocationPolicy, AllocationView, Candidate, Grant } from './policy.js';
import type { AllocationRun } from './run.js';
import type { AllocatorAgent } from './state.js';

/**
 * Lets the policy decide over `agents` and checks each grant as it comes. Returns whether something grantable is left.
 * Throws `PolicyError` for a bad grant, and whatever the policy throws.
 */
export function runPolicy(run: AllocationRun, agents: readonly AllocatorAgent[], policy: AllocationPolicy): boolean {
  const byId = new Map(agents.map((agent) => [agent.id, agent]));
  const given = new Set<string>();
  for (const grant of policy.allocate(viewOf(run, agents, byId))) {
    const agent = byId.get(grant.agent);
    if (agent === undefined) throw new PolicyError('unknown-agent', policy.name, `no agent ${grant.agent} in this run`);
    checkGrant(run, agent, grant, policy);
    const key = `${grant.role} ${grant.framework} ${grant.agent}`;
    if (given.has(key)) {
      throw new PolicyError(
        'duplicate-grant',
        policy.name,
        `${grant.framework} was granted ${grant.agent} twice as ${grant.role}`,
      );
    }
    given.add(key);
    run.grant({ agent: grant.agent, framework: grant.framework, role: grant.role, resources: grant.resources }, agent);
  }
  return agents.some((agent) => !run.isSpent(agent) && candidatesOf(run, agent).length > 0);
}

function viewOf(
  run: AllocationRun,
  agents: readonly AllocatorAgent[],
  byId: ReadonlyMap<string, AllocatorAgent>,
): AllocationView {
  return {
    now: run.state.now,
    total: run.state.total,
    *agents() {
      for (const agent of agents) if (!run.isSpent(agent)) yield agentView(run, agent);
    },
    candidates(view) {
      const agent = byId.get(view.id);
      return agent === undefined ? [] : candidatesOf(run, agent);
    },
  };
}

function agentView(run: AllocationRun, agent: AllocatorAgent): AgentView {
  return {
    id: agent.id,
    hostname: agent.hostname,
    attributes: agent.attributes,
    get free() {
      return run.left(agent);
    },
    total: agent.total,
  };
}

/** Everybody who may be granted something of the agent now, in the order of shares. A snapshot: grants don't disturb it. */
function candidatesOf(run: AllocationRun, agent: AllocatorAgent): readonly Candidate[] {
  run.turnTo(agent);
  const candidates: Candidate[] = [];
  for (const role of [...run.roles.leaves()]) {
    const order = run.frameworks(role);
    for (const id of [...order.leaves()]) {
      const framework = run.state.frameworks.get(id);
      const most = framework === undefined ? undefined : run.judge(agent, framework, role).offer;
      if (most === undefined) continue;
      candidates.push({ framework: id, role, most, client: order.client(id), roleClient: run.roles.client(role) });
    }
  }
  return candidates;
}

function checkGrant(run: AllocationRun, agent: AllocatorAgent, grant: Grant, policy: AllocationPolicy): void {
  const framework = run.state.frameworks.get(grant.framework);
  if (framework === undefined || !isSorted(run, grant)) {
    throw new PolicyError(
      'unknown-framework',
      policy.name,
      `no framework ${grant.framework} takes offers as ${grant.role}`,
    );
  }
  if (isEmpty(grant.resources)) {
    throw new PolicyError('empty-grant', policy.name, `nothing was granted to ${grant.framework} of ${grant.agent}`);
  }
  const { offer } = run.judge(agent, framework, grant.role);
  if (offer === undefined || !contains(offer, grant.resources)) {
    const most = offer === undefined ? 'nothing' : String(offer);
    throw new PolicyError(
      'grant-above-most',
      policy.name,
      `${String(grant.resources)} of ${grant.agent} was granted to ${grant.framework}; the most is ${most}`,
    );
  }
}

/** Whether the pair is active in the sort: subscribed, not suppressed, connected. */
function isSorted(run: AllocationRun, grant: Grant): boolean {
  const framework = run.state.frameworks.get(grant.framework);
  return (
    framework !== undefined &&
    framework.active &&
    framework.roles.includes(grant.role) &&
    !framework.suppressed.includes(grant.role)
  );
}
