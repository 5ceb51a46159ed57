import { emptyAllocator, type AllocatorConfig, type AllocatorState, type OfferConstraints } from '../offers/index.js';
import { Table, type Quantities, type Resources } from '../resources/index.js';
import type { ExecutorInfo, FrameworkCapability, Label, TaskState, TaskStatus } from '../tasks/index.js';
import { readConfig, type Config, type ConfigLike } from './config.js';
import type { DeadlineHeap } from './deadlines.js';
import type { Offer } from './outputs.js';
import { emptyRing, type Ring } from './ring.js';

/** What a framework said of itself, read and completed with defaults. */
export interface FrameworkSettings {
  readonly name: string;
  readonly user: string;
  readonly principal: string | null;
  readonly hostname: string | null;
  readonly webuiUrl: string | null;
  /** Sorted. */
  readonly roles: readonly string[];
  readonly suppressedRoles: readonly string[];
  readonly capabilities: readonly FrameworkCapability[];
  readonly failoverTimeoutMs: number;
  readonly checkpoint: boolean;
  readonly minAllocatable: readonly { readonly role: string; readonly minAllocatable: readonly Quantities[] }[];
  readonly offerConstraints: OfferConstraints;
  readonly priority: number;
  readonly labels: readonly Label[];
}

/** A task as the master knows it. */
export interface Task {
  readonly id: string;
  readonly name: string;
  readonly framework: string;
  readonly agent: string;
  readonly role: string;
  readonly resources: Resources;
  /** Id of its executor, if it shares one; null = it runs by itself. */
  readonly executor: string | null;
  readonly priority: number;
  readonly preemptible: boolean;
  readonly labels: readonly Label[];
  /** The latest state that its agent knows (TASK-7). */
  readonly state: TaskState;
  /** The last update forwarded, or made by the master: what reconciliation tells. null = still only launched. */
  readonly status: TaskStatus | null;
  /** Its resources count as held: until it is terminal or unreachable, whichever comes first (TASK-5). */
  readonly holds: boolean;
  readonly launchedAt: number;
}

/** A task that ended, as it is remembered for a while. */
export interface CompletedTask {
  readonly id: string;
  readonly name: string;
  readonly agent: string;
  readonly role: string;
  readonly state: TaskState;
  readonly endedAt: number;
}

/** FW-8. A recovered framework is known only through its agents: it holds things and gets no offers. */
export type FrameworkState = 'connected' | 'disconnected' | 'recovered';

/** One framework. */
export interface Framework {
  readonly id: string;
  readonly settings: FrameworkSettings;
  readonly state: FrameworkState;
  /** The one connection that is heard; null unless connected. */
  readonly connection: string | null;
  readonly registeredAt: number;
  /** Token of its failover deadline. */
  readonly watch: number;
  readonly tasks: Table<Task>;
  /** Tasks on unreachable agents: not known to reconciliation, their ids are blocked (REC-2, VAL-2). */
  readonly unreachableTasks: Table<Task>;
  readonly completedTasks: Ring<CompletedTask>;
  /** By `role agent`: how many offers in a row it let time out there. */
  readonly unanswered: Table<Silence>;
}

/** Offers of one agent in one role that a framework let time out. */
export interface Silence {
  readonly role: string;
  readonly agent: string;
  readonly streak: number;
}

/** An executor on an agent: its resources are held until it exits (ACC-7). */
export interface AgentExecutor {
  readonly framework: string;
  readonly role: string;
  readonly info: ExecutorInfo;
}

/** Names a task. */
export interface TaskRef {
  readonly framework: string;
  readonly task: string;
}

/** A kill that an agent was asked for and has not carried out yet. */
export interface PendingKill extends TaskRef {
  /** As the framework said it last; null = the task's own policy (KILL-3). */
  readonly graceMs: number | null;
}

/** One registered agent. What can be offered of it is the allocator's business. */
export interface Agent {
  readonly id: string;
  readonly connection: string | null;
  readonly connected: boolean;
  readonly streams: boolean;
  /** null = it is not watched (AG-2). */
  readonly heartbeatMs: number | null;
  /** When it was last heard, in awake time: the clock less all stalls. */
  readonly lastSeen: number;
  readonly registeredAt: number;
  /** Token of its deadline. */
  readonly watch: number;
  readonly tasks: readonly TaskRef[];
  readonly executors: readonly AgentExecutor[];
  /** Ids of outstanding offers of it. */
  readonly offers: readonly string[];
  /** Kills to repeat when it re-registers (KILL-1). */
  readonly kills: readonly PendingKill[];
  /** It holds more than it has since its total shrank or it came back with tasks (invariant I1). */
  readonly overcommitted: boolean;
}

