/** LAUNCH and LAUNCH_GROUP (ACC-6, ACC-7, GROUP-1). */
import { updateAllocation } from '../../offers/index.js';
import { add, isEmpty, noResources, nonShared, shared, subtract, type Resources } from '../../resources/index.js';
import {
  readExecutor,
  readTask,
  taskStatus,
  validateTask,
  validateTaskGroup,
  type ExecutorInfo,
  type ReportedFramework,
  type TaskContext,
  type TaskInfo,
  type TaskLike,
  type TaskReason,
} from '../../tasks/index.js';
import { agentOf, emit, frameworkOf, putAgent, tell, type Draft } from '../draft.js';
import type { LaunchGroupOperation, LaunchOperation } from '../inputs.js';
import type { Framework } from '../state.js';
import { addTask, launchedTask } from '../tasks.js';
import { useUp, type Pool } from './pool.js';

/** Each task by itself: a bad one gets an error, the others run (ACC-6). */
export function launch(draft: Draft, framework: string, operation: LaunchOperation, pool: Pool): void {
  for (const task of operation.tasks) {
    const problem = idSet(operation) ?? validateTask(task, contextOf(draft, framework, pool, withCopies(pool)));
    if (problem === undefined) launchOne(draft, framework, task, pool);
    else failTask(draft, framework, task, pool, 'task-invalid', problem.message);
  }
}

/** All tasks on one executor, or an error for each of them. */
export function launchGroup(draft: Draft, framework: string, operation: LaunchGroupOperation, pool: Pool): void {
  if (operation.tasks.length === 0) return;
  const problem =
    idSet(operation) ?? validateTaskGroup(operation, contextOf(draft, framework, pool, pool.remaining))?.problem;
  if (problem !== undefined) {
    for (const task of operation.tasks) failTask(draft, framework, task, pool, 'task-group-invalid', problem.message);
    return;
  }
  const owner = { agent: pool.agent, role: pool.role, framework };
  const executor = readExecutor(operation.executor, owner);
  startExecutor(draft, framework, executor, pool);
  const tasks = operation.tasks.map((task): TaskInfo => ({ ...readTask(task, owner), executor }));
  for (const task of tasks) enterTask(draft, framework, task, pool);
  const frameworkInfo = describe(frameworkOf(draft, framework));
  emit(draft, { type: 'launch-group', agent: pool.agent, framework, executor, tasks, frameworkInfo });
}

function launchOne(draft: Draft, framework: string, like: TaskLike, pool: Pool): void {
  const task = readTask(like, { agent: pool.agent, role: pool.role, framework });
  if (task.executor !== undefined) startExecutor(draft, framework, task.executor, pool);
  enterTask(draft, framework, task, pool);
  const frameworkInfo = describe(frameworkOf(draft, framework));
  emit(draft, { type: 'launch', agent: pool.agent, framework, task, frameworkInfo });
}

function enterTask(draft: Draft, framework: string, task: TaskInfo, pool: Pool): void {
  holdMoreCopies(draft, framework, task.resources, pool);
  useUp(pool, task.resources);
  addTask(draft, launchedTask(task, framework, draft.now));
}

/** SHARE-1: what is left, with the shared things that were offered: any number of tasks may use one copy. */
function withCopies(pool: Pool): Resources {
  return add(nonShared(pool.remaining), pool.copies);
}

/** Copies beyond those that were offered are held from now on; they are no part of the agent's total (ALLOC-12). */
function holdMoreCopies(draft: Draft, framework: string, used: Resources, pool: Pool): void {
  const more = subtract(shared(used), shared(pool.remaining));
  if (isEmpty(more)) return;
  const key = { agent: pool.agent, framework, role: pool.role };
  const conversions = [{ consumed: noResources, converted: more }];
  updateAllocation(draft.allocator, { ...key, offered: noResources, conversions });
}

/** ACC-7: the first task of an executor id on the agent also takes the executor's resources. */
function startExecutor(draft: Draft, framework: string, info: ExecutorInfo, pool: Pool): void {
  if (pool.executors.has(info.id)) return;
  pool.executors.set(info.id, info);
  useUp(pool, info.resources);
  const agent = agentOf(draft, pool.agent);
  putAgent(draft, { ...agent, executors: [...agent.executors, { framework, role: pool.role, info }] });
}

/** What validation may know. */
function contextOf(draft: Draft, framework: string, pool: Pool, offered: Resources): TaskContext {
  const row = frameworkOf(draft, framework);
  return {
    agent: pool.agent,
    role: pool.role,
    framework,
    offered,
    namesRole: true,
    agentCapabilities: draft.allocator.agents.get(pool.agent)?.capabilities ?? [],
    taskIdInUse: (id) => (row.tasks.has(id) ? 'active' : row.unreachableTasks.has(id) ? 'unreachable' : undefined),
    executor: (id) => pool.executors.get(id),
  };
}

/** ACC-9. */
function idSet(operation: LaunchOperation | LaunchGroupOperation): { readonly message: string } | undefined {
  const name = operation.type === 'launch' ? 'LAUNCH' : 'LAUNCH_GROUP';
  return operation.id === undefined
    ? undefined
    : { message: `The \`id\` field cannot be set in the ${name} operation` };
}

function failTask(
  draft: Draft,
  framework: string,
  task: TaskLike,
  pool: Pool,
  reason: TaskReason,
  message: string,
): void {
  const status = taskStatus({
    task: task.id,
    state: 'error',
    source: 'master',
    reason,
    message,
    agent: pool.agent,
    timestamp: draft.now,
  });
  tell(draft, framework, { type: 'update', status });
}

/** Who the framework is, for an agent that must tell a later master. */
function describe({ id, settings }: Framework): ReportedFramework {
  const { name, roles, capabilities, checkpoint } = settings;
  return { id, name, roles, capabilities, checkpoint };
}
