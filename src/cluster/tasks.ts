/** The life of a task in the master's books (TASK-1 … 7). */
import { recover, recoverAll, type Holding } from '../offers/index.js';
import {
  canApply,
  isTerminal,
  outcome,
  readLabels,
  taskStatus,
  type Situation,
  type TaskInfo,
  type TaskState,
  type TaskStatus,
} from '../tasks/index.js';
import { agentOf, frameworkOf, noteEmptied, putAgent, putFramework, tell, type Draft } from './draft.js';
import { noteOvercommitment } from './overcommit.js';
import { ringPush } from './ring.js';
import type { AgentExecutor, Framework, Task, TaskRef } from './state.js';

/** A task that is launched now; its resources are held already, as a part of the offer. */
export function launchedTask(info: TaskInfo, framework: string, at: number): Task {
  return {
    id: info.id,
    name: info.name ?? info.id,
    framework,
    agent: info.agent,
    role: info.role,
    resources: info.resources,
    executor: info.executor?.id ?? null,
    priority: info.priority ?? 0,
    preemptible: info.preemptible ?? false,
    labels: info.labels ?? readLabels([]),
    state: 'staging',
    status: null,
    holds: true,
    launchedAt: at,
  };
}

/** Enters a task under its framework and its agent. */
export function addTask(draft: Draft, task: Task): void {
  putTask(draft, task);
  nameTasks(draft, task.agent, [task]);
}

/** The agent's row names these tasks from now on. */
export function nameTasks(draft: Draft, id: string, tasks: readonly Task[]): void {
  const agent = agentOf(draft, id);
  const refs = tasks.map((task): TaskRef => ({ framework: task.framework, task: task.id }));
  // `concat` makes a list of just the length: one that is spread into has room for more.
  putAgent(draft, { ...agent, tasks: agent.tasks.concat(refs) });
}

/** Writes a task's row. */
export function putTask(draft: Draft, task: Task): void {
  const framework = frameworkOf(draft, task.framework);
  putFramework(draft, { ...framework, tasks: framework.tasks.set(task.id, task, draft.edit) });
}

/** Whether a framework is told everything, or `lost` where it would not understand (TASK-3). */
export function isPartitionAware(framework: Framework): boolean {
  return framework.settings.capabilities.includes('partition-aware');
}

/** What reconciliation tells of a task: the state of the last update forwarded (TASK-7). */
export function statusState(task: Task): TaskState {
  return task.status?.state ?? 'staging';
}

/**
 * The agent knows a newer state. Once terminal, a state never changes again, and no task goes back to `staging` (TASK-4);
 * at the first terminal one the resources are free, before any acknowledgement (TASK-5).
 */
export function applyState(draft: Draft, task: Task, state: TaskState): Task {
  if (task.state === state || !canApply(task.state, state)) return task;
  const next = { ...task, state };
  return isTerminal(state) ? releaseTask(draft, next) : next;
}

/** Gives back what a task holds, once per holding (TASK-5). The caller writes the row. */
export function releaseTask(draft: Draft, task: Task): Task {
  if (!task.holds) return task;
  recover(draft.allocator, task, 0);
  if (draft.agents.get(task.agent)?.overcommitted === true) noteOvercommitment(draft, task.agent, task);
  return { ...task, holds: false };
}

/** A task leaves the tables: acknowledged, or ended by the master itself (TASK-6). */
export function completeTask(draft: Draft, task: Task): void {
  retireTask(draft, task);
  forgetAtAgent(draft, task);
}

/** As `completeTask`, for callers that strike all tasks of an agent from its row at once. */
export function retireTask(draft: Draft, task: Task): void {
  const released = releaseTask(draft, task);
  const framework = frameworkOf(draft, task.framework);
  const completed = {
    id: task.id,
    name: task.name,
    agent: task.agent,
    role: task.role,
    state: released.state,
    endedAt: draft.now,
  };
  putFramework(draft, {
    ...framework,
    tasks: framework.tasks.remove(task.id, draft.edit),
    completedTasks: ringPush(framework.completedTasks, completed, draft.config.maxCompletedTasks),
  });
}

/** The agent's row no longer names the task. */
export function forgetAtAgent(draft: Draft, task: Task): void {
  const agent = draft.agents.get(task.agent);
  if (agent === undefined) return;
  const isOther = (ref: TaskRef): boolean => ref.task !== task.id || ref.framework !== task.framework;
  putAgent(draft, { ...agent, tasks: agent.tasks.filter(isOther), kills: agent.kills.filter(isOther) });
  noteEmptied(draft, agent.id);
}

/** A status that the master makes itself: no uuid, not retried (UPD-1). */
export function masterStatus(
  draft: Draft,
  fields: { readonly task: string; readonly state: TaskState } & Partial<
    Omit<TaskStatus, 'task' | 'state' | 'terminal'>
  >,
): TaskStatus {
  return taskStatus({ source: 'master', timestamp: draft.now, ...fields });
}

/**
 * Ends a task by the master's own word, tells its framework, and forgets it (TASK-6). One that had ended, though that is
 * not acknowledged, stays ended as it was: its framework is told that again, since the update may have been lost and there
 * is nobody left to resend it. (Mesos says that such a task is lost.)
 */
export function endTask(draft: Draft, task: Task, situation: Situation, message: string): void {
  if (task.status?.terminal === true) {
    const { uuid: _uuid, ...end } = task.status;
    completeTask(draft, task);
    tell(draft, task.framework, { type: 'update', status: taskStatus(end) });
    return;
  }
  const { state, reason, source } = outcome(situation, isPartitionAware(frameworkOf(draft, task.framework)));
  const ended = { ...task, state };
  const status = masterStatus(draft, {
    task: task.id,
    state,
    reason,
    source,
    message,
    agent: task.agent,
    ...(task.executor === null ? {} : { executor: task.executor }),
  });
  completeTask(draft, ended);
  tell(draft, task.framework, { type: 'update', status });
}

/** Takes executors off an agent: what they held is free (ACC-7, TASK-12). */
export function removeExecutors(draft: Draft, id: string, isGone: (executor: AgentExecutor) => boolean): void {
  const agent = agentOf(draft, id);
  const gone: AgentExecutor[] = [];
  const kept: AgentExecutor[] = [];
  for (const executor of agent.executors) (isGone(executor) ? gone : kept).push(executor);
  if (gone.length === 0) return;
  putAgent(draft, { ...agent, executors: kept });
  recoverAll(draft.allocator, id, gone.map(executorHolding));
  if (agent.overcommitted) noteOvercommitment(draft, id);
}

/** What an executor holds. */
export function executorHolding({ framework, role, info }: AgentExecutor): Holding {
  return { framework, role, resources: info.resources };
}

/** Tells an executor of an agent from all others there: ids have no slash (VAL-1). */
export function executorKey({ framework, info }: AgentExecutor): string {
  return `${framework}/${info.id}`;
}