/** An agent of the registry that has not come back since the master was lost (AG-8). */
export interface RecoveredAgent {
  readonly id: string;
  readonly hostname: string;
  readonly watch: number;
}

/** An outstanding offer with what the machine must remember of it. */
export interface OfferRow {
  readonly offer: Offer;
  readonly run: number;
  /** Number of the input that made it. */
  readonly seq: number;
}

/** The offers of one run: they were made together and time out together. */
export interface OfferRun {
  readonly first: number;
  readonly last: number;
  /** How many of them are still outstanding. */
  readonly open: number;
}

/** A framework that is gone for good (FW-7). */
export interface CompletedFramework {
  readonly id: string;
  readonly name: string;
  readonly removedAt: number;
}

/** Things that went otherwise than hoped, counted. */
export interface Counters {
  /** Inputs whose time lay before the clock. */
  readonly clockBackwards: number;
  /** Times that the process slept. */
  readonly stalls: number;
  /** Acknowledgements that named nothing (UPD-4, UPD-6). */
  readonly invalidAcknowledgements: number;
  /** Status reports of unknown agents, frameworks or impossible states. */
  readonly invalidStatusReports: number;
  /** Calls over a connection that is not the framework's newest. */
  readonly staleCalls: number;
}

/**
 * A whole cluster as one immutable value. Made by `emptyCluster`, changed by `transition`, read by the queries; the
 * tables are opaque.
 */
export interface ClusterState {
  readonly config: Config;
  /** The machine's clock, ms. */
  readonly now: number;
  /** How many inputs there were. */
  readonly seq: number;
  /** How much of the time the process slept, ms: offer and heartbeat deadlines live in awake time, `now - stalledMs`. */
  readonly stalledMs: number;
  /** How often the master was lost and recovered; part of the ids it makes. */
  readonly incarnation: number;
  readonly nextFramework: number;
  readonly nextAgent: number;
  readonly nextOffer: number;
  readonly nextRun: number;
  /** Source of deadline tokens. */
  readonly nextWatch: number;
  readonly allocator: AllocatorState;
  readonly agents: Table<Agent>;
  readonly recovered: Table<RecoveredAgent>;
  /** Unreachable agents, and since when (AG-4). */
  readonly unreachable: Table<number>;
  readonly frameworks: Table<Framework>;
  readonly completedFrameworks: Ring<CompletedFramework>;
  readonly offers: Table<OfferRow>;
  /** By number of the run, padded. */
  readonly offerRuns: Table<OfferRun>;
  /** In awake time: offers and heartbeats. */
  readonly awakeDeadlines: DeadlineHeap;
  /** By the clock: failovers and agents that are away. */
  readonly deadlines: DeadlineHeap;
  readonly counters: Counters;
}

/**
 * A cluster without agents and frameworks.
 *
 * @throws InputError `bad-config` with the path of the field.
 * @example
 * let [state, outputs] = transition(emptyCluster(), { type: 'register', at: 0, agent: 'a1', resources: 'cpus:4;mem:8192' });
 */
export function emptyCluster(config: ConfigLike = {}): ClusterState {
  const complete = readConfig(config);
  return {
    config: complete,
    now: 0,
    seq: 0,
    stalledMs: 0,
    incarnation: 0,
    nextFramework: 0,
    nextAgent: 0,
    nextOffer: 0,
    nextRun: 0,
    nextWatch: 1,
    allocator: emptyAllocator(allocatorConfig(complete)),
    agents: Table.empty(),
    recovered: Table.empty(),
    unreachable: Table.empty(),
    frameworks: Table.empty(),
    completedFrameworks: emptyRing(),
    offers: Table.empty(),
    offerRuns: Table.empty(),
    awakeDeadlines: null,
    deadlines: null,
    counters: { clockBackwards: 0, stalls: 0, invalidAcknowledgements: 0, invalidStatusReports: 0, staleCalls: 0 },
  };
}

/** The part of the configuration that the allocator needs. */
export function allocatorConfig(config: Config): AllocatorConfig {
  const { seed, allocationIntervalMs, agentOrder, minAllocatable, fairnessExclude, filterGpus, domain } = config;
  return { seed, allocationIntervalMs, agentOrder, minAllocatable, fairnessExclude, filterGpus, domain };
}
