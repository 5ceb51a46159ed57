import {
  emptyAllocator,
  type AllocatorConfig,
  type AllocatorState,
  type OfferConstraints,
  type Unavailability,
} from '../offers/index.js';
import {
  Numbered,
  Table,
  type Conversion,
  type Quantities,
  type ResourceOperation,
  type Resources,
} from '../resources/index.js';
import type {
  ExecutorInfo,
  FrameworkCapability,
  Label,
  OperationState,
  TaskState,
  TaskStatus,
} from '../tasks/index.js';
import { readConfig, type Config, type ConfigLike } from './config.js';
import type { DeadlineHeap } from './deadlines.js';
import { OfferTable } from './offer-table.js';
import type { InverseOffer, Offer } from './outputs.js';
import { noPreemption, type PreemptionState } from './preemption/state.js';
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
  /** What it calls its operations, and the master's names for them. */
  readonly operations: Table<string>;
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
  /** Bound on the grace, whoever said it; null = none (DRAIN-1). */
  readonly maxGraceMs: number | null;
  /** It makes room for somebody else: its framework hears that. */
  readonly preempted: boolean;
}

/** What the operator wants of an agent, wherever that is: it is remembered while the agent is away (DRAIN-1, DRAIN-2). */
export interface AgentService {
  readonly id: string;
  /** null = it is only deactivated: nothing is offered of it. */
  readonly drain: {
    readonly state: 'draining' | 'drained';
    readonly maxGraceMs: number | null;
    readonly markGone: boolean;
    readonly since: number;
  } | null;
}

/** A machine with planned maintenance. One that is up and has nothing planned is not in the table (MNT-2). */
export interface MachineRow {
  /** As it was written in the schedule; null = that part says nothing. */
  readonly hostname: string | null;
  readonly ip: string | null;
  readonly mode: 'draining' | 'down';
  readonly unavailability: Unavailability;
  /** Which window of the schedule it is in, from 0. */
  readonly window: number;
}

/** Machines with planned maintenance that are looked for under one name, and who says that name of its machine. */
export interface MachinePlace {
  /** By address; one without comes first. */
  readonly machines: readonly MachineRow[];
  /** Ids of the registered agents of this hostname, or address, sorted. A part that only one side gives may still tell them apart. */
  readonly agents: readonly string[];
}

/** An inverse offer that was not answered yet (INV-1). */
export interface InverseOfferRow {
  readonly offer: InverseOffer;
  readonly run: number;
}

/** An operation that an agent was sent and has not settled yet (OP-1). */
export interface Operation {
  /** The master's name for it; the agent reports by it. */
  readonly uuid: string;
  readonly agent: string;
  /** null = the operator's. */
  readonly framework: string | null;
  /** What its framework calls it; null = it does not want to hear of it (OP-2). */
  readonly id: string | null;
  readonly type: ResourceOperation['type'] | null;
  readonly state: OperationState;
  /** Uuid of the last status told, which wants an acknowledgement; null = none does. */
  readonly statusUuid: string | null;
  readonly message: string | null;
  /** What it did to the agent's total; empty when that is not known any more. */
  readonly conversions: readonly Conversion[];
  /** It failed, and what it had done in advance could not be undone yet (OP-3). */
  readonly owed: boolean;
}

/** One registered agent. What can be offered of it is the allocator's business. */
export interface Agent {
  readonly id: string;
  /** Address of its machine, as it said (MNT-1). */
  readonly ip: string | null;
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
  /** Ids of inverse offers of it that were not answered yet. */
  readonly inverseOffers: readonly string[];
  /** Uuids of operations that it was sent and has not settled, oldest first. */
  readonly operations: readonly string[];
  /** How many of them are owed (OP-3). */
  readonly debts: number;
  /** Kills to repeat when it re-registers (KILL-1). */
  readonly kills: readonly PendingKill[];
  /** It holds more than it has since its total shrank or it came back with tasks (invariant I1). */
  readonly overcommitted: boolean;
}

