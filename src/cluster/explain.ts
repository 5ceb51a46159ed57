/**
 * Why a framework is, or is not, offered something. The answer comes from the run itself: the next run of all agents is
 * planned on the state as it is (nothing is written), and where it grants nothing the one predicate of the allocation
 * says why. So what is explained is what happens.
 */
import {
  isWhitelisted,
  judge,
  QuotaBook,
  offersOutOf,
  planRun,
  type AllocatorAgent,
  type AllocatorFramework,
  type Policy,
  type QuotaRoom,
  type Refusal,
  type RunPlan,
} from '../offers/index.js';
import { drf } from '../drf/index.js';
import { cappedQuantities } from '../resources/measure.js';
import {
  amount,
  contains,
  formatMilli,
  names,
  resources as readResources,
  type Resources,
  type ResourcesLike,
} from '../resources/index.js';
import type { ClusterState } from './state.js';

/** Whom to explain, as narrowly as wanted. */
export interface ExplainQuery {
  readonly framework: string;
  /** Default: all roles that the framework is subscribed to. */
  readonly role?: string;
  /** Default: all agents. */
  readonly agent?: string;
  /** What it would need of one agent: `short` then says what each agent lacks for it. */
  readonly resources?: ResourcesLike;
}

/** What is missing, in thousandths. */
export interface Shortage {
  readonly name: string;
  readonly milli: number;
}

/** Why not, or that it would be. */
export type Reason =
  /** The next run of all agents offers it `resources`. */
  | { readonly code: 'offered-now'; readonly resources: Resources }
  /** The allocator is paused. */
  | { readonly code: 'paused' }
  /** The master was lost, and most agents are not back: `agents` are, `awaited` must be, or the clock must reach `until`. */
  | { readonly code: 'recovering'; readonly agents: number; readonly awaited: number; readonly until: number }
  | { readonly code: 'agent-disconnected' }
  /** The operator took it out of service (DRAIN-1, DRAIN-2). */
  | { readonly code: 'agent-draining' }
  | { readonly code: 'agent-deactivated' }
  /** Room is being made on it for somebody who lacks what it is entitled to (preemption). */
  | { readonly code: 'claimed'; readonly by: { readonly framework: string; readonly role: string } }
  | { readonly code: 'not-whitelisted' }
  /** The next run gives the agent to somebody who comes first. */
  | { readonly code: 'outranked'; readonly by: readonly { readonly framework: string; readonly role: string }[] }
  /** The policy would fail, and so give nothing to anybody. */
  | { readonly code: 'policy-failed'; readonly message: string }
  /** The policy decides to leave it. */
  | { readonly code: 'left-by-policy' }
  | Refusal;

/** The answer for one role on one agent. */
export interface Explained {
  readonly agent: string;
  readonly role: string;
  readonly reason: Reason;
  /** What the query's resources lack of the whole machine: it could never run there. */
  readonly shortOfTotal?: readonly Shortage[];
  /** What they lack of what is free of it now. */
  readonly shortOfFree?: readonly Shortage[];
}

/** Why a role as a whole gets nothing. */
export type RoleReason = 'not-subscribed' | 'suppressed' | 'framework-disconnected';

/** The answer to a query. */
export interface Explanation {
  readonly framework: string;
  /** The clock of the state that was explained, ms. */
  readonly now: number;
  /** Nothing is offered to anybody: so many agents are there of those that a new master awaits (ALLOC-18). */
  readonly awaiting?: { readonly agents: number; readonly awaited: number; readonly until: number };
  /** Why there is nothing to say about agents: the framework is not known, or the agent is not. */
  readonly unknown?: 'framework' | 'agent';
  readonly roles: readonly { readonly role: string; readonly reason?: RoleReason }[];
  /** By role, then agent; only for roles without a reason of their own. */
  readonly agents: readonly Explained[];
  /** How often each reason occurs, most often first. */
  readonly counts: readonly { readonly code: string; readonly count: number }[];
  /** Of the agents on which the query's resources don't fit now, the one that lacks the fewest kinds. */
  readonly nearest?: Explained;
}

