/** Ending tasks (KILL-1 … KILL-3). */
import { isDuration, isTerminal, outcome, type KillCommand, type KillPolicy } from '../tasks/index.js';
import { isManaged, type AgentTask } from './state.js';
import { drop, ensureFramework, setTask, tell, type Step } from './step.js';
import { pushOwnUpdate, saysKilling } from './updates.js';

/** What a task has between the demand and the force, unless it or the kill says otherwise, ms (KILL-3). */
export const defaultKillGraceMs = 3_000;

/** The grace of a kill: the kill's own word before the task's before the default (KILL-3), within the bound of a drain. */
function graceOf(task: AgentTask, policy?: KillPolicy, maxGraceMs = Infinity): number {
  const said = [policy?.graceMs, task.info.killPolicy?.graceMs].find((grace) => isDuration(grace));
  const grace = said ?? defaultKillGraceMs;
  return maxGraceMs >= 0 ? Math.min(grace, maxGraceMs) : grace;
}

/** The master wants a task ended. Its executor decides how the task ends; the agent sees to it that it does. */
export function onKill(step: Step, { framework, task: id, killPolicy, maxGraceMs }: KillCommand): void {
  const known = step.state.frameworks.get(framework);
  if (known?.removed === true) {
    drop(step);
    return;
  }
  const task = known?.tasks.get(id);
  if (task === undefined) answerUnknown(step, framework, id);
  else killTask(step, framework, task, graceOf(task, killPolicy, maxGraceMs));
}

/** The launch never came here, or the task is long over: the master should not wait for it (§15, kill without executor). */
function answerUnknown(step: Step, framework: string, id: string): void {
  const known = ensureFramework(step, framework);
  // An answer is on its way already.
  if (known.streams.has(id)) return;
  // Who the framework is, is not known here if nothing of it ever came; the master says `lost` where it must (TASK-3).
  const aware = known.info?.capabilities.includes('partition-aware') ?? true;
  pushOwnUpdate(step, framework, id, {
    ...outcome('no-executor', aware),
    message: 'The agent has no executor with this task',
  });
}

/**
 * Ends a task within `graceMs` of the first demand. A later demand with less grace shortens it; none lengthens it
 * (KILL-3). A task whose own executor is not the agent's gets the demand only.
 */
export function killTask(step: Step, framework: string, task: AgentTask, graceMs: number): void {
  if (isTerminal(task.state)) return;
  const { id } = task.info;
  const executor = step.state.frameworks.get(framework)?.executors.get(task.executor);
  const since = task.kill?.since ?? step.at;
  const destroyAt = Math.min(task.kill?.destroyAt ?? Infinity, since + graceMs);
  const escalates = isManaged(executor);
  setTask(step, framework, id, { ...task, kill: { since, ...(escalates && { destroyAt }) } });
  tell(step, {
    type: 'kill-task',
    framework,
    executor: executor?.id ?? task.info.executor?.id ?? id,
    task: id,
    graceMs: Math.max(0, (escalates ? destroyAt : step.at + graceMs) - step.at),
  });
  if (saysKilling(step, framework, task)) pushOwnUpdate(step, framework, id, { state: 'killing', source: 'agent' });
}

/** A task's grace is over (KILL-3). */
export function onGraceOver(step: Step, framework: string, id: string): void {
  const known = step.state.frameworks.get(framework);
  const task = known?.tasks.get(id);
  if (known === undefined || task?.kill === undefined) return;
  setTask(step, framework, id, { ...task, kill: { since: task.kill.since } });
  tell(step, { type: 'destroy-task', framework, executor: known.executors.get(task.executor)?.id ?? id, task: id });
}

/** A task has run for as long as it may: it gets no grace (TASK-10). */
export function onExpired(step: Step, framework: string, id: string): void {
  const task = step.state.frameworks.get(framework)?.tasks.get(id);
  if (task === undefined) return;
  const { expiresAt: _, ...rest } = task;
  // One that is being killed already ends as killed, not as failed.
  if (task.kill !== undefined) setTask(step, framework, id, rest);
  else killTask(step, framework, { ...rest, expired: true }, 0);
}

/**
 * A task of a group that was killed or failed takes the others with it; one that finished does not (KILL-2). That is the
 * restart policy of the default executor: another one decides for itself.
 */
export function takeDownGroups(step: Step): void {
  for (let ended = step.ended.pop(); ended !== undefined; ended = step.ended.pop()) {
    const { framework, info, group = [], state, executor } = ended;
    if (state !== 'killed' && state !== 'failed') continue;
    if (!isManaged(step.state.frameworks.get(framework)?.executors.get(executor))) continue;
    for (const id of group) {
      const other = step.state.frameworks.get(framework)?.tasks.get(id);
      if (id === info.id || other?.executor !== executor || other.kill !== undefined) continue;
      killTask(step, framework, other, graceOf(other));
    }
  }
}
