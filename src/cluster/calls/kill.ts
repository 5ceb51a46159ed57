/** KILL and SHUTDOWN (KILL-1, KILL-3, KILL-4). */
import { agentOf, emit, putAgent, type Draft } from '../draft.js';
import type { KillCall, ShutdownCall } from '../inputs.js';
import type { PendingKill } from '../state.js';
import { heard, reject } from './heard.js';
import { answerQuestion } from './reconcile.js';
import { cut } from '../../resources/quote.js';

/**
 * Asks the task's agent to end it, again if repeated; an agent that is away is asked when it comes back. The kill of an
 * unknown task is answered like a question about it.
 */
export function kill(draft: Draft, call: KillCall): void {
  const framework = heard(draft, call);
  if (framework === undefined) return;
  const task = framework.tasks.get(call.task);
  if (task === undefined) {
    answerQuestion(draft, framework, { task: call.task, ...(call.agent === undefined ? {} : { agent: call.agent }) });
    return;
  }
  if (call.agent !== undefined && call.agent !== task.agent) {
    reject(draft, call, 'wrong-agent', `Task ${task.id} is not on agent ${cut(call.agent)}`);
    return;
  }
  const graceMs = call.killPolicy?.graceMs;
  if (graceMs !== undefined && !(Number.isFinite(graceMs) && graceMs >= 0)) {
    reject(draft, call, 'bad-number', 'killPolicy.graceMs must be a finite number, 0 or more');
    return;
  }
  const pending = {
    framework: framework.id,
    task: task.id,
    graceMs: graceMs === undefined ? null : Math.round(graceMs),
    maxGraceMs: draft.service.get(task.agent)?.drain?.maxGraceMs ?? null,
    preempted: false,
  };
  rememberKill(draft, task.agent, pending);
  if (agentOf(draft, task.agent).connected) sendKill(draft, task.agent, pending);
}

/** A repeated kill replaces the one before: it may have a shorter grace period (KILL-3). */
export function rememberKill(draft: Draft, id: string, kill: PendingKill): void {
  const agent = agentOf(draft, id);
  const others = agent.kills.filter((ref) => ref.task !== kill.task || ref.framework !== kill.framework);
  putAgent(draft, { ...agent, kills: [...others, kill] });
}

/** Asks an agent to end a task. */
export function sendKill(draft: Draft, agent: string, { framework, task, graceMs, maxGraceMs }: PendingKill): void {
  const policy = graceMs === null ? {} : { killPolicy: { graceMs } };
  const bound = maxGraceMs === null ? {} : { maxGraceMs };
  emit(draft, { type: 'kill', agent, framework, task, ...policy, ...bound });
}

/** Asks an agent to end an executor; what is left on it ends with it. */
export function shutdown(draft: Draft, call: ShutdownCall): void {
  const framework = heard(draft, call);
  if (framework === undefined) return;
  const agent = draft.agents.get(call.agent);
  if (agent?.connected !== true) {
    reject(draft, call, 'unknown-agent', `Agent ${cut(call.agent)} is not connected`);
    return;
  }
  emit(draft, { type: 'shutdown-executor', agent: agent.id, framework: framework.id, executor: call.executor });
}