/**
 * Explains what the next run of all agents does for a framework.
 *
 * @throws InputError `bad-resources`
 * @example
 * explain(state, { framework: 'm-0001', resources: 'cpus:3;mem:4096' }, drf).counts
 */
export function explain(state: ClusterState, query: ExplainQuery, policy: Policy = drf): Explanation {
  const wanted = query.resources === undefined ? undefined : readResources(query.resources);
  const framework = state.allocator.frameworks.get(query.framework);
  if (framework === undefined) return nothing(state, query, 'framework');
  if (query.agent !== undefined && !state.allocator.agents.has(query.agent)) return nothing(state, query, 'agent');

  const roles = (query.role === undefined ? framework.roles : [query.role]).map((role) => roleAnswer(framework, role));
  const subjects = state.allocator.agents.values().filter(({ id }) => query.agent === undefined || id === query.agent);
  const plan = planNextRun(state, policy);
  const explained = roles.flatMap(({ role, reason }) =>
    reason !== undefined
      ? []
      : subjects.map((agent) =>
          withShortage(agent, wanted, { agent: agent.id, role, reason: reasonFor(plan, agent, framework, role) }),
        ),
  );
  const near = wanted === undefined ? undefined : nearest(explained);
  return {
    framework: framework.id,
    now: state.now,
    roles,
    agents: explained,
    counts: countReasons(explained),
    ...awaitingOf(state),
    ...(near === undefined ? {} : { nearest: near }),
  };
}

/** The explanation as sentences for a person. */
export function explainText(explanation: Explanation): string {
  if (explanation.unknown !== undefined) return `There is no such ${explanation.unknown}.`;
  const lines = explanation.roles.flatMap(({ role, reason }) =>
    reason === undefined ? [] : [`As ${role}: ${roleText[reason]}.`],
  );
  for (const { agent, role, reason, shortOfTotal, shortOfFree } of explanation.agents) {
    const parts = [`${agent} as ${role}: ${reasonText(reason, explanation.now)}`];
    if (shortOfTotal !== undefined) parts.push(`the machine is too small by ${shortageText(shortOfTotal)}`);
    else if (shortOfFree !== undefined) parts.push(`short of ${shortageText(shortOfFree)} now`);
    lines.push(`${parts.join('; ')}.`);
  }
  if (lines.length > 0) return lines.join('\n');
  if (explanation.roles.length === 0) return 'The framework is subscribed to no role.';
  return explanation.awaiting === undefined ? 'There are no agents.' : waitText(explanation.awaiting, explanation.now);
}

/** How far a new master is from having enough agents (ALLOC-18). */
type Wait = NonNullable<Explanation['awaiting']>;

function awaitingOf({ allocator: { agents, awaiting } }: ClusterState): { readonly awaiting?: Wait } {
  return awaiting === null ? {} : { awaiting: waitOf(agents.size, awaiting) };
}

function waitOf(agents: number, { agents: awaited, until }: { readonly agents: number; readonly until: number }): Wait {
  return { agents, awaited, until };
}

function waitText({ agents, awaited, until }: Wait, now: number): string {
  return `The master waits for its agents: ${agents} of ${awaited} are back, for another ${durationText(until - now)}.`;
}

interface Plan {
  readonly state: ClusterState;
  readonly grants: ReadonlyMap<string, Resources>;
  readonly takers: ReadonlyMap<string, readonly { readonly framework: string; readonly role: string }[]>;
  readonly failure?: string;
  /** What quotas leave to a role before the run. */
  readonly room: (role: string) => QuotaRoom | undefined;
  readonly end: RunPlan['end'];
}

