/** What goes into the agent's machine and what comes out of it. */
import type {
  Command,
  ExecutorInfo,
  Label,
  Report,
  ReportedFramework,
  TaskInfo,
  TaskReason,
  TaskState,
} from '../tasks/index.js';

/** Every input says when it happened, ms. A time before the latest one stands still. */
interface Timed {
  readonly at: number;
}

/** The master wants something. */
export interface CommandInput extends Timed {
  readonly type: 'command';
  readonly command: Command;
}

/** An executor says how a task of its stands. */
export interface ExecutorUpdateInput extends Timed {
  readonly type: 'executor-update';
  readonly framework: string;
  readonly task: string;
  /** Not `staging`, nor what only the control plane can know: such an update is dropped. */
  readonly state: TaskState;
  /** The executor's own; then it is confirmed by `acknowledged`, and an update that comes twice counts once (UPD-5). */
  readonly uuid?: string;
  /** Default: the one that the task was given to. */
  readonly executor?: string;
  readonly message?: string;
  readonly reason?: TaskReason;
  readonly data?: string;
  readonly healthy?: boolean;
  readonly labels?: readonly Label[];
}

/** An executor's process is gone, whatever the cause. */
export interface ExecutorExitedInput extends Timed {
  readonly type: 'executor-exited';
  readonly framework: string;
  readonly executor: string;
  /** Exit status as the operating system gave it. */
  readonly status?: number;
  /** Why its container ended, when that is known: decides what becomes of its tasks (TASK-11). */
  readonly reason?: TaskReason;
  readonly message?: string;
}

/** Bytes from an executor to its framework (KILL-5). */
export interface ExecutorMessageInput extends Timed {
  readonly type: 'executor-message';
  readonly framework: string;
  readonly executor: string;
  readonly data: string;
}

/** A way to the master is open: the agent registers on it. */
export interface ConnectedInput extends Timed {
  readonly type: 'connected';
  /** What the transport calls this way; answers that name another one are stale. */
  readonly connection?: string;
}

/** The way to the master broke. */
export interface DisconnectedInput extends Timed {
  readonly type: 'disconnected';
  /** Which one; a break of an older one ends nothing newer. Absent = the present one. */
  readonly connection?: string;
}

/** Nothing but time passed. */
export interface TickInput extends Timed {
  readonly type: 'tick';
}

/** Everything that can happen to an agent. */
export type AgentInput =
  | CommandInput
  | ExecutorUpdateInput
  | ExecutorExitedInput
  | ExecutorMessageInput
  | ConnectedInput
  | DisconnectedInput
  | TickInput;

/** What executors say to their agent, before it was heard. */
export type ExecutorInput = AgentInput extends infer Each
  ? Each extends { type: 'executor-update' | 'executor-exited' | 'executor-message' }
    ? Omit<Each, 'at'>
    : never
  : never;

interface ToExecutor {
  readonly framework: string;
  /** The id of its `ExecutorInfo`, or of the task if that brings none. */
  readonly executor: string;
}

/** Run this task. `starts`: its executor does not run yet. */
export interface LaunchTaskMessage extends ToExecutor {
  readonly type: 'launch-task';
  readonly task: TaskInfo;
  readonly frameworkInfo: ReportedFramework;
  readonly starts: boolean;
}

/** Run these tasks together. `starts`: their executor does not run yet. */
export interface LaunchGroupMessage extends ToExecutor {
  readonly type: 'launch-group';
  readonly executorInfo: ExecutorInfo;
  readonly tasks: readonly TaskInfo[];
  readonly frameworkInfo: ReportedFramework;
  readonly starts: boolean;
}

/** End this task within `graceMs` (KILL-3). */
export interface KillTaskMessage extends ToExecutor {
  readonly type: 'kill-task';
  readonly task: string;
  readonly graceMs: number;
}

/** The grace is over: end this task by force (KILL-3). */
export interface DestroyTaskMessage extends ToExecutor {
  readonly type: 'destroy-task';
  readonly task: string;
}

/** End what you run and yourself within `graceMs` (KILL-4). */
export interface ShutdownExecutorMessage extends ToExecutor {
  readonly type: 'shutdown-executor';
  readonly graceMs: number;
}

/** The grace is over: end this executor by force (KILL-4). */
export interface DestroyExecutorMessage extends ToExecutor {
  readonly type: 'destroy-executor';
}

/** The agent has your update and will see to it that it arrives (UPD-5). */
export interface AcknowledgedMessage extends ToExecutor {
  readonly type: 'acknowledged';
  readonly task: string;
  readonly uuid: string;
}

/** Bytes from your framework (KILL-5). */
export interface FrameworkMessage extends ToExecutor {
  readonly type: 'message';
  readonly data: string;
}

/** Everything an agent can want of an executor. */
export type ExecutorMessage =
  | LaunchTaskMessage
  | LaunchGroupMessage
  | KillTaskMessage
  | DestroyTaskMessage
  | ShutdownExecutorMessage
  | DestroyExecutorMessage
  | AcknowledgedMessage
  | FrameworkMessage;

/** What the caller now owes, in order. */
export type AgentOutput =
  { readonly to: 'master'; readonly report: Report } | { readonly to: 'executor'; readonly message: ExecutorMessage };
