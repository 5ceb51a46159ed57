/** Tasks coming to the agent (ACC-5, GROUP-1). */
import {
  frameworkCapabilities,
  inFlight,
  isDuration,
  isTerminal,
  outcome,
  readExecutor,
  readTask,
  type ExecutorInfo,
  type LaunchCommand,
  type LaunchGroupCommand,
  type ReportedFramework,
  type TaskInfo,
} from '../tasks/index.js';
import { emptyFramework, isManaged, type AgentExecutor, type AgentTask } from './state.js';
import { drop, remind, setExecutor, setFramework, setStream, setTask, settle, tell, type Step } from './step.js';
import { forgetTask, pushOwnUpdate } from './updates.js';

/**
 * Where an executor is filed. One that the agent keeps for a single task has that task's id, which may be the id of
 * another executor too.
 */
export function executorKey(id: string, own: boolean): string {
  return own ? `task:${id}` : `executor:${id}`;
}

/**
 * What is kept of a task, field by field: resources that came as text are read, what only a newer master knows is left
 * out, and so is a grace that cannot be one. The agent must be able to read its own state again.
 */
function readInfo({ killPolicy, executor, ...info }: TaskInfo, framework: string): TaskInfo {
  const { agent, role } = info;
  const policy = isDuration(killPolicy?.graceMs) && { killPolicy };
  return {
    ...readTask({ ...info, ...policy }, { agent, role, framework }),
    ...(executor !== undefined && { executor: readExecutorInfo(executor) }),
  };
}

function readExecutorInfo({ shutdownGraceMs, ...info }: ExecutorInfo): ExecutorInfo {
  return readExecutor({ ...info, ...(isDuration(shutdownGraceMs) && { shutdownGraceMs }) }, info);
}

/** Who the framework is, as far as this agent understands it. */
function readFramework({ id, name, roles, capabilities, checkpoint }: ReportedFramework): ReportedFramework {
  return {
    id,
    ...(name !== undefined && { name }),
    roles: [...roles],
    capabilities: capabilities.filter((one) => frameworkCapabilities.includes(one)),
    ...(checkpoint !== undefined && { checkpoint }),
  };
}

/** Run one task. */
export function onLaunch(step: Step, command: LaunchCommand): void {
  const { framework } = command;
  const task = readInfo(command.task, framework);
  const frameworkInfo = readFramework(command.frameworkInfo);
  if (!admits(step, framework, frameworkInfo, [task])) return;
  const { executor: info } = task;
  const started = startExecutor(step, framework, info?.id ?? task.id, info, task.role);
  addTask(step, framework, { info: task, executor: started.key, state: 'staging' }, started.executor);
  if (refusesTasks(started.executor)) refuse(step, framework, task.id, started.executor.id);
  else {
    const executor = started.executor.id;
    tell(step, { type: 'launch-task', framework, executor, task, frameworkInfo, starts: started.starts });
  }
}

/** Run tasks together on one executor, all or none (GROUP-1). */
export function onLaunchGroup(step: Step, command: LaunchGroupCommand): void {
  const { framework } = command;
  const tasks = command.tasks.map((task) => readInfo(task, framework));
  const executorInfo = readExecutorInfo(command.executor);
  const frameworkInfo = readFramework(command.frameworkInfo);
  const [first] = tasks;
  if (first === undefined || !admits(step, framework, frameworkInfo, tasks)) return;
  const { key, executor, starts } = startExecutor(step, framework, executorInfo.id, executorInfo, first.role);
  const group = tasks.map((task) => task.id);
  for (const info of tasks) addTask(step, framework, { info, executor: key, state: 'staging', group }, executor);
  if (refusesTasks(executor)) for (const id of group) refuse(step, framework, id, executor.id);
  else {
    tell(step, { type: 'launch-group', framework, executor: executor.id, executorInfo, tasks, frameworkInfo, starts });
  }
}

/**
 * Whether the tasks may be added; then the framework is known, and what the agent still remembers of older tasks of
 * these ids is forgotten. The master uses an id again only when it has the acknowledgement of the old task's end, so an
 * end that waits here only missed it (TASK-6). A task that runs is not launched twice.
 */
function admits(step: Step, framework: string, info: ReportedFramework, tasks: readonly TaskInfo[]): boolean {
  const known = step.state.frameworks.get(framework) ?? emptyFramework;
  const ids = new Set(tasks.map((task) => task.id));
  const running = [...ids].some((id) => {
    const task = known.tasks.get(id);
    return task !== undefined && !isTerminal(task.state);
  });
  if (running || known.removed === true || ids.size < tasks.length) {
    drop(step);
    return false;
  }
  setFramework(step, framework, { ...known, info });
  for (const id of ids) {
    setStream(step, framework, id, undefined);
    const old = known.tasks.get(id);
    if (old !== undefined) forgetTask(step, framework, id, old);
  }
  return true;
}

interface Started {
  readonly key: string;
  readonly executor: AgentExecutor;
  readonly starts: boolean;
}

function startExecutor(
  step: Step,
  framework: string,
  id: string,
  info: ExecutorInfo | undefined,
  role: string,
): Started {
  const key = executorKey(id, info === undefined);
  const running = step.state.frameworks.get(framework)?.executors.get(key);
  if (running !== undefined) return { key, executor: running, starts: false };
  const executor: AgentExecutor = { id, role, ...(info !== undefined && { info }) };
  setExecutor(step, framework, key, executor);
  return { key, executor, starts: true };
}

function addTask(step: Step, framework: string, task: AgentTask, executor: AgentExecutor): void {
  const { id, maxCompletionMs } = task.info;
  const expires = maxCompletionMs !== undefined && isManaged(executor);
  const expiresAt = step.at + (maxCompletionMs ?? 0);
  setTask(step, framework, id, { ...task, ...(expires && { expiresAt }) });
  if (expires) remind(step, { at: expiresAt, kind: 'expire', path: [framework, id] });
  settle(step, framework);
}

/** An executor that is ending takes no more tasks. */
function refusesTasks(executor: AgentExecutor): boolean {
  return executor.ending !== undefined;
}

function refuse(step: Step, framework: string, id: string, executor: string): void {
  const capabilities = step.state.frameworks.get(framework)?.info?.capabilities ?? [];
  pushOwnUpdate(step, framework, id, {
    ...outcome('no-executor', capabilities.includes('partition-aware')),
    executor,
    message: 'The executor is ending',
  });
}

/**
 * The master has these tasks and the agent did not name them when it came back. Those that it does not have it answers
 * for, by an update that wants an acknowledgement (AG-11); what it has will be heard of anyway.
 */
export function answerReconcile(step: Step, framework: string, id: string, partitionAware: boolean): void {
  const known = step.state.frameworks.get(framework);
  if (known?.removed === true || known?.tasks.has(id) === true) return;
  const stream = known?.streams.get(id);
  if (stream !== undefined && inFlight(stream) !== undefined) return;
  pushOwnUpdate(step, framework, id, {
    ...outcome('not-on-agent', partitionAware),
    message: 'Reconciliation: task unknown to the agent',
  });
}
