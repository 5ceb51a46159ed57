/** A registered agent connects again: what it has and what the master thinks it has are brought together (AG-11). */
import { emit, agentOf, frameworkOf, putAgent, type Draft } from '../draft.js';
import type { Agent, Task } from '../state.js';
import { isTerminal } from '../../tasks/index.js';
import { applyState, executorKey, isPartitionAware, putTask, removeExecutors } from '../tasks.js';
import { tasksOn } from '../agents.js';
import { sendKill } from '../calls/kill.js';
import { adoptExecutors, adoptTasks, endRemovedFrameworks, type Reported } from './returning.js';

/**
 * Tasks that only the master has are asked about; tasks that only the agent has enter; states that the agent knows
 * better are applied; executors that are gone are forgotten; kills that may not have arrived are repeated.
 */
export function settleAccounts(draft: Draft, id: string, reported: Reported): void {
  askAboutMissing(draft, agentOf(draft, id), reported);
  forgetExecutors(draft, agentOf(draft, id), reported);
  adoptExecutors(draft, id, reported);
  // Of an agent that is registered all tasks are known until their end is acknowledged. One that is over and is not known
  // was acknowledged while this was on its way: as a row it would wait for ever for what has been.
  const fresh = reported.tasks.filter((task) => !isTerminal(task.state) && !hasTask(draft, task));
  for (const task of reported.tasks) {
    const known = draft.frameworks.get(task.framework)?.tasks.get(task.id);
    if (known !== undefined && known.agent === id) putTask(draft, applyState(draft, known, task.state));
  }
  adoptTasks(draft, id, { ...reported, tasks: fresh }, true);
  endRemovedFrameworks(draft, id, reported);

  repeatKills(draft, agentOf(draft, id));
}

function hasTask(draft: Draft, task: Task): boolean {
  return draft.frameworks.get(task.framework)?.tasks.has(task.id) ?? false;
}

function askAboutMissing(draft: Draft, agent: Agent, reported: Reported): void {
  const has = new Set(reported.tasks.map(({ framework, id }) => `${framework}/${id}`));
  const missing = tasksOn(draft, agent).filter((task) => !has.has(`${task.framework}/${task.id}`));
  if (missing.length === 0) return;
  const tasks = missing.map(({ framework, id }) => ({
    framework,
    task: id,
    partitionAware: isPartitionAware(frameworkOf(draft, framework)),
  }));
  emit(draft, { type: 'reconcile', agent: agent.id, tasks });
}

function forgetExecutors(draft: Draft, agent: Agent, reported: Reported): void {
  const there = new Set(reported.executors.map(executorKey));
  removeExecutors(draft, agent.id, (executor) => !there.has(executorKey(executor)));
}

/** KILL-1: a kill is retried at re-registration while its task lives. */
function repeatKills(draft: Draft, agent: Agent): void {
  const alive = agent.kills.filter(({ framework, task }) => {
    const row = draft.frameworks.get(framework)?.tasks.get(task);
    return row !== undefined && !isTerminal(row.state);
  });
  putAgent(draft, { ...agent, kills: alive });
  for (const kill of alive) sendKill(draft, agent.id, kill);
}
