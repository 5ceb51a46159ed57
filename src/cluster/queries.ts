/**
 * Reading a cluster: plain views, sorted by id, made when asked for. They are the caller's own: what he does to them
 * changes neither a state nor another view. So rows are copied here, and what is rare in them (settings, labels, lists of
 * an agent) was frozen when it was made.
 */
import { dominantShare } from '../drf/index.js';
import {
  roleFrameworks,
  roleHoldings,
  roleNames,
  roleQuota,
  roleWeight,
  reservedQuantities,
  type Quota,
  type Unavailability,
} from '../offers/index.js';
import {
  noQuantities,
  compareText,
  noResources,
  add,
  quantitiesAdd,
  quantitiesFromScalarResources,
  quantitiesSubtract,
  type Attributes,
  type Quantities,
  type ResourceOperation,
  type Resources,
} from '../resources/index.js';
import type { AgentCapability, Domain, OperationState } from '../tasks/index.js';
import { offersOn } from './outstanding.js';
import type { Offer } from './outputs.js';
import { ringValues } from './ring.js';
import type {
  AgentService,
  ClusterState,
  CompletedFramework,
  CompletedTask,
  Counters,
  FrameworkSettings,
  FrameworkState,
  Task,
} from './state.js';

/** One registered agent. */
export interface AgentSummary {
  readonly id: string;
  readonly hostname: string;
  readonly connected: boolean;
  /** Whether it may be offered: connected and not taken out of service. */
  readonly active: boolean;
  /** The operator took it out of service; `drained` = nothing runs there any more (DRAIN-1). */
  readonly service?: ServiceState;
  readonly registeredAt: number;
  readonly total: Resources;
  /** Used by tasks and executors. */
  readonly used: Resources;
  /** In outstanding offers. */
  readonly offered: Resources;
  readonly free: Resources;
  readonly attributes: Attributes;
  readonly capabilities: readonly AgentCapability[];
  readonly domain?: Domain;
  /** Address of its machine, if it said so. */
  readonly ip?: string;
  /** When its machine will be away for maintenance (MNT-3). */
  readonly unavailability?: Unavailability;
  /** Tasks that are not acknowledged to be over. */
  readonly tasks: number;
  readonly offers: readonly string[];
}

/** All registered agents. */
export function agents(state: ClusterState): readonly AgentSummary[] {
  return state.agents.values().flatMap((agent) => {
    const machine = state.allocator.agents.get(agent.id);
    if (machine === undefined) return [];
    const standing = offersOn(state, agent.id);
    const offered = standing.reduce((sum, { resources }) => add(sum, resources), noResources);
    const taskUse = agent.tasks.reduce((sum, ref) => {
      const task = state.frameworks.get(ref.framework)?.tasks.get(ref.task);
      return task?.holds === true ? add(sum, task.resources) : sum;
    }, noResources);
    const used = agent.executors.reduce((sum, { info }) => add(sum, info.resources), taskUse);
    const service = state.service.get(agent.id);
    return {
      id: agent.id,
      hostname: machine.hostname,
      connected: agent.connected,
      active: machine.active,
      ...(service === undefined ? {} : { service: serviceState(service) }),
      registeredAt: agent.registeredAt,
      total: machine.total,
      used,
      offered,
      free: machine.free,
      attributes: machine.attributes,
      capabilities: machine.capabilities,
      ...(machine.domain === null ? {} : { domain: machine.domain }),
      ...(agent.ip === null ? {} : { ip: agent.ip }),
      ...(machine.maintenance === null ? {} : { unavailability: machine.maintenance.unavailability }),
      tasks: agent.tasks.length,
      offers: standing.map(({ id }) => id),
    };
  });
}

/** How an agent is out of service. */
export type ServiceState = 'deactivated' | 'draining' | 'drained';

function serviceState({ drain }: AgentService): ServiceState {
  return drain === null ? 'deactivated' : drain.state;
}

/** One agent out of service, there or not. */
export interface OutOfService {
  readonly agent: string;
  readonly state: ServiceState;
  /** Whether it is registered now; one that is away stays out of service when it returns. */
  readonly registered: boolean;
  /** Of a drain: when it began, ms; the bound on graces, ms, null = none; whether the agent will be gone for good. */
  readonly drain?: { readonly since: number; readonly maxGraceMs: number | null; readonly markGone: boolean };
}

/** Agents that the operator took out of service, by id (DRAIN-1, DRAIN-2). */
export function outOfService(state: ClusterState): readonly OutOfService[] {
  return state.service.values().map((service) => {
    const { id, drain } = service;
    const how = drain === null ? {} : { drain: pick(drain) };
    return { agent: id, state: serviceState(service), registered: state.agents.has(id), ...how };
  });
}

function pick({ since, maxGraceMs, markGone }: NonNullable<AgentService['drain']>): NonNullable<OutOfService['drain']> {
  return { since, maxGraceMs, markGone };
}

/** One operation that an agent was sent and that is not settled yet: it is under way, or its end not acknowledged (OP-1). */
export interface OperationSummary {
  /** The master's name for it. */
  readonly uuid: string;
  readonly agent: string;
  /** Absent = the operator's, or its framework was removed. */
  readonly framework?: string;
  /** What its framework calls it. */
  readonly id?: string;
  /** Absent for one of an earlier master. */
  readonly type?: ResourceOperation['type'];
  readonly state: OperationState;
  readonly message?: string;
}

/** All operations that are not settled, by uuid. Agents that give no feedback have none: there it is done when it is sent. */
export function operations(state: ClusterState): readonly OperationSummary[] {
  return state.operations.values().map(({ uuid, agent, framework, id, type, state: now, message }) => ({
    uuid,
    agent,
    ...(framework === null ? {} : { framework }),
    ...(id === null ? {} : { id }),
    ...(type === null ? {} : { type }),
    state: now,
    ...(message === null ? {} : { message }),
  }));
}