function planNextRun(state: ClusterState, policy: Policy): Plan {
  const plan = planRun(state.allocator, state.allocator.agents.values(), policy);
  const grants = new Map<string, Resources>();
  const takers = new Map<string, { readonly framework: string; readonly role: string }[]>();
  for (const { agent, framework, role, resources } of plan.grants) {
    grants.set(grantKey(role, framework, agent), resources);
    takers.set(agent, [...(takers.get(agent) ?? []), { framework, role }]);
  }
  const book = state.allocator.quotas.size === 0 ? undefined : new QuotaBook(state.allocator);
  const room = (role: string): QuotaRoom | undefined => book?.room(role, 'any');
  const failure = plan.failure === undefined ? {} : { failure: plan.failure.message };
  return { state, grants, takers, room, end: plan.end, ...failure };
}

/** Ids may hold blanks, but no slash; a role holds no blank. */
function grantKey(role: string, framework: string, agent: string): string {
  return `${role} ${framework}/${agent}`;
}

function reasonFor(plan: Plan, agent: AllocatorAgent, framework: AllocatorFramework, role: string): Reason {
  const { allocator } = plan.state;
  if (allocator.paused) return { code: 'paused' };
  if (allocator.awaiting !== null) {
    return { code: 'recovering', ...waitOf(allocator.agents.size, allocator.awaiting) };
  }
  if (!agent.active) return whyInactive(plan.state, agent.id);
  if (!isWhitelisted(allocator, agent)) return { code: 'not-whitelisted' };
  if (plan.failure !== undefined) return { code: 'policy-failed', message: plan.failure };

  const granted = plan.grants.get(grantKey(role, framework.id, agent.id));
  if (granted !== undefined) return { code: 'offered-now', resources: granted };
  const match = { state: allocator, agent, framework, role, free: agent.free };
  const offersOut = offersOutOf(allocator, framework.id);
  const before = judge({ ...match, offersBeside: offersOut, room: plan.room(role) });
  if (before.refusal !== undefined) return before.refusal;
  const by = plan.takers.get(agent.id) ?? [];
  if (by.length > 0) return { code: 'outranked', by };
  // Nobody takes it, though it could have been offered: what else was granted in the run has used up the quota, or the
  // number of offers that the framework may have.
  const offersBeside = plan.end?.offersBeside(framework, role, agent.id) ?? offersOut;
  const after = judge({ ...match, offersBeside, room: plan.end?.room(role) });
  return after.refusal ?? { code: 'left-by-policy' };
}

function whyInactive({ agents, service, preemption }: ClusterState, id: string): Reason {
  if (agents.get(id)?.connected !== true) return { code: 'agent-disconnected' };
  const claim = preemption.claims.get(id);
  if (claim !== undefined) return { code: 'claimed', by: { framework: claim.framework, role: claim.role } };
  return { code: service.get(id)?.drain?.state === 'draining' ? 'agent-draining' : 'agent-deactivated' };
}

function roleAnswer(
  framework: AllocatorFramework,
  role: string,
): { readonly role: string; readonly reason?: RoleReason } {
  if (!framework.roles.includes(role)) return { role, reason: 'not-subscribed' };
  if (!framework.active) return { role, reason: 'framework-disconnected' };
  return framework.suppressed.includes(role) ? { role, reason: 'suppressed' } : { role };
}

function withShortage(agent: AllocatorAgent, wanted: Resources | undefined, explained: Explained): Explained {
  if (wanted === undefined || contains(agent.free, wanted)) return explained;
  const shortOfFree = shortage(agent.free, wanted);
  return contains(agent.total, wanted)
    ? { ...explained, shortOfFree }
    : { ...explained, shortOfTotal: shortage(agent.total, wanted), shortOfFree };
}

/** By quantity; resources that are there in quantity but not as wanted (a certain port, a reservation) are short by all. */
function shortage(have: Resources, wanted: Resources): readonly Shortage[] {
  // A query may ask for more than can be counted: it is short of that much, at least.
  const need = cappedQuantities(wanted);
  const there = cappedQuantities(have);
  const gaps = names(need)
    .map((name) => ({ name, milli: amount(need, name) - amount(there, name) }))
    .filter(({ milli }) => milli > 0);
  if (gaps.length > 0) return gaps;
  return wanted.items
    .filter((item) => !contains(have, readResources([item])))
    .map(({ name }) => ({ name, milli: amount(need, name) }));
}

