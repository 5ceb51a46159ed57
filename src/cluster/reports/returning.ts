/** Tasks and executors that an agent brings: after a partition, after the master was lost, or unknown till now. */
import { addFramework, holdAll } from '../../offers/index.js';
import {
  InputError,
  Table,
  resources as readResources,
  unallocate,
  validateId,
  validateRole,
  type Problem,
  type Resources,
} from '../../resources/index.js';
import {
  canReturn,
  isTerminal,
  readExecutor,
  readLabels,
  stateSeenBy,
  taskStatus,
  type ReportedExecutor,
  type ReportedFramework,
  type ReportedOperation,
  type ReportedTask,
  type ReregisterReport,
  type TaskState,
} from '../../tasks/index.js';
import { allocatorSettings } from '../calls/subscribe.js';
import { agentOf, newWatch, putAgent, putFramework, tell, type Draft } from '../draft.js';
import { readFramework } from '../framework-info.js';
import { completedFrameworkIds, shutdownOn } from '../frameworks.js';
import { emptyRing } from '../ring.js';
import type { AgentExecutor, Framework, Task } from '../state.js';
import { executorHolding, executorKey, masterStatus, nameTasks, putTask } from '../tasks.js';
import { takeUnreachable, unnameUnreachable } from '../unreachable-tasks.js';
import { checkReportedOperations } from './returning-operations.js';
import { demandCountable } from './total.js';

/** What an agent reported, read. */
export interface Reported {
  readonly tasks: readonly Task[];
  readonly executors: readonly AgentExecutor[];
  readonly frameworks: readonly ReportedFramework[];
  readonly operations: readonly ReportedOperation[];
}

/** Reads tasks and executors of a report, or says what is wrong with it. */
export function readReported(
  draft: Draft,
  report: ReregisterReport,
  total: Resources,
): Reported | { readonly problem: Problem } {
  try {
    const reported = {
      tasks: (report.tasks ?? []).map((task, index) => readTaskRow(report.agent, task, draft.now, `tasks[${index}]`)),
      executors: (report.executors ?? []).map((executor, index) => readExecutorRow(executor, `executors[${index}]`)),
      frameworks: (report.frameworks ?? []).map((framework, index) =>
        readFrameworkRow(framework, `frameworks[${index}]`),
      ),
      operations: checkReportedOperations(report.operations ?? []),
    };
    demandCountable(draft, report.agent, total, newClaims(draft, report.agent, reported));
    return reported;
  } catch (error) {
    if (error instanceof InputError) return { problem: error };
    throw error;
  }
}

/** What of the reported is not booked yet. */
function newClaims(draft: Draft, agent: string, { tasks, executors }: Reported): readonly Resources[] {
  const known = new Set(draft.agents.get(agent)?.executors.map(executorKey));
  const freshTasks = tasks.filter(
    ({ framework, id }) => draft.frameworks.get(framework)?.tasks.get(id)?.holds !== true,
  );
  const freshExecutors = executors.filter((executor) => !known.has(executorKey(executor)));
  return [...freshTasks, ...freshExecutors.map(({ info }) => info)].map(({ resources }) => resources);
}

/**
 * Enters tasks that the master does not have on this agent, but for those of removed frameworks; a framework that nobody
 * knows is recovered from what its agents say (FW-8). With `tellTheirFrameworks` each framework hears in which state its
 * task came back (AG-5).
 */
export function adoptTasks(draft: Draft, agent: string, reported: Reported, tellTheirFrameworks: boolean): void {
  const welcome = welcomeBack(draft, reported);
  const adopted: Task[] = [];
  for (const task of reported.tasks) {
    const framework = welcome(task);
    if (framework === undefined) continue;
    const row = adoptTask(draft, framework, task);
    if (row !== undefined) adopted.push(row);
    if (!tellTheirFrameworks) continue;
    const status = masterStatus(draft, {
      task: task.id,
      state: stateSeenBy(framework.settings, task.state),
      reason: 'agent-reregistered',
      message: `Agent ${agent} re-registered`,
      agent,
      ...(task.executor === null ? {} : { executor: task.executor }),
    });
    tell(draft, task.framework, { type: 'update', status });
  }
  nameTasks(draft, agent, adopted);
  holdAll(
    draft.allocator,
    agent,
    adopted.filter(({ holds }) => holds),
  );
}

/** The agent is there again: what it did not bring back is not unreachable but gone, and its id is free (AG-5, VAL-2). */
export function forgetLostTasks(draft: Draft, agent: string): void {
  takeUnreachable(draft, agent);
}

/** What an agent still runs of frameworks that were removed meanwhile must end (FW-7). */
export function endRemovedFrameworks(draft: Draft, agent: string, { tasks, executors, frameworks }: Reported): void {
  const named = [...tasks, ...executors].map(({ framework }) => framework);
  const removed = completedFrameworkIds(draft);
  for (const id of new Set([...named, ...frameworks.map((framework) => framework.id)])) {
    if (!draft.frameworks.has(id) && removed.has(id)) shutdownOn(draft, agent, id);
  }
}

