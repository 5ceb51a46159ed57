/** How an agent is lost: disconnected, unreachable, removed (AG-3, AG-4, AG-10). */
import { giveUpWaiting, removeAgent as removeFromAllocator } from '../offers/index.js';
import { compareText, type Table } from '../resources/index.js';
import { isTerminal, outcome, type Situation } from '../tasks/index.js';
import { refreshActivity } from './activity.js';
import { pushDeadline } from './deadlines.js';
import { agentOf, frameworkOf, newWatch, putAgent, removeAgentRow, putFramework, tell, type Draft } from './draft.js';
import { endOperations } from './feedback.js';
import { rescindAgentInverseOffers } from './inverse-offers.js';
import { forgetSilences, rescindAgentOffers } from './offers.js';
import { ringTrim } from './ring.js';
import type { Agent, Task, TaskRef } from './state.js';
import { endTask, forgetAtAgent, isPartitionAware, masterStatus, releaseTask, removeExecutors } from './tasks.js';
import { unsettleAgent } from './unavailability.js';
import { nameUnreachable, unnameUnreachable } from './unreachable-tasks.js';

/**
 * The connection broke (AG-3): offers are rescinded, tasks of frameworks that don't checkpoint are lost, the others wait
 * for the agent to come back in time.
 */
export function disconnectAgent(draft: Draft, id: string): void {
  const agent = agentOf(draft, id);
  if (!agent.connected) return;
  const isLost = ({ framework }: { readonly framework: string }): boolean =>
    !frameworkOf(draft, framework).settings.checkpoint;
  for (const task of takeTasks(draft, id, isLost)) endTask(draft, task, 'agent-disconnected', 'Agent disconnected');
  removeExecutors(draft, id, isLost);

  rescindAgentOffers(draft, id);
  rescindAgentInverseOffers(draft, id);
  putAgent(draft, { ...agentOf(draft, id), connected: false, connection: null });
  refreshActivity(draft, id);
  awaitReturn(draft, id);
}

/** Gives a disconnected or recovered agent its time to come back (AG-3, AG-8). */
export function awaitReturn(draft: Draft, id: string): void {
  const watch = newWatch(draft);
  const agent = draft.agents.get(id);
  const recovered = draft.recovered.get(id);
  if (agent !== undefined) putAgent(draft, { ...agent, watch });
  else if (recovered !== undefined) draft.recovered = draft.recovered.set(id, { ...recovered, watch }, draft.edit);
  const at = draft.now - draft.stalledMs + draft.config.agentReregisterTimeoutMs;
  draft.deadlines = pushDeadline(draft.deadlines, { at, kind: 'agent', id, token: watch });
}

/** An agent that was expected back is there, or will not come. When no other is expected nobody is waited for (ALLOC-18). */
export function forgetRecovered(draft: Draft, id: string): void {
  if (!draft.recovered.has(id)) return;
  draft.recovered = draft.recovered.remove(id, draft.edit);
  if (draft.recovered.size === 0) giveUpWaiting(draft.allocator);
}

/** Watches the heartbeats of an agent that asked for it (AG-2); others are not watched. */
export function watchAgent(draft: Draft, id: string): void {
  const watch = newWatch(draft);
  const agent = agentOf(draft, id);
  const lastSeen = draft.now - draft.stalledMs;
  putAgent(draft, { ...agent, watch, lastSeen });
  if (agent.heartbeatMs === null) return;
  const at = lastSeen + agent.heartbeatMs * draft.config.maxMissedHeartbeats;
  draft.deadlines = pushDeadline(draft.deadlines, { at, kind: 'agent', id, token: watch });
}

/**
 * The agent can't be reached (AG-4): its tasks are unreachable but may come back with it, its resources leave the
 * allocator, its offers are rescinded, every framework hears of it.
 */
export function markUnreachable(draft: Draft, id: string): void {
  noteUnreachable(draft, id);
  const tasks = takeTasks(draft, id);
  for (const task of tasks) makeUnreachable(draft, task);
  nameUnreachable(draft, id, tasks);
  for (const framework of new Set(tasks.map((task) => task.framework))) {
    const row = frameworkOf(draft, framework);
    putFramework(draft, { ...row, unreachableTasks: boundUnreachable(draft, row.unreachableTasks) });
  }
  endOperations(draft, id, 'unreachable');
  dropAgent(draft, id);
}

/** A recovered agent did not come back in time (AG-8): of it there is nothing but what frameworks must hear (AG-4). */
export function loseAgent(draft: Draft, id: string): void {
  forgetRecovered(draft, id);
  noteUnreachable(draft, id);
  tellLoss(draft, id);
}

/** The agent ends for good: its tasks are lost with it, and what was wanted of it is forgotten (AG-9, AG-10). */
export function removeAgent(draft: Draft, id: string, situation: Situation, message: string): void {
  for (const task of takeTasks(draft, id)) endTask(draft, task, situation, message);
  endOperations(draft, id, situation === 'agent-gone' ? 'gone-by-operator' : 'unknown');
  dropAgent(draft, id);
  draft.service = draft.service.remove(id, draft.edit);
}

/** What all ways of losing an agent share, after its tasks were dealt with. */
function dropAgent(draft: Draft, id: string): void {
  rescindAgentOffers(draft, id);
  rescindAgentInverseOffers(draft, id);
  forgetSilences(draft, id);
  unsettleAgent(draft, id);
  removeAgentRow(draft, id);
  removeFromAllocator(draft.allocator, id);
  tellLoss(draft, id);
}