function nearest(explained: readonly Explained[]): Explained | undefined {
  let best: Explained | undefined;
  for (const one of explained) {
    if (one.shortOfFree === undefined) continue;
    if (best?.shortOfFree === undefined || one.shortOfFree.length < best.shortOfFree.length) best = one;
  }
  return best;
}

function countReasons(explained: readonly Explained[]): Explanation['counts'] {
  const counts = new Map<string, number>();
  for (const { reason } of explained) counts.set(reason.code, (counts.get(reason.code) ?? 0) + 1);
  return [...counts]
    .map(([code, count]) => ({ code, count }))
    .sort((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));
}

function nothing({ now }: ClusterState, query: ExplainQuery, unknown: 'framework' | 'agent'): Explanation {
  return { framework: query.framework, now, unknown, roles: [], agents: [], counts: [] };
}

const roleText: Readonly<Record<RoleReason, string>> = {
  'not-subscribed': 'the framework is not subscribed to this role',
  suppressed: 'the framework suppresses offers',
  'framework-disconnected': 'the framework is not connected',
};

function reasonText(reason: Reason, now: number): string {
  switch (reason.code) {
    case 'offered-now':
      return `would be offered ${String(reason.resources)} now`;
    case 'paused':
      return 'allocation is paused';
    case 'recovering':
      return `nothing is offered until ${reason.awaited} agents are back, ${reason.agents} are, or for another ${durationText(reason.until - now)}`;
    case 'agent-disconnected':
      return 'the agent is not connected';
    case 'agent-draining':
      return 'the agent is being drained';
    case 'agent-deactivated':
      return 'the agent is out of service';
    case 'claimed':
      return `room is being made on it for ${reason.by.framework} as ${reason.by.role}`;
    case 'not-whitelisted':
      return 'the host is not on the whitelist';
    case 'outranked':
      return `goes to ${reason.by.map(({ framework, role }) => `${framework} as ${role}`).join(', ')} first`;
    case 'policy-failed':
      return `the policy fails: ${reason.message}`;
    case 'left-by-policy':
      return 'the policy leaves it';
    case 'constraint':
      return `the framework's constraints for ${reason.role} exclude it`;
    case 'nothing-free':
      return 'nothing is free for this role';
    case 'below-minimum':
      return `what is free is too little to offer: short of ${shortageText(reason.short)}`;
    case 'agent-without-multi-role':
      return 'the agent does not know frameworks with several roles';
    case 'agent-without-hierarchical-role':
      return 'the agent does not know nested roles';
    case 'gpus-reserved-for-gpu-frameworks':
      return 'the agent has gpus, and is kept for frameworks that use them';
    case 'remote-region':
      return 'the agent is in another region, and the framework does not know regions';
    case 'capability-missing':
      return 'what is free is of a kind that the framework does not know';
    case 'agent-without-reservation-refinement':
      return 'what is free is reserved in refinement of a reservation, which the agent does not know';
    case 'over-limit':
      return 'more would exceed the limit of the role, or of one above it';
    case 'kept-for-guarantees':
      return 'what is free is kept for guarantees that are not met yet';
    case 'too-many-offers':
      return `the framework has as many unanswered offers as it may (${reason.most})`;
    case 'filtered':
      return `${reason.unanswered ? 'not answered' : 'refused'} before, hidden for another ${durationText(reason.until - now)}`;
  }
  return reason satisfies never;
}

const units: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, 'days'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
];

/** A duration in the largest unit of which it has two, to one decimal. */
function durationText(ms: number): string {
  const [size, unit] = units.find(([least]) => ms >= 2 * least) ?? [1_000, 's'];
  return `${Math.round((Math.max(0, ms) / size) * 10) / 10} ${unit}`;
}

function shortageText(short: readonly Shortage[]): string {
  return short.map(({ name, milli }) => `${formatMilli(milli)} ${name}`).join(', ');
}
