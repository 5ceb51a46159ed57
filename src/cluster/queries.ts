/** Reading a cluster: plain views, sorted by id, made when asked for. */
import { dominantShare } from '../drf/index.js';
import {
  roleFrameworks,
  roleHoldings,
  roleNames,
  roleQuota,
  roleWeight,
  reservedQuantities,
  type Quota,
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
  type Resources,
} from '../resources/index.js';
import type { AgentCapability, Domain } from '../tasks/index.js';
import type { Offer } from './outputs.js';
import { ringValues } from './ring.js';
import type {
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
  /** Tasks that are not acknowledged to be over. */
  readonly tasks: number;
  readonly offers: readonly string[];
}

/** All registered agents. */
export function agents(state: ClusterState): readonly AgentSummary[] {
  return state.agents.values().flatMap((agent) => {
    const machine = state.allocator.agents.get(agent.id);
    if (machine === undefined) return [];
    const offered = agent.offers.reduce(
      (sum, id) => add(sum, state.offers.get(id)?.offer.resources ?? noResources),
      noResources,
    );
    const taskUse = agent.tasks.reduce((sum, ref) => {
      const task = state.frameworks.get(ref.framework)?.tasks.get(ref.task);
      return task?.holds === true ? add(sum, task.resources) : sum;
    }, noResources);
    const used = agent.executors.reduce((sum, { info }) => add(sum, info.resources), taskUse);
    return {
      id: agent.id,
      hostname: machine.hostname,
      connected: agent.connected,
      active: machine.active,
      registeredAt: agent.registeredAt,
      total: machine.total,
      used,
      offered,
      free: machine.free,
      attributes: machine.attributes,
      capabilities: machine.capabilities,
      ...(machine.domain === null ? {} : { domain: machine.domain }),
      tasks: agent.tasks.length,
      offers: agent.offers,
    };
  });
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
    return unreachable.length === 0 ? framework.tasks.values() : [...framework.tasks.values(), ...unreachable];
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
  return state.frameworks.values().map((framework) => ({
    ...framework.settings,
    id: framework.id,
    state: framework.state,
    registeredAt: framework.registeredAt,
    tasks: framework.tasks.size,
    unreachableTasks: framework.unreachableTasks.size,
    completedTasks: ringValues(framework.completedTasks),
    agents: state.allocator.frameworks.get(framework.id)?.agents.size ?? 0,
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
  readonly agents: number;
  readonly unreachableAgents: number;
  readonly recoveredAgents: number;
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
    agents: state.agents.size,
    unreachableAgents: state.unreachable.size,
    recoveredAgents: state.recovered.size,
    frameworks: state.frameworks.size,
    completedFrameworks: ringValues(state.completedFrameworks),
    tasks: taskCount,
    unreachableTasks,
    offers: state.offers.size,
    total: state.allocator.total,
    stalledMs: state.stalledMs,
    counters: state.counters,
  };
}
