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
import { TextMemo } from '../../resources/memo.js';
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
import { agentOf, emit, newWatch, putAgent, putFramework, type Draft } from '../draft.js';
import { readFramework } from '../framework-info.js';
import { completedFrameworkIds, shutdownOn } from '../frameworks.js';
import { emptyRing } from '../ring.js';
import type { AgentExecutor, Framework, Task } from '../state.js';
import { executorHolding, executorKey, nameTasks } from '../tasks.js';
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
      tasks: readTaskRows(draft, report),
      executors: (report.executors ?? []).map((executor, index) => readExecutorRow(executor, `executors[${index}]`)),
      frameworks: (report.frameworks ?? []).map((framework, index) =>
        readFrameworkRow(framework, `frameworks[${index}]`),
      ),
      operations: checkReportedOperations(report.operations ?? []),
    };
    demandCountable(draft, report.agent, total, allClaims(reported), () => newClaims(draft, report.agent, reported));
    return reported;
  } catch (error) {
    if (error instanceof InputError) return { problem: error };
    throw error;
  }
}

/** What all of the reported holds. */
function allClaims({ tasks, executors }: Reported): readonly Resources[] {
  return [...tasks, ...executors.map(({ info }) => info)].map(({ resources }) => resources);
}

/** What of it is not booked yet: for that each task must be looked for. */
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
  if (reported.tasks.length === 0) return;
  const welcome = welcomeBack(draft, reported);
  const homes = new Map<string, Home | undefined>();
  const adopted: Task[] = [];
  const message = `Agent ${agent} re-registered`;
  for (const task of reported.tasks) {
    const home = homes.has(task.framework) ? homes.get(task.framework) : homeOf(welcome(task));
    homes.set(task.framework, home);
    if (home === undefined) continue;
    const row = adoptTask(draft, home, task);
    if (row !== undefined) adopted.push(row);
    if (tellTheirFrameworks) tellReturn(draft, home.framework, task, message);
  }
  for (const home of homes.values()) {
    if (home === undefined) continue;
    const { framework, tasks, unreachableTasks } = home;
    putFramework(draft, { ...framework, tasks, unreachableTasks });
  }
  nameTasks(draft, agent, adopted);
  const holding = adopted.filter(({ holds }) => holds);
  holdAll(draft.allocator, agent, holding);
}

/** A framework whose tasks come back: its row is written once, with all of them. */
interface Home {
  readonly framework: Framework;
  tasks: Framework['tasks'];
  unreachableTasks: Framework['unreachableTasks'];
}

function homeOf(framework: Framework | undefined): Home | undefined {
  return framework && { framework, tasks: framework.tasks, unreachableTasks: framework.unreachableTasks };
}

/** As `tell`, whose look-up and copy are felt where an agent brings many tasks. */
function tellReturn(draft: Draft, { id, connection, settings }: Framework, task: Task, message: string): void {
  if (connection === null) return;
  const status = taskStatus({
    task: task.id,
    state: stateSeenBy(settings, task.state),
    source: 'master',
    timestamp: draft.now,
    reason: 'agent-reregistered',
    message,
    agent: task.agent,
    executor: task.executor ?? undefined,
  });
  emit(draft, { type: 'update', status, framework: id, connection });
}

/** The agent is there again: what it did not bring back is not unreachable but gone, and its id is free (AG-5, VAL-2). */
export function forgetLostTasks(draft: Draft, agent: string): void {
  takeUnreachable(draft, agent);
}

/** What an agent still runs of frameworks that were removed meanwhile must end (FW-7). */
export function endRemovedFrameworks(draft: Draft, agent: string, { tasks, executors, frameworks }: Reported): void {
  const removed = completedFrameworkIds(draft);
  if (removed.size === 0) return;
  const named = [...tasks, ...executors].map(({ framework }) => framework);
  for (const id of new Set([...named, ...frameworks.map((framework) => framework.id)])) {
    if (!draft.frameworks.has(id) && removed.has(id)) shutdownOn(draft, agent, id);
  }
}