/** An agent of the registry that has not come back since the master was lost (AG-8). */
export interface RecoveredAgent {
  readonly id: string;
  readonly hostname: string;
  readonly ip: string | null;
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
  /** Tasks that were ended to make room for others. */
  readonly preemptions: number;
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
  /** How much of the time the process slept, ms: deadlines live in awake time, `now - stalledMs`. */
  readonly stalledMs: number;
  /** How often the master was lost and recovered; part of the ids it makes. */
  readonly incarnation: number;
  readonly nextFramework: number;
  readonly nextAgent: number;
  readonly nextOffer: number;
  readonly nextRun: number;
  readonly nextOperation: number;
  /** Source of deadline tokens. */
  readonly nextWatch: number;
  readonly allocator: AllocatorState;
  readonly agents: Table<Agent>;
  /** Those of them that have executors: hardly any, and offers name these (OFFER-1). */
  readonly executorHosts: Table<true>;
  readonly recovered: Table<RecoveredAgent>;
  /** Unreachable agents, and since when (AG-4). */
  readonly unreachable: Table<number>;
  /** By agent: which tasks its frameworks have as unreachable. Bounded with those, not with the agents. */
  readonly unreachableTasks: Table<readonly TaskRef[]>;
  /** Agents that will never come back, and since when (AG-6). */
  readonly gone: Table<number>;
  /** Agents that are out of service, there or not. */
  readonly service: Table<AgentService>;
  /** Planned maintenance: machines by where they are looked for, see `placeOf`. */
  readonly machines: Table<MachinePlace>;
  readonly frameworks: Table<Framework>;
  readonly completedFrameworks: Ring<CompletedFramework>;
  readonly offers: OfferTable;
  readonly inverseOffers: Table<InverseOfferRow>;
  readonly operations: Table<Operation>;
  /** By number of the run. */
  readonly offerRuns: Numbered<OfferRun>;
  /** What falls due by itself, in awake time: offers, heartbeats, failovers, agents that are away, reviews of preemption. */
  readonly deadlines: DeadlineHeap;
  /** Agents that are overdue and wait for the rate limit, in the order in which they fell due (AG-2). */
  readonly removals: DeadlineHeap;
  /** When the next of them may be declared unreachable, ms. */
  readonly nextRemovalAt: number;
  /** When this master took over, ms. */
  readonly startedAt: number;
  readonly preemption: PreemptionState;
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
    nextOperation: 0,
    nextWatch: 1,
    allocator: emptyAllocator(allocatorConfig(complete)),
    agents: Table.empty(),
    executorHosts: Table.empty(),
    recovered: Table.empty(),
    unreachable: Table.empty(),
    unreachableTasks: Table.empty(),
    gone: Table.empty(),
    service: Table.empty(),
    machines: Table.empty(),
    frameworks: Table.empty(),
    completedFrameworks: emptyRing(),
    offers: OfferTable.empty(),
    inverseOffers: Table.empty(),
    operations: Table.empty(),
    offerRuns: Numbered.empty(),
    deadlines: null,
    removals: null,
    nextRemovalAt: 0,
    startedAt: 0,
    preemption: noPreemption,
    counters: {
      clockBackwards: 0,
      stalls: 0,
      invalidAcknowledgements: 0,
      invalidStatusReports: 0,
      staleCalls: 0,
      preemptions: 0,
    },
  };
}

/** The part of the configuration that the allocator needs. */
export function allocatorConfig(config: Config): AllocatorConfig {
  const { seed, allocationIntervalMs, agentOrder, minAllocatable, fairnessExclude, filterGpus, domain } = config;
  const { nestedQuota, maxOffersPerFramework, recoveryFraction, recoveryWaitMs } = config;
  const where = { seed, allocationIntervalMs, agentOrder, minAllocatable, fairnessExclude, filterGpus, domain };
  return { ...where, nestedQuota, maxOffersPerFramework, recoveryFraction, recoveryWaitMs };
}
