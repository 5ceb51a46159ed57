/**
 * What master and agent say to each other. A report goes from an agent to the master, a command from the master to an
 * agent. Both are plain data; how they travel is the transport's business.
 */
import type { Attributes, ResourceOperation, Resources, ResourcesLike } from '../resources/index.js';
import type { AgentCapability, FrameworkCapability } from './capabilities.js';
import type { ExecutorInfo, ExecutorLike, KillPolicy, Label, TaskInfo } from './info.js';
import type { OperationState } from './operation-states.js';
import type { TaskReason, TaskSource, TaskState } from './states.js';

/** Where a machine stands (DOM-1). */
export interface Domain {
  readonly region: string;
  readonly zone: string;
}

/** What an agent says of itself when it registers. */
export interface AgentDescription {
  /** Which of the agent's connections this is; a break of an older one ends nothing newer. */
  readonly connection?: string;
  /** Default: the agent's id. */
  readonly hostname?: string;
  /** Address of the machine, for maintenance schedules that name machines by it (MNT-1). */
  readonly ip?: string;
  /** Everything the machine has, reserved or not (never allocated). */
  readonly resources: ResourcesLike;
  readonly attributes?: string | Attributes;
  readonly capabilities?: readonly AgentCapability[];
  readonly domain?: Domain;
  /** The agent keeps update streams of its own; otherwise the control plane stands in (UPD-2). */
  readonly streams?: boolean;
  /** How often heartbeats will come; absent = the agent is not watched (AG-2). */
  readonly heartbeatMs?: number;
}

/** A task as its agent remembers it. */
export interface ReportedTask {
  readonly framework: string;
  readonly id: string;
  readonly name?: string;
  /** The role that its resources are allocated to. */
  readonly role: string;
  readonly resources: ResourcesLike;
  /** The latest state known to the agent. */
  readonly state: TaskState;
  /** State of the update in flight, when it lags behind `state` (TASK-7). */
  readonly statusState?: TaskState;
  /** Uuid of the update in flight. */
  readonly statusUuid?: string;
  readonly executor?: string;
  readonly priority?: number;
  readonly preemptible?: boolean;
  readonly labels?: readonly Label[];
}

/** A framework as an agent remembers it: enough to know it again after the master was lost (FW-8). */
export interface ReportedFramework {
  readonly id: string;
  readonly name?: string;
  readonly roles: readonly string[];
  readonly capabilities: readonly FrameworkCapability[];
  readonly checkpoint?: boolean;
}

/** One executor of a framework on an agent. */
export interface ReportedExecutor extends ExecutorLike {
  readonly framework: string;
  readonly role: string;
}

/** An operation on resources as its agent remembers it: until its end is acknowledged (OP-2). */
export interface ReportedOperation {
  /** The uuid under which the master sent it. */
  readonly operation: string;
  /** Whose it was; absent = the operator's. */
  readonly framework?: string;
  /** What its framework calls it; absent = the framework does not want to hear of it. */
  readonly id?: string;
  readonly state: OperationState;
  /** Uuid of the status in flight. */
  readonly statusUuid?: string;
}

/** A first registration; an absent `agent` is given an id (AG-1). */
export interface RegisterReport extends AgentDescription {
  readonly type: 'register';
  readonly agent?: string;
}

/** An agent that knows its id comes back, with what runs on it (AG-5, AG-8, AG-11). */
export interface ReregisterReport extends AgentDescription {
  readonly type: 'reregister';
  readonly agent: string;
  readonly tasks?: readonly ReportedTask[];
  readonly executors?: readonly ReportedExecutor[];
  readonly frameworks?: readonly ReportedFramework[];
  /**
   * For agents with `agent-operation-feedback`: those that are under way, or whose end was not acknowledged. One that is not
   * named never arrived, and its framework is told so.
   */
  readonly operations?: readonly ReportedOperation[];
}

/** A graceful end (AG-10). */
export interface UnregisterReport {
  readonly type: 'unregister';
  readonly agent: string;
}

/** The machine changed: absent fields stay as they were (ALLOC-16). */
export interface UpdateAgentReport {
  readonly type: 'update-agent';
  readonly agent: string;
  /** Everything the machine has. The last estimate goes on beside it, unless something in here is revocable. */
  readonly resources?: ResourcesLike;
  /**
   * What the machine could give beyond what it has, for as long as nobody needs it: an estimate, which replaces the last.
   * Counted as revocable whether or not it says so (REV-1). `''` = nothing any more.
   */
  readonly oversubscribed?: ResourcesLike;
  readonly attributes?: string | Attributes;
  readonly capabilities?: readonly AgentCapability[];
}

/**
 * One update of a task. With `state` it is an update to forward; `latestState` tells that the agent knows more than the
 * update in flight (TASK-7). Without `state` it only says `latestState`: applied, forwarded to nobody.
 */
export interface StatusReport {
  readonly type: 'status';
  readonly agent: string;
  readonly framework: string;
  readonly task: string;
  readonly state?: TaskState;
  readonly latestState?: TaskState;
  readonly uuid?: string;
  /** Default `executor`. */
  readonly source?: TaskSource;
  readonly reason?: TaskReason;
  readonly message?: string;
  readonly executor?: string;
  readonly data?: string;
  readonly healthy?: boolean;
  /** When the executor made it, ms; default: now. */
  readonly timestamp?: number;
  readonly labels?: readonly Label[];
}

/** What became of an operation that the master sent with a uuid (OP-2). */
export interface OperationStatusReport {
  readonly type: 'operation-status';
  readonly agent: string;
  /** The uuid under which the master sent it. */
  readonly operation: string;
  readonly state: OperationState;
  /** Whose it was, and what its framework calls it, as the master said when it sent it. */
  readonly framework?: string;
  readonly id?: string;
  /** What is to be acknowledged; absent = the report is not repeated and wants no acknowledgement. */
  readonly uuid?: string;
  readonly message?: string;
}

