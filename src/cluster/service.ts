/**
 * Agents out of service (DRAIN-1, DRAIN-2): what the operator wants of an agent outlives the agent's presence. It is
 * remembered while the agent is away and holds again when it returns.
 */
import { isTerminal } from '../tasks/index.js';
import { refreshActivity } from './activity.js';
import { tasksOn } from './agents.js';
import { rememberKill, sendKill } from './calls/kill.js';
import { noteEmptied, type Draft } from './draft.js';
import { markGone } from './gone.js';
import { rescindAgentInverseOffers } from './inverse-offers.js';
import { rescindAgentOffers } from './offers.js';
import type { Agent, AgentService, PendingKill, Task } from './state.js';

/** Nothing is offered of the agent any more; what was is taken back. */
export function takeOutOfService(draft: Draft, service: AgentService): void {
  const { id } = service;
  draft.service = draft.service.set(id, service, draft.edit);
  if (!draft.agents.has(id)) return;
  rescindAgentOffers(draft, id);
  rescindAgentInverseOffers(draft, id);
  refreshActivity(draft, id);
}

/** Ends what runs on a draining agent: everything, at the operator's word; later only what turned up since (DRAIN-1). */
export function drainTasks(draft: Draft, id: string, which: 'all' | 'new'): void {
  const service = draft.service.get(id);
  const agent = draft.agents.get(id);
  if (agent === undefined || service === undefined || service.drain === null) return;
  if (agent.tasks.length > 0) setDrainState(draft, service, 'draining');
  const { maxGraceMs } = service.drain;
  for (const task of tasksOn(draft, agent)) {
    const asked = agent.kills.find((kill) => isOf(kill, task));
    if (isTerminal(task.state) || (which === 'new' && asked !== undefined)) continue;
    const kill = {
      framework: task.framework,
      task: task.id,
      graceMs: asked?.graceMs ?? null,
      maxGraceMs,
      preempted: false,
    };
    rememberKill(draft, id, kill);
    if (agent.connected) sendKill(draft, id, kill);
  }
  noteEmptied(draft, id);
}

function isOf(kill: PendingKill, task: Task): boolean {
  return kill.task === task.id && kill.framework === task.framework;
}

/** Finishes the drains of agents on which nothing is left to wait for, not even an acknowledgement (DRAIN-1). */
export function settleDrains(draft: Draft): void {
  if (draft.emptied.size === 0) return;
  const emptied = [...draft.emptied];
  draft.emptied.clear();
  for (const id of emptied) {
    const service = draft.service.get(id);
    const agent = draft.agents.get(id);
    if (service?.drain?.state !== 'draining' || agent === undefined || !isEmptied(agent)) continue;
    if (service.drain.markGone) markGone(draft, id);
    else setDrainState(draft, service, 'drained');
  }
}

function isEmptied({ tasks, operations }: Agent): boolean {
  return tasks.length === 0 && operations.length === 0;
}

function setDrainState(draft: Draft, service: AgentService, state: 'draining' | 'drained'): void {
  if (service.drain === null || service.drain.state === state) return;
  draft.service = draft.service.set(service.id, { ...service, drain: { ...service.drain, state } }, draft.edit);
}