/** Enters executors that the master does not have on this agent; their resources are held (ACC-7). */
export function adoptExecutors(draft: Draft, agentId: string, reported: Reported): void {
  const welcome = welcomeBack(draft, reported);
  const agent = agentOf(draft, agentId);
  const known = new Set(agent.executors.map(executorKey));
  const adopted: AgentExecutor[] = [];
  for (const executor of reported.executors) {
    const key = executorKey(executor);
    if (welcome(executor) === undefined || known.has(key)) continue;
    known.add(key);
    adopted.push(executor);
  }
  putAgent(draft, { ...agent, executors: [...agent.executors, ...adopted] });
  holdAll(draft.allocator, agentId, adopted.map(executorHolding));
}

/** Enters a task under its framework; the caller names it at the agent and holds its resources. */
function adoptTask(draft: Draft, framework: Framework, task: Task): Task | undefined {
  const lost = framework.unreachableTasks.get(task.id);
  if (lost !== undefined) {
    const unreachableTasks = framework.unreachableTasks.remove(task.id, draft.edit);
    putFramework(draft, { ...framework, unreachableTasks });
    // Those of this agent are forgotten all at once.
    if (lost.agent !== task.agent) unnameUnreachable(draft, [lost]);
  }
  const elsewhere = framework.tasks.get(task.id);
  // The id runs on another agent meanwhile: two tasks can't share it, the newer one stays.
  if (elsewhere !== undefined) return undefined;
  const known = lost?.agent === task.agent ? lost : task;
  // What had ended for certain stays as it ended, whatever its agent says now (TASK-4).
  const state = isTerminal(known.state) && !canReturn(known.state, task.state) ? known.state : task.state;
  const row: Task = { ...task, state, launchedAt: known.launchedAt, holds: !isTerminal(state) };
  putTask(draft, row);
  return row;
}

/** Finds the framework of what comes back, or enters it; undefined = it was removed. */
function welcomeBack(
  draft: Draft,
  reported: Reported,
): (what: { readonly framework: string; readonly role: string }) => Framework | undefined {
  const told = new Map(reported.frameworks.map((framework) => [framework.id, framework]));
  const removed = completedFrameworkIds(draft);
  return ({ framework: id, role }) => {
    if (removed.has(id)) return undefined;
    return draft.frameworks.get(id) ?? recoverFramework(draft, id, role, told.get(id));
  };
}

/** Enters a framework that is known only by what an agent says (FW-8). */
function recoverFramework(draft: Draft, id: string, role: string, told: ReportedFramework | undefined): Framework {
  const settings = readFramework({
    name: told?.name ?? id,
    roles: [...new Set(told?.roles ?? [role])],
    capabilities: told?.capabilities ?? ['multi-role'],
    checkpoint: told?.checkpoint ?? true,
  });
  const recovered: Framework = {
    id,
    settings,
    state: 'recovered',
    connection: null,
    registeredAt: draft.now,
    watch: newWatch(draft),
    tasks: Table.empty(),
    unreachableTasks: Table.empty(),
    completedTasks: emptyRing(),
    unanswered: Table.empty(),
    operations: Table.empty(),
  };
  putFramework(draft, recovered);
  addFramework(draft.allocator, id, allocatorSettings(settings), false);
  return recovered;
}

function readTaskRow(agent: string, task: ReportedTask, now: number, path: string): Task {
  check(validateId(task.id, `${path}.id`));
  check(validateId(task.framework, `${path}.framework`));
  check(at(validateRole(task.role), `${path}.role`));
  check(validateState(task.state, `${path}.state`) ?? validateState(task.statusState, `${path}.statusState`));
  const told = task.statusState ?? (isTerminal(task.state) || task.statusUuid !== undefined ? task.state : undefined);
  return {
    id: task.id,
    name: task.name ?? task.id,
    framework: task.framework,
    agent,
    role: task.role,
    resources: unallocate(readResources(task.resources, `${path}.resources`)),
    executor: task.executor ?? null,
    priority: task.priority ?? 0,
    preemptible: task.preemptible ?? false,
    labels: readLabels(task.labels ?? []),
    state: task.state,
    status: taskStatus({
      task: task.id,
      state: told ?? task.state,
      source: 'agent',
      timestamp: now,
      agent,
      uuid: task.statusUuid,
      executor: task.executor,
    }),
    holds: false,
    launchedAt: now,
  };
}

/** An agent that speaks of a task neither lost sight of it nor does not know it. */
function validateState(state: TaskState | undefined, path: string): Problem | undefined {
  if (state !== 'unreachable' && state !== 'unknown') return undefined;
  return { code: 'bad-task-state', path, message: `An agent can not report a task as ${state}` };
}

function readExecutorRow(executor: ReportedExecutor, path: string): AgentExecutor {
  check(validateId(executor.id, `${path}.id`));
  check(validateId(executor.framework, `${path}.framework`));
  check(at(validateRole(executor.role), `${path}.role`));
  const { framework, role } = executor;
  const resources = readResources(executor.resources ?? [], `${path}.resources`);
  return { framework, role, info: readExecutor({ ...executor, resources }, { framework, role }) };
}

function readFrameworkRow(framework: ReportedFramework, path: string): ReportedFramework {
  check(validateId(framework.id, `${path}.id`));
  for (const [index, role] of framework.roles.entries()) check(at(validateRole(role), `${path}.roles[${index}]`));
  return framework;
}

function at(problem: Problem | undefined, path: string): Problem | undefined {
  return problem === undefined ? undefined : { ...problem, path };
}

function check(problem: Problem | undefined): void {
  if (problem !== undefined) throw new InputError(problem.code, problem.path, problem.message);
}