/** An executor ended; its left-over tasks get updates of their own (TASK-11, TASK-12). */
export interface ExecutorExitedReport {
  readonly type: 'executor-exited';
  readonly agent: string;
  readonly framework: string;
  readonly executor: string;
  /** Exit status as the operating system gave it. */
  readonly status?: number;
}

/** The agent lives (AG-2). */
export interface HeartbeatReport {
  readonly type: 'heartbeat';
  readonly agent: string;
}

/** Bytes from an executor to its framework; at most once (KILL-5). */
export interface AgentMessageReport {
  readonly type: 'agent-message';
  readonly agent: string;
  readonly framework: string;
  readonly executor: string;
  readonly data: string;
}

/** Everything an agent can say. */
export type Report =
  | RegisterReport
  | ReregisterReport
  | UnregisterReport
  | UpdateAgentReport
  | StatusReport
  | OperationStatusReport
  | ExecutorExitedReport
  | HeartbeatReport
  | AgentMessageReport;

/** The agent is admitted under this id. */
export interface RegisteredCommand {
  readonly type: 'registered';
  readonly agent: string;
  readonly connection?: string;
}

/** The agent may not join. */
export interface RegistrationRefusedCommand {
  readonly type: 'registration-refused';
  /** Its id; empty when it has none and is told only by its `connection`. */
  readonly agent: string;
  readonly connection?: string;
  readonly code: string;
  readonly message: string;
  /** It must end what it runs and not try again (AG-6, AG-9). Default false. */
  readonly shutdown?: boolean;
}

/** Run this task. */
export interface LaunchCommand {
  readonly type: 'launch';
  readonly agent: string;
  readonly framework: string;
  readonly task: TaskInfo;
  /** Who the framework is, for an agent that must tell a later master (FW-8). */
  readonly frameworkInfo: ReportedFramework;
}

/** Run these tasks together on one executor, all or none (GROUP-1). */
export interface LaunchGroupCommand {
  readonly type: 'launch-group';
  readonly agent: string;
  readonly framework: string;
  readonly executor: ExecutorInfo;
  readonly tasks: readonly TaskInfo[];
  readonly frameworkInfo: ReportedFramework;
}

/** End this task (KILL-1 … 3). */
export interface KillCommand {
  readonly type: 'kill';
  readonly agent: string;
  readonly framework: string;
  readonly task: string;
  readonly killPolicy?: KillPolicy;
  /** Whatever policy counts, the grace is not longer than this, ms: the agent is being drained (DRAIN-1). */
  readonly maxGraceMs?: number;
}

/** End this executor and what runs on it (KILL-4). */
export interface ShutdownExecutorCommand {
  readonly type: 'shutdown-executor';
  readonly agent: string;
  readonly framework: string;
  readonly executor: string;
}

/** The framework is gone: end everything of it (FW-7). */
export interface ShutdownFrameworkCommand {
  readonly type: 'shutdown-framework';
  readonly agent: string;
  readonly framework: string;
}

/** End everything and yourself (AG-6). */
export interface ShutdownAgentCommand {
  readonly type: 'shutdown-agent';
  readonly agent: string;
  readonly message: string;
}

/** The framework has this update: the stream may go on (UPD-4). */
export interface AcknowledgeCommand {
  readonly type: 'acknowledge';
  readonly agent: string;
  readonly framework: string;
  readonly task: string;
  readonly uuid: string;
}

/** The end of this operation is known: it need not be told again (OP-2). */
export interface AcknowledgeOperationCommand {
  readonly type: 'acknowledge-operation';
  readonly agent: string;
  /** The uuid under which the master sent it. */
  readonly operation: string;
  /** Of the status. */
  readonly uuid: string;
}

/** Say what you know of these tasks: the master has them, you did not report them (AG-11). */
export interface ReconcileCommand {
  readonly type: 'reconcile';
  readonly agent: string;
  readonly tasks: readonly { readonly framework: string; readonly task: string; readonly partitionAware: boolean }[];
}

/**
 * A part of what the agent has is something else from now on: reserved otherwise, made into a volume or no longer one.
 * The agent keeps it: `resources - consumed + converted` is what it reports when it comes back (RSV-6).
 */
export interface ApplyOperationCommand {
  readonly type: 'apply-operation';
  readonly agent: string;
  /** What kind of change it is, for people and for agents that make directories of volumes. */
  readonly operation: ResourceOperation['type'];
  readonly consumed: Resources;
  readonly converted: Resources;
  /** The operation by name: the agent says what became of it (OP-2). Absent for agents that give no feedback. */
  readonly uuid?: string;
  /** Whose it is, and what its framework calls it: for an agent that must tell a later master. */
  readonly framework?: string;
  readonly id?: string;
}

/** Bytes from a framework to one of its executors; at most once (KILL-5). */
export interface FrameworkMessageCommand {
  readonly type: 'framework-message';
  readonly agent: string;
  readonly framework: string;
  readonly executor: string;
  readonly data: string;
}

/** Everything the master can want of an agent. */
export type Command =
  | RegisteredCommand
  | RegistrationRefusedCommand
  | LaunchCommand
  | LaunchGroupCommand
  | KillCommand
  | ShutdownExecutorCommand
  | ShutdownFrameworkCommand
  | ShutdownAgentCommand
  | AcknowledgeCommand
  | AcknowledgeOperationCommand
  | ReconcileCommand
  | ApplyOperationCommand
  | FrameworkMessageCommand;
