import type { ExecutorInfo, Label, TaskInfo, TaskReason, TaskState } from '../tasks/index.js';
import type { Handled } from './scheduler.js';

/** What an executor says of one of its tasks. */
export interface ExecutorStatus {
  readonly task: string;
  /** Not `staging`, nor what only the control plane can know; such a status is dropped (§15). */
  readonly state: TaskState;
  readonly message?: string;
  readonly reason?: TaskReason;
  /** Text for the framework, passed on as it is. */
  readonly data?: string;
  readonly healthy?: boolean;
  readonly labels?: readonly Label[];
}

/** An executor's handle on its agent. What is said after the executor has ended is not heard. */
export interface ExecutorDriver {
  readonly agent: string;
  readonly framework: string;
  /** The id of its `ExecutorInfo`, or of its one task. */
  readonly executor: string;
  /**
   * Says how a task stands. Reaches the framework at least once, in order for each task (UPD-1, UPD-2).
   *
   * @throws InputError `bad-input` for what is no status: an unknown state or reason, a `data` that is not text.
   */
  update(status: ExecutorStatus): void;
  /** Bytes or text to the framework; at most once (KILL-5). */
  sendMessage(data: string): void;
}

/** How long something may take to end. */
export interface Grace {
  readonly graceMs: number;
}

/**
 * What runs tasks on an agent. One object serves all executors of its kind: the driver says which of them is meant, one
 * driver for as long as one executor lives.
 *
 * A handler that throws or rejects ends nothing but what it was about: a task whose `launch` failed is `failed`, with
 * the error's message.
 */
export interface Executor {
  /** Run this task, and say how it stands from `starting` or `running` to a terminal state. */
  launch(task: TaskInfo, driver: ExecutorDriver): Handled;
  /** Run these together (GROUP-1). Absent = `launch` for each. */
  launchGroup?(
    group: { readonly executor: ExecutorInfo; readonly tasks: readonly TaskInfo[] },
    driver: ExecutorDriver,
  ): Handled;
  /** End this task within the grace, and say how it ended (KILL-3). Absent = `destroy`, at once. */
  kill?(task: string, grace: Grace, driver: ExecutorDriver): Handled;
  /** End this task now and say so; or, without one, all of them (KILL-3, KILL-4). Absent = it counts as ended. */
  destroy?(task: string | undefined, driver: ExecutorDriver): Handled;
  /** End all tasks and yourself within the grace. The executor has ended when this has; absent = at once, by force. */
  shutdown?(grace: Grace, driver: ExecutorDriver): Handled;
  /** Bytes or text from the framework (KILL-5). */
  message?(data: string, driver: ExecutorDriver): Handled;
}
