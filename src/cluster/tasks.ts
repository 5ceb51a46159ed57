/** The life of a task in the master's books (TASK-1 … 7). */
import { hold, recover } from '../offers/index.js';
import { noResources, type Resources } from '../resources/index.js';
import {
  canApply,
  isTerminal,
  outcome,
  taskStatus,
  type Situation,
  type TaskInfo,
  type TaskState,
  type TaskStatus,
} from '../tasks/index.js';
import { agentOf, frameworkOf, putAgent, putFramework, tell, type Draft } from './draft.js';
import { noteOvercommitment } from './overcommit.js';
import { ringPush } from './ring.js';
import type { Framework, Task, TaskRef } from './state.js';

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
    labels: info.labels ?? [],
    state: 'staging',
    status: null,
    holds: true,
    launchedAt: at,
  };
}

/** Enters a task under its framework and its agent. */
export function addTask(draft: Draft, task: Task): void {
  putTask(draft, task);
  const agent = agentOf(draft, task.agent);
  putAgent(draft, { ...agent, tasks: [...agent.tasks, { framework: task.framework, task: task.id }] });
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
  if (draft.agents.get(task.agent)?.overcommitted === true) noteOvercommitment(draft, task.agent);
  return { ...task, holds: false };
}

/** Holds again what a task uses: its agent came back with it. The caller writes the row. */
export function holdTask(draft: Draft, task: Task): Task {
  if (task.holds || isTerminal(task.state)) return task;
  hold(draft.allocator, task, task.resources);
  return { ...task, holds: true };
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

/** Ends a task by the master's own word, tells its framework unless that heard of its end already, and forgets it (TASK-6). */
export function endTask(draft: Draft, task: Task, situation: Situation, message: string): void {
  if (task.status?.terminal === true) {
    completeTask(draft, task);
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

/** Takes an executor off an agent: what it held is free (ACC-7, TASK-12). */
export function removeExecutor(draft: Draft, agentId: string, framework: string, executor: string): Resources {
  const agent = agentOf(draft, agentId);
  const found = agent.executors.find((row) => row.framework === framework && row.info.id === executor);
  if (found === undefined) return noResources;
  putAgent(draft, { ...agent, executors: agent.executors.filter((row) => row !== found) });
  recover(draft.allocator, { framework, agent: agentId, role: found.role, resources: found.info.resources }, 0);
  if (agent.overcommitted) noteOvercommitment(draft, agentId);
  return found.info.resources;
}
