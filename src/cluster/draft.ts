/** The cluster while one transition runs: fields are assigned freely, outputs gather. It never leaves the transition. */
import { closeAllocator, openAllocator, type AllocatorDraft, type Policy } from '../offers/index.js';
import { Edit, InvariantError } from '../resources/index.js';
import type { Output, SchedulerEvent } from './outputs.js';
import type { Agent, ClusterState, Counters, Framework } from './state.js';

type MutableCluster = { -readonly [K in Exclude<keyof ClusterState, 'allocator'>]: ClusterState[K] };

/** A state being changed by one transition. */
export interface Draft extends MutableCluster {
  readonly allocator: AllocatorDraft;
  readonly edit: Edit;
  readonly policy: Policy;
  readonly outputs: Output[];
  /** Agents that something left in this step: a drain of theirs may be done. */
  readonly emptied: Set<string>;
}

/**
 * Opens a state for one transition. Here and in `closeCluster` field by field: a spread of so many fields leaves the shape
 * that engines read fast, and opening and closing then cost more than most inputs.
 */
export function openCluster(state: ClusterState, policy: Policy): Draft {
  const edit = new Edit();
  return {
    config: state.config,
    now: state.now,
    seq: state.seq,
    stalledMs: state.stalledMs,
    incarnation: state.incarnation,
    nextFramework: state.nextFramework,
    nextAgent: state.nextAgent,
    nextOffer: state.nextOffer,
    nextRun: state.nextRun,
    nextOperation: state.nextOperation,
    nextWatch: state.nextWatch,
    agents: state.agents,
    executorHosts: state.executorHosts,
    recovered: state.recovered,
    unreachable: state.unreachable,
    unreachableTasks: state.unreachableTasks,
    gone: state.gone,
    service: state.service,
    machines: state.machines,
    frameworks: state.frameworks,
    completedFrameworks: state.completedFrameworks,
    offers: state.offers,
    inverseOffers: state.inverseOffers,
    operations: state.operations,
    offerRuns: state.offerRuns,
    deadlines: state.deadlines,
    removals: state.removals,
    nextRemovalAt: state.nextRemovalAt,
    startedAt: state.startedAt,
    preemption: state.preemption,
    counters: state.counters,
    allocator: openAllocator(state.allocator, edit),
    edit,
    policy,
    outputs: [],
    emptied: new Set(),
  };
}

/** Closes a draft: the state after the transition. */
export function closeCluster(draft: Draft): ClusterState {
  return {
    config: draft.config,
    now: draft.now,
    seq: draft.seq,
    stalledMs: draft.stalledMs,
    incarnation: draft.incarnation,
    nextFramework: draft.nextFramework,
    nextAgent: draft.nextAgent,
    nextOffer: draft.nextOffer,
    nextRun: draft.nextRun,
    nextOperation: draft.nextOperation,
    nextWatch: draft.nextWatch,
    allocator: closeAllocator(draft.allocator),
    agents: draft.agents,
    executorHosts: draft.executorHosts,
    recovered: draft.recovered,
    unreachable: draft.unreachable,
    unreachableTasks: draft.unreachableTasks,
    gone: draft.gone,
    service: draft.service,
    machines: draft.machines,
    frameworks: draft.frameworks,
    completedFrameworks: draft.completedFrameworks,
    offers: draft.offers,
    inverseOffers: draft.inverseOffers,
    operations: draft.operations,
    offerRuns: draft.offerRuns,
    deadlines: draft.deadlines,
    removals: draft.removals,
    nextRemovalAt: draft.nextRemovalAt,
    startedAt: draft.startedAt,
    preemption: draft.preemption,
    counters: draft.counters,
  };
}

/** Adds to what the caller now owes. */
export function emit(draft: Draft, output: Output): void {
  draft.outputs.push(output);
}

type Addressed = Extract<SchedulerEvent, { readonly framework: string; readonly connection: string }>;
type WithoutAddress<T> = T extends unknown ? Omit<T, 'framework' | 'connection'> : never;

/** Tells a framework something over its connection; one that is not connected is told nothing (UPD-7, HTTP-8). */
export function tell(draft: Draft, framework: string, event: WithoutAddress<Addressed>): void {
  const connection = draft.frameworks.get(framework)?.connection;
  if (connection === undefined || connection === null) return;
  emit(draft, { ...event, framework, connection } as SchedulerEvent);
}

/** Writes an agent's row. */
export function putAgent(draft: Draft, agent: Agent): void {
  draft.agents = draft.agents.set(agent.id, agent, draft.edit);
  if (agent.executors.length > 0) draft.executorHosts = draft.executorHosts.set(agent.id, true, draft.edit);
  else if (draft.executorHosts.size > 0) draft.executorHosts = draft.executorHosts.remove(agent.id, draft.edit);
}

/** An agent's row goes. */
export function removeAgentRow(draft: Draft, id: string): void {
  draft.agents = draft.agents.remove(id, draft.edit);
  if (draft.executorHosts.size > 0) draft.executorHosts = draft.executorHosts.remove(id, draft.edit);
}

/** Writes a framework's row. */
export function putFramework(draft: Draft, framework: Framework): void {
  draft.frameworks = draft.frameworks.set(framework.id, framework, draft.edit);
}

/** The row of a framework that must be there. */
export function frameworkOf(draft: Draft, id: string): Framework {
  const framework = draft.frameworks.get(id);
  if (framework === undefined) throw new InvariantError(`framework ${id} is not in the table`);
  return framework;
}

/** The row of an agent that must be there. */
export function agentOf(draft: Draft, id: string): Agent {
  const agent = draft.agents.get(id);
  if (agent === undefined) throw new InvariantError(`agent ${id} is not in the table`);
  return agent;
}

/** Counts something that went otherwise than hoped. */
export function count(draft: Draft, what: keyof Counters, times: number = 1): void {
  draft.counters = { ...draft.counters, [what]: draft.counters[what] + times };
}

/** Something left an agent: at the end of this step it is looked whether a drain of it is done (DRAIN-1). */
export function noteEmptied(draft: Draft, agent: string): void {
  if (draft.service.size > 0) draft.emptied.add(agent);
}

/** A fresh token for a deadline: entries with an older one are stale. */
export function newWatch(draft: Draft): number {
  const watch = draft.nextWatch;
  draft.nextWatch += 1;
  return watch;
}

/** The prefix of ids made by this master. */
export function idPrefix(draft: ClusterState | Draft): string {
  return draft.incarnation === 0 ? draft.config.masterId : `${draft.config.masterId}.${draft.incarnation}`;
}