/** All outstanding offers, oldest first; those of one run in the order in which they were granted. */
export function offers(state: ClusterState): readonly Offer[] {
  const inOrder = (a: Offer, b: Offer): number => a.at - b.at || a.id.length - b.id.length || compareText(a.id, b.id);
  return state.offers
    .values()
    .map(({ offer }) => offer)
    .sort(inOrder);
}

/** All tasks that are not acknowledged to be over, unreachable ones too; by framework, then id. */
export function tasks(state: ClusterState): readonly Task[] {
  return state.frameworks.values().flatMap((framework) => {
    const unreachable = framework.unreachableTasks.values();
    return [...framework.tasks.values(), ...unreachable].map((task) => ({ ...task }));
  });
}

/** One framework. */
export interface FrameworkSummary extends FrameworkSettings {
  readonly id: string;
  readonly state: FrameworkState;
  readonly registeredAt: number;
  readonly tasks: number;
  readonly unreachableTasks: number;
  /** Newest last, as many as are remembered. */
  readonly completedTasks: readonly CompletedTask[];
  /** Agents of which it holds something, offered or used. */
  readonly agents: number;
}

/** All frameworks that are not removed. */
export function frameworks(state: ClusterState): readonly FrameworkSummary[] {
  const places = new Map<string, number>();
  state.allocator.agents.forEach(({ held }) => {
    for (const id of new Set(held.map(({ framework }) => framework))) places.set(id, (places.get(id) ?? 0) + 1);
  });
  return state.frameworks.values().map((framework) => ({
    ...framework.settings,
    id: framework.id,
    state: framework.state,
    registeredAt: framework.registeredAt,
    tasks: framework.tasks.size,
    unreachableTasks: framework.unreachableTasks.size,
    completedTasks: ringValues(framework.completedTasks).map((task) => ({ ...task })),
    agents: places.get(framework.id) ?? 0,
  }));
}

/** One role (ROLE-7). */
export interface RoleSummary {
  readonly role: string;
  readonly weight: number;
  readonly quota: Quota;
  /** Subscribed to it, or holding something in it. */
  readonly frameworks: readonly string[];
  /** Offered or used, of the role and what is below it: scalars. */
  readonly offeredOrAllocated: Quantities;
  /** The part of it that is only offered, and the part that tasks and executors use (ROLE-7). */
  readonly offered: Quantities;
  readonly allocated: Quantities;

  /** Reserved to the role or what is below it, offered or not. */
  readonly reserved: Quantities;
  /** Divided by the weight; 0 without frameworks (SORT-1). */
  readonly dominantShare: number;
}

/** All roles that exist (ROLE-5). */
export function roles(state: ClusterState): readonly RoleSummary[] {
  const { allocator } = state;
  const exclude = new Set(state.config.fairnessExclude);
  return roleNames(allocator).map((role) => {
    const weight = roleWeight(allocator, role);
    const held = roleHoldings(allocator, role);
    const offered = offeredTo(state, role);
    return {
      role,
      weight,
      quota: roleQuota(allocator, role),
      frameworks: roleFrameworks(allocator, role),
      offeredOrAllocated: held,
      offered,
      allocated: quantitiesSubtract(held, offered),
      reserved: reservedQuantities(allocator, role),
      dominantShare: dominantShare(held, allocator.total, { weight, exclude }),
    };
  });
}

function offeredTo(state: ClusterState, role: string): Quantities {
  return offers(state)
    .filter((offer) => offer.role === role || offer.role.startsWith(`${role}/`))
    .reduce((sum, { resources }) => quantitiesAdd(sum, quantitiesFromScalarResources(resources)), noQuantities);
}

/** A cluster in a few numbers. */
export interface ClusterStats {
  readonly now: number;
  readonly inputs: number;
  readonly runs: number;
  /** The operator paused allocation (ALLOC-19). */
  readonly paused: boolean;
  /** Nothing is allocated until so many agents are back, or until the instant, ms (ALLOC-18); null = no such wait. */
  readonly awaiting: { readonly agents: number; readonly until: number } | null;
  readonly agents: number;
  readonly unreachableAgents: number;
  readonly recoveredAgents: number;
  /** Marked gone, as far as they are remembered (AG-6). */
  readonly goneAgents: number;
  readonly frameworks: number;
  readonly completedFrameworks: readonly CompletedFramework[];
  readonly tasks: number;
  readonly unreachableTasks: number;
  readonly offers: number;
  readonly total: Quantities;
  readonly stalledMs: number;
  readonly counters: Counters;
}

/** Counts and sums over the whole cluster. */
export function stats(state: ClusterState): ClusterStats {
  let taskCount = 0;
  let unreachableTasks = 0;
  state.frameworks.forEach((framework) => {
    taskCount += framework.tasks.size;
    unreachableTasks += framework.unreachableTasks.size;
  });
  return {
    now: state.now,
    inputs: state.seq,
    runs: state.allocator.runs,
    paused: state.allocator.paused,
    awaiting: state.allocator.awaiting && { ...state.allocator.awaiting },
    agents: state.agents.size,
    unreachableAgents: state.unreachable.size,
    recoveredAgents: state.recovered.size,
    goneAgents: state.gone.size,
    frameworks: state.frameworks.size,
    completedFrameworks: ringValues(state.completedFrameworks).map((framework) => ({ ...framework })),
    tasks: taskCount,
    unreachableTasks,
    offers: state.offers.size,
    total: state.allocator.total,
    stalledMs: state.stalledMs,
    counters: { ...state.counters },
  };
}
