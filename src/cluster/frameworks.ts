/** How a framework goes away (FW-5 … 7). */
import { deactivateFramework, removeFramework as removeFromAllocator } from '../offers/index.js';
import { compareText } from '../resources/index.js';
import { pushDeadline } from './deadlines.js';
import { agentOf, emit, frameworkOf, noteEmptied, newWatch, putAgent, putFramework, type Draft } from './draft.js';
import { orphanOperations } from './feedback.js';
import { discardInverseOffersOf } from './inverse-offers.js';
import { discardOffer, offersOf } from './offers.js';
import { forgetAsks } from './preemption/claims.js';
import { ringPush, ringValues } from './ring.js';
import type { CompletedFramework, TaskRef } from './state.js';
import { removeExecutors, retireTask } from './tasks.js';
import { unnameUnreachable } from './unreachable-tasks.js';

/** The stream broke (FW-5): no more offers, its offers go back, its tasks go on, the failover timer starts. */
export function disconnectFramework(draft: Draft, id: string): void {
  const framework = frameworkOf(draft, id);
  if (framework.state !== 'connected') return;
  for (const offer of offersOf(draft, id)) discardOffer(draft, offer);
  discardInverseOffersOf(draft, id);
  deactivateFramework(draft.allocator, id);
  const watch = newWatch(draft);
  putFramework(draft, { ...frameworkOf(draft, id), state: 'disconnected', connection: null, watch });
  const at = draft.now - draft.stalledMs + framework.settings.failoverTimeoutMs;
  draft.deadlines = pushDeadline(draft.deadlines, { at, kind: 'failover', id, token: watch });
}

/**
 * The framework is removed for good (FW-7): offers are discarded, agents end what they run for it, its tasks are killed
 * without a word to anybody, everything that it holds is free, and its id is used up.
 */
export function removeFramework(draft: Draft, id: string): void {
  const framework = frameworkOf(draft, id);
  for (const offer of offersOf(draft, id)) discardOffer(draft, offer);
  discardInverseOffersOf(draft, id);
  const tasks = framework.tasks.values();
  const agents = new Set(tasks.map((task) => task.agent));
  for (const task of tasks) retireTask(draft, { ...task, state: 'killed' });
  for (const agent of agents) strikeTasks(draft, agent, id);
  for (const agent of agentsWithExecutors(draft, id)) {
    agents.add(agent);
    removeExecutors(draft, agent, (executor) => executor.framework === id);
  }
  for (const agent of [...agents].sort(compareText)) shutdownOn(draft, agent, id);
  removeFromAllocator(draft.allocator, id);
  orphanOperations(draft, id);
  forgetAsks(draft, id);
  unnameUnreachable(draft, framework.unreachableTasks.values());
  draft.frameworks = draft.frameworks.remove(id, draft.edit);
  const completed = { id, name: framework.settings.name, removedAt: draft.now };
  draft.completedFrameworks = ringPush(draft.completedFrameworks, completed, draft.config.maxCompletedFrameworks);
}

/** Whether a framework of this id was removed, as far as it is remembered (FW-2). */
export function completedFramework(draft: Draft, id: string): CompletedFramework | undefined {
  return ringValues(draft.completedFrameworks).find((completed) => completed.id === id);
}

/** Ids of all removed frameworks that are remembered. */
export function completedFrameworkIds(draft: Draft): ReadonlySet<string> {
  return new Set(ringValues(draft.completedFrameworks).map(({ id }) => id));
}

/** An agent is told to end everything of a framework. */
export function shutdownOn(draft: Draft, agent: string, framework: string): void {
  if (draft.agents.get(agent)?.connected !== true) return;
  emit(draft, { type: 'shutdown-framework', agent, framework });
}

/** The agent's row names no task of the framework any more. */
function strikeTasks(draft: Draft, id: string, framework: string): void {
  const agent = agentOf(draft, id);
  const isOther = (ref: TaskRef): boolean => ref.framework !== framework;
  putAgent(draft, { ...agent, tasks: agent.tasks.filter(isOther), kills: agent.kills.filter(isOther) });
  noteEmptied(draft, id);
}

/** An executor may hold nothing at all, so the agents themselves are asked. */
function agentsWithExecutors(draft: Draft, framework: string): readonly string[] {
  const found: string[] = [];
  draft.agents.forEach(({ id, executors }) => {
    if (executors.some((executor) => executor.framework === framework)) found.push(id);
  });
  return found.sort(compareText);
}
