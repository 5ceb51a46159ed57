/** What agents say of tasks and executors (UPD-7, TASK-5, TASK-7, TASK-12). */
import {
  isTerminal,
  outcome,
  stateSeenBy,
  taskStatus,
  type AgentMessageReport,
  type ExecutorExitedReport,
  type Situation,
  type StatusReport,
  type TaskState,
  type TaskStatus,
} from '../../tasks/index.js';
import { agentOf, count, putAgent, putFramework, tell, type Draft } from '../draft.js';
import type { Framework, Task } from '../state.js';
import { applyState, completeTask, isPartitionAware, removeExecutors } from '../tasks.js';

/**
 * An update: applied to the books whether or not its framework listens, then forwarded (UPD-7). Without `state` it only
 * tells what the agent knows beyond the update in flight, and is forwarded to nobody.
 */
export function status(draft: Draft, report: StatusReport): void {
  const agent = draft.agents.get(report.agent);
  const framework = draft.frameworks.get(report.framework);
  if (
    agent?.connected !== true ||
    framework === undefined ||
    isNonsense(report.state) ||
    isNonsense(report.latestState)
  ) {
    // The agent must register first (UPD-7); a removed framework wants to know nothing.
    count(draft, 'invalidStatusReports');
    return;
  }
  const known = framework.tasks.get(report.task);
  const task = known?.agent === report.agent ? known : undefined;
  const told = task === undefined ? report : asKilled(draft, framework, report);
  const forwarded = told.state === undefined ? undefined : statusOf(draft, told, told.state, framework);
  if (task !== undefined) book(draft, framework, task, told, forwarded);
  if (forwarded !== undefined) tell(draft, framework.id, { type: 'update', status: forwarded });
}

/**
 * What is killed to make room for somebody else is gone for that reason. What is killed on an agent that is being drained was
 * killed for that; on one that will be gone, it is gone (§15). Said here, so that it holds for every agent, however simple.
 */
function asKilled(draft: Draft, framework: Framework, report: StatusReport): StatusReport {
  if (report.state !== 'killed' && report.latestState !== 'killed') return report;
  const situation = killedBy(draft, report);
  if (situation === undefined) return report;
  const why = outcome(situation, isPartitionAware(framework));
  return {
    ...report,
    ...(report.state === 'killed' ? why : {}),
    ...(report.latestState === 'killed' ? { latestState: why.state } : {}),
  };
}

/** Why the master had a task killed; undefined = its framework wanted it. */
function killedBy(draft: Draft, { agent, framework, task }: StatusReport): Situation | undefined {
  const { kills } = agentOf(draft, agent);
  if (kills.some((kill) => kill.preempted && kill.task === task && kill.framework === framework)) {
    return 'container-preempted';
  }
  const drain = draft.service.get(agent)?.drain;
  return drain == null ? undefined : drain.markGone ? 'drained-and-gone' : 'drained';
}

/** States that only the master gives a task, or an answer to a question about it (TASK-4): no agent says them. */
function isNonsense(state: TaskState | undefined): boolean {
  return state === 'staging' || state === 'unreachable' || state === 'unknown';
}

function book(
  draft: Draft,
  framework: Framework,
  task: Task,
  report: StatusReport,
  forwarded: TaskStatus | undefined,
): void {
  const latest = report.latestState ?? report.state ?? task.state;
  // Out of order: a task that is over does not live again, and its last status stays (TASK-4).
  if (
    isTerminal(task.state) &&
    report.state !== undefined &&
    !isTerminal(report.state) &&
    task.status?.terminal === true
  ) {
    return;
  }
  const next = {
    ...applyState(draft, task, latest),
    status: forwarded === undefined ? task.status : withoutData(forwarded),
  };
  if (forwarded?.terminal === true && forwarded.uuid === undefined) {
    // Nobody will acknowledge it: this is the end of the task (TASK-6).
    completeTask(draft, next);
    return;
  }
  const row = draft.frameworks.get(framework.id) ?? framework;
  putFramework(draft, { ...row, tasks: row.tasks.set(task.id, next, draft.edit) });
  if (isTerminal(next.state)) forgetKill(draft, next);
}

/** What an executor sends along is for its framework alone, and may be large (TASK-8). */
function withoutData(status: TaskStatus): TaskStatus {
  if (status.data === undefined) return status;
  const { data: _data, ...kept } = status;
  return Object.freeze(kept);
}

function forgetKill(draft: Draft, task: Task): void {
  const agent = agentOf(draft, task.agent);
  if (agent.kills.length === 0) return;
  const kills = agent.kills.filter((ref) => ref.task !== task.id || ref.framework !== task.framework);
  if (kills.length !== agent.kills.length) putAgent(draft, { ...agent, kills });
}

/** The status as the framework is told it (TASK-3). */
function statusOf(draft: Draft, report: StatusReport, state: TaskState, framework: Framework): TaskStatus {
  const { task, agent, reason, message, executor, uuid, data, healthy, labels } = report;
  return taskStatus({
    task,
    state: stateSeenBy(framework.settings, state),
    source: report.source ?? 'executor',
    timestamp: report.timestamp ?? draft.now,
    reason,
    message,
    agent,
    executor,
    uuid,
    data,
    healthy,
    labels,
  });
}

/** An executor ended: what it held is free, its framework hears of it; its tasks get updates of their own (TASK-11). */
export function executorExited(draft: Draft, report: ExecutorExitedReport): void {
  const agent = draft.agents.get(report.agent);
  if (agent?.connected !== true) return;
  const ended = agent.executors.find(
    ({ framework, info }) => framework === report.framework && info.id === report.executor,
  );
  removeExecutors(draft, report.agent, (executor) => executor === ended);
  tell(draft, report.framework, {
    type: 'failure',
    agent: report.agent,
    executor: report.executor,
    ...(report.status === undefined ? {} : { status: report.status }),
  });
}

/** Bytes from an executor to its framework (KILL-5). */
export function agentMessage(draft: Draft, report: AgentMessageReport): void {
  if (draft.agents.get(report.agent)?.connected !== true) return;
  const { agent, executor, data } = report;
  tell(draft, report.framework, { type: 'agent-message', agent, executor, data });
}
