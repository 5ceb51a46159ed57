/** Tasks and executors that an agent brings: after a partition, after the master was lost, or unknown till now. */
import { addFramework, hold } from '../../offers/index.js';
import {
  InputError,
  Table,
  resources as readResources,
  validateId,
  validateRole,
  type Problem,
} from '../../resources/index.js';
import {
  isTerminal,
  taskStatus,
  type ReportedExecutor,
  type ReportedFramework,
  type ReportedTask,
  type ReregisterReport,
} from '../../tasks/index.js';
import { allocatorSettings } from '../calls/subscribe.js';
import { agentOf, newWatch, putAgent, putFramework, tell, type Draft } from '../draft.js';
import { readFramework } from '../framework-info.js';
import { completedFramework, shutdownOn } from '../frameworks.js';
import { emptyRing } from '../ring.js';
import type { AgentExecutor, Framework, Task } from '../state.js';
import { addTask, holdTask, masterStatus } from '../tasks.js';

/** What an agent reported, read. */
export interface Reported {
  readonly tasks: readonly Task[];
  readonly executors: readonly AgentExecutor[];
  readonly frameworks: readonly ReportedFramework[];
}

/** Reads tasks and executors of a report, or says what is wrong with it. */
export function readReported(report: ReregisterReport, now: number): Reported | { readonly problem: Problem } {
  try {
    return {
      tasks: (report.tasks ?? []).map((task, index) => readTaskRow(report.agent, task, now, `tasks[${index}]`)),
      executors: (report.executors ?? []).map((executor, index) => readExecutorRow(executor, `executors[${index}]`)),
      frameworks: report.frameworks ?? [],
    };
  } catch (error) {
    if (error instanceof InputError) return { problem: error };
    throw error;
  }
}

/**
 * Enters tasks that the master does not have on this agent. Those of removed frameworks are ended (FW-7); a framework
 * that nobody knows is recovered from what its agents say (FW-8). With `tellTheirFrameworks` each framework hears in which
 * state its task came back (AG-5).
 */
export function adoptTasks(draft: Draft, agent: string, reported: Reported, tellTheirFrameworks: boolean): void {
  const removed = new Set<string>();
  for (const task of reported.tasks) {
    const framework = welcomeBack(draft, task.framework, task.role, reported.frameworks);
    if (framework === undefined) {
      removed.add(task.framework);
      continue;
    }
    adoptTask(draft, framework, task);
    if (!tellTheirFrameworks) continue;
    const status = masterStatus(draft, {
      task: task.id,
      state: task.state,
      reason: 'agent-reregistered',
      message: `Agent ${agent} re-registered`,
      agent,
      ...(task.executor === null ? {} : { executor: task.executor }),
    });
    tell(draft, task.framework, { type: 'update', status });
  }
  for (const framework of removed) shutdownOn(draft, agent, framework);
}

/** Enters executors that the master does not have on this agent; their resources are held (ACC-7). */
export function adoptExecutors(draft: Draft, agentId: string, reported: Reported): void {
  for (const executor of reported.executors) {
    if (welcomeBack(draft, executor.framework, executor.role, reported.frameworks) === undefined) continue;
    const agent = agentOf(draft, agentId);
    const same = ({ framework, info }: AgentExecutor): boolean =>
      framework === executor.framework && info.id === executor.info.id;
    if (agent.executors.some(same)) continue;
    putAgent(draft, { ...agent, executors: [...agent.executors, executor] });
    const { framework, role, info } = executor;
    hold(draft.allocator, { agent: agentId, framework, role }, info.resources);
  }
}

function adoptTask(draft: Draft, framework: Framework, task: Task): void {
  const unreachableTasks = framework.unreachableTasks.remove(task.id, draft.edit);
  putFramework(draft, { ...framework, unreachableTasks });
  const elsewhere = framework.tasks.get(task.id);
  // The id runs on another agent meanwhile: two tasks can't share it, the newer one stays.
  if (elsewhere !== undefined) return;
  addTask(draft, holdTask(draft, { ...task, holds: false }));
}

/** The framework of a returning task; undefined = it was removed. */
function welcomeBack(
  draft: Draft,
  id: string,
  role: string,
  known: readonly ReportedFramework[],
): Framework | undefined {
  const framework = draft.frameworks.get(id);
  if (framework !== undefined) return framework;
  if (completedFramework(draft, id) !== undefined) return undefined;
  const told = known.find((one) => one.id === id);
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
  };
  putFramework(draft, recovered);
  addFramework(draft.allocator, id, allocatorSettings(settings), false);
  return recovered;
}

function readTaskRow(agent: string, task: ReportedTask, now: number, path: string): Task {
  check(validateId(task.id, `${path}.id`));
  check(validateId(task.framework, `${path}.framework`));
  check(at(validateRole(task.role), `${path}.role`));
  const told = task.statusState ?? (isTerminal(task.state) || task.statusUuid !== undefined ? task.state : undefined);
  return {
    id: task.id,
    name: task.name ?? task.id,
    framework: task.framework,
    agent,
    role: task.role,
    resources: readResources(task.resources, `${path}.resources`),
    executor: task.executor ?? null,
    priority: task.priority ?? 0,
    preemptible: task.preemptible ?? false,
    labels: task.labels ?? [],
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

function readExecutorRow(executor: ReportedExecutor, path: string): AgentExecutor {
  check(validateId(executor.id, `${path}.id`));
  check(validateId(executor.framework, `${path}.framework`));
  check(at(validateRole(executor.role), `${path}.role`));
  const { framework, role, resources, ...info } = executor;
  return {
    framework,
    role,
    info: { ...info, framework, role, resources: readResources(resources ?? [], `${path}.resources`) },
  };
}

function at(problem: Problem | undefined, path: string): Problem | undefined {
  return problem === undefined ? undefined : { ...problem, path };
}

function check(problem: Problem | undefined): void {
  if (problem !== undefined) throw new InputError(problem.code, problem.path, problem.message);
}
