/** A run decided by an `AllocationPolicy`: what it sees, and the check of every grant before it counts. */
import { contains, isEmpty, isResources } from '../resources/index.js';
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
  for (const grant of policy.allocate(viewOf(run, agents, byId, given))) {
    const agent = byId.get(grant.agent);
    if (agent === undefined) throw new PolicyError('unknown-agent', policy.name, `no agent ${grant.agent} in this run`);
    const { framework, role, resources } = grant;
    const key = grantKey(agent.id, framework, role);
    if (given.has(key)) {
      throw new PolicyError('duplicate-grant', policy.name, `${framework} was granted ${agent.id} twice as ${role}`);
    }
    given.add(key);
    checkGrant(run, agent, grant, policy);
    if (run.isHidden(agent, framework, role, resources)) continue;
    run.grant({ agent: agent.id, framework, role, resources }, agent);
  }
  return agents.some((agent) => !run.isSpent(agent) && candidatesOf(run, agent).next().done !== true);
}

/** A role holds no blank and an id no slash, so no two keys meet. */
function grantKey(agent: string, framework: string, role: string): string {
  return `${role} ${framework}/${agent}`;
}

function viewOf(
  run: AllocationRun,
  agents: readonly AllocatorAgent[],
  byId: ReadonlyMap<string, AllocatorAgent>,
  given: ReadonlySet<string>,
): AllocationView {
  return {
    now: run.state.now,
    total: run.state.total,
    *agents() {
      for (const agent of agents) if (!run.isSpent(agent)) yield agentView(run, agent);
    },
    *candidates(view) {
      const agent = byId.get(view.id);
      if (agent === undefined) return;
      for (const candidate of candidatesOf(run, agent)) {
        // Twice the same pair is a mistake, so whoever was granted something of the agent is no candidate for more of it.
        if (!given.has(grantKey(agent.id, candidate.framework, candidate.role))) yield candidate;
      }
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

/**
 * Everybody who may be granted something of the agent now, in the order of shares. The order is a snapshot, that of the
 * roles and that within a role when it is its turn; what each may get is what is left when it is asked for.
 */
function* candidatesOf(run: AllocationRun, agent: AllocatorAgent): Generator<Candidate> {
  run.turnTo(agent);
  for (const role of [...run.roles.leaves()]) {
    const order = run.frameworks(role);
    run.turnTo(agent);
    for (const id of [...order.leaves()]) {
      const framework = run.state.frameworks.get(id);
      const most = framework === undefined ? undefined : run.judge(agent, framework, role).offer;
      if (most === undefined) continue;
      yield { framework: id, role, most, client: order.client(id), roleClient: run.roles.client(role) };
    }
  }
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
  if (!isResources(grant.resources)) {
    throw new PolicyError(
      'bad-grant',
      policy.name,
      `the grant of ${grant.agent} to ${grant.framework} has no resources`,
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