/** Enters executors that the master does not have on this agent; their resources are held (ACC-7). */
export function adoptExecutors(draft: Draft, agentId: string, reported: Reported): void {
  if (reported.executors.length === 0) return;
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

/** Enters a task under its framework; the caller writes that row, names the task at the agent and holds its resources. */
function adoptTask(draft: Draft, home: Home, task: Task): Task | undefined {
  const lost = home.unreachableTasks.size === 0 ? undefined : home.unreachableTasks.get(task.id);
  if (lost !== undefined) {
    home.unreachableTasks = home.unreachableTasks.remove(task.id, draft.edit);
    // Those of this agent are forgotten all at once.
    if (lost.agent !== task.agent) unnameUnreachable(draft, [lost]);
  }
  // The id runs on another agent meanwhile: two tasks can't share it, the newer one stays.
  if (home.tasks.has(task.id)) return undefined;
  const row = lost?.agent === task.agent ? asItWas(lost, task) : task;
  home.tasks = home.tasks.set(task.id, row, draft.edit);
  return row;
}

/** What had ended for certain stays as it ended, whatever its agent says now (TASK-4). */
function asItWas(known: Task, task: Task): Task {
  const state = isTerminal(known.state) && !canReturn(known.state, task.state) ? known.state : task.state;
  return { ...task, state, launchedAt: known.launchedAt, holds: !isTerminal(state) };
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

function readTaskRows(draft: Draft, { agent, tasks }: ReregisterReport): readonly Task[] {
  const known = draft.agents.get(agent)?.id ?? agent;
  return (tasks ?? []).map((task, index) => readTaskRow(known, task, draft.now, index));
}

function readTaskRow(agent: string, task: ReportedTask, now: number, index: number): Task {
  const { id, name = id, state, statusState } = task;
  checkField(validateId(id), index, 'id');
  const framework = readName(task.framework);
  checkField(framework.badId, index, 'framework');
  const role = readName(task.role);
  checkField(role.badRole, index, 'role');
  checkField(validateState(state), index, 'state');
  checkField(validateState(statusState), index, 'statusState');
  const told = statusState ?? (isTerminal(state) || task.statusUuid !== undefined ? state : undefined);
  return {
    id,
    name: name === id ? id : name,
    framework: framework.text,
    agent,
    role: role.text,
    resources: unallocate(readResources(task.resources, `tasks[${index}].resources`)),
    executor: task.executor ?? null,
    priority: task.priority ?? 0,
    preemptible: task.preemptible ?? false,
    labels: readLabels(task.labels ?? []),
    state,
    status: taskStatus({
      task: id,
      state: told ?? state,
      source: 'agent',
      timestamp: now,
      agent,
      uuid: task.statusUuid,
      executor: task.executor,
    }),
    holds: !isTerminal(state),
    launchedAt: now,
  };
}

/** A text that names a framework, or a role, and what would be wrong with that. */
interface Name {
  readonly text: string;
  readonly badId: Problem | undefined;
  readonly badRole: Problem | undefined;
}

const names = new TextMemo<Name>();

/**
 * Frameworks and roles are few, tasks are many, and in a report each names its own by a text of its own: all get the same
 * one, looked at once.
 */
function readName(name: string): Name {
  return names.recall(name, (text) => ({ text, badId: validateId(text), badRole: validateRole(text) }));
}

/** An agent that speaks of a task neither lost sight of it nor does not know it. */
function validateState(state: TaskState | undefined): Problem | undefined {
  if (state !== 'unreachable' && state !== 'unknown') return undefined;
  return { code: 'bad-task-state', path: 'state', message: `An agent can not report a task as ${state}` };
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

/** The path is made only if there is something to say of it: this is asked several times for each task. */
function checkField(problem: Problem | undefined, index: number, field: string): void {
  if (problem !== undefined) check(at(problem, `tasks[${index}].${field}`));
}

function at(problem: Problem | undefined, path: string): Problem | undefined {
  return problem === undefined ? undefined : { ...problem, path };
}

function check(problem: Problem | undefined): void {
  if (problem !== undefined) throw new InputError(problem.code, problem.path, problem.message);
}