/** Every framework hears of an agent that is lost (AG-4, TASK-12). */
export function tellLoss(draft: Draft, agent: string): void {
  for (const framework of draft.frameworks.values()) tell(draft, framework.id, { type: 'failure', agent });
}

/** Remembers since when an agent is unreachable; the oldest are forgotten beyond the bound (AG-7). */
function noteUnreachable(draft: Draft, id: string): void {
  draft.unreachable = draft.unreachable.set(id, draft.now, draft.edit);
  boundUnreachableAgents(draft);
}

/** What was wanted of an agent is forgotten with it. */
function boundUnreachableAgents(draft: Draft): void {
  for (const id of oldestBeyond(draft.unreachable, draft.config.maxUnreachableAgents, (since) => since)) {
    draft.unreachable = draft.unreachable.remove(id, draft.edit);
    draft.service = draft.service.remove(id, draft.edit);
  }
}

/** An agent that is gone is refused for as long as it is remembered: beyond the bound the oldest are not (AG-7). */
export function boundGoneAgents(draft: Draft): void {
  for (const id of oldestBeyond(draft.gone, draft.config.maxUnreachableAgents, (since) => since)) {
    draft.gone = draft.gone.remove(id, draft.edit);
  }
}

/** The oldest rows of a table beyond `max`, by id; of two that are equally old the one with the smaller id goes. */
export function oldestBeyond<Row>(table: Table<Row>, max: number, since: (row: Row) => number): readonly string[] {
  const excess = table.size - max;
  if (excess <= 0) return [];
  if (excess > 1) {
    const oldestFirst = [...table.entries()].sort((a, b) => since(a[1]) - since(b[1]));
    return oldestFirst.slice(0, excess).map(([id]) => id);
  }
  // The usual case, one more than there is room for, needs no order of all.
  let oldest = { id: '', at: Infinity };
  table.forEach((row, id) => {
    const at = since(row);
    if (at < oldest.at || (at === oldest.at && compareText(id, oldest.id) < 0)) oldest = { id, at };
  });
  return [oldest.id];
}

/** Since when an agent is unreachable; undefined = it is not, or nobody remembers (AG-7). */
export function unreachableSince(draft: Draft, id: string): number | undefined {
  const since = draft.unreachable.get(id);
  return since !== undefined && draft.now - since <= draft.config.maxUnreachableAgentAgeMs ? since : undefined;
}

/** The tasks of an agent that are lost. Its row names them no longer: striking them off one by one is slow. */
function takeTasks(draft: Draft, id: string, isLost: (ref: TaskRef) => boolean = () => true): readonly Task[] {
  const agent = agentOf(draft, id);
  const lost = tasksOn(draft, { ...agent, tasks: agent.tasks.filter(isLost) });
  const isKept = (ref: TaskRef): boolean => !isLost(ref);
  putAgent(draft, { ...agent, tasks: agent.tasks.filter(isKept), kills: agent.kills.filter(isKept) });
  return lost;
}

/** All tasks of an agent, in the order of their launch. */
export function tasksOn(draft: Draft, agent: Agent): readonly Task[] {
  return agent.tasks.flatMap(({ framework, task }) => draft.frameworks.get(framework)?.tasks.get(task) ?? []);
}

function makeUnreachable(draft: Draft, task: Task): void {
  const framework = frameworkOf(draft, task.framework);
  const { state, reason, source } = outcome('agent-unreachable', isPartitionAware(framework));
  const status = masterStatus(draft, {
    task: task.id,
    state,
    reason,
    source,
    message: `Agent ${task.agent} is unreachable`,
    agent: task.agent,
    ...(task.executor === null ? {} : { executor: task.executor }),
    unreachableTime: draft.now,
  });
  // What ended stays ended (TASK-4). Its framework hears of the agent all the same: the end can't be acknowledged now.
  const kept = isTerminal(task.state) ? task.state : 'unreachable';
  const unreachable: Task = { ...releaseTask(draft, task), state: kept, status };
  const row = frameworkOf(draft, task.framework);
  putFramework(draft, {
    ...row,
    tasks: row.tasks.remove(task.id, draft.edit),
    unreachableTasks: row.unreachableTasks.set(task.id, unreachable, draft.edit),
  });
  forgetAtAgent(draft, task);
  tell(draft, task.framework, { type: 'update', status });
}

/** The oldest unreachable tasks are forgotten beyond the bound (TASK-6). */
function boundUnreachable(draft: Draft, tasks: Table<Task>): Table<Task> {
  const oldest = oldestBeyond(tasks, draft.config.maxUnreachableTasks, (task) => task.status?.unreachableTime ?? 0);
  unnameUnreachable(
    draft,
    oldest.flatMap((id) => tasks.get(id) ?? []),
  );
  return oldest.reduce((kept, id) => kept.remove(id, draft.edit), tasks);
}

/** Forgets of the past what the configuration no longer has room for: a bound was lowered (I11). */
export function keepBounds(draft: Draft): void {
  const { config } = draft;
  boundUnreachableAgents(draft);
  boundGoneAgents(draft);
  draft.completedFrameworks = ringTrim(draft.completedFrameworks, config.maxCompletedFrameworks);
  for (const framework of draft.frameworks.values()) {
    const unreachableTasks = boundUnreachable(draft, framework.unreachableTasks);
    const completedTasks = ringTrim(framework.completedTasks, config.maxCompletedTasks);
    if (unreachableTasks === framework.unreachableTasks && completedTasks === framework.completedTasks) continue;
    putFramework(draft, { ...framework, unreachableTasks, completedTasks });
  }
}
