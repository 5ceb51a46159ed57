import {
  add,
  allocate,
  contains,
  isEmpty,
  type Problem,
  resources,
  scalar,
  toMilli,
  unallocate,
  validateForUse,
  validateId,
} from '../resources/index.js';
import { cut, fieldOf, quote, shown } from '../resources/quote.js';
import type { TaskContext } from './context.js';
import type { ExecutorLike, TaskLike, TaskLimit } from './info.js';
import { firstProblem, guarded, prefixed, validateDuration } from './problems.js';
import { readExecutor, sameExecutor } from './read.js';
import { validateCheck, validateCommand, validateContainer, validateHealthCheck } from './validate-checks.js';
import { validateGroupExecutor, validateTaskExecutor } from './validate-executor.js';
import {
  tryResources,
  validateGroupResources,
  validateOfferRole,
  validateRevocableMix,
  validateTaskAndExecutorResources,
  validateUniquePersistence,
} from './validate-resources.js';

/** Tasks that are launched together or not at all (GROUP-1). */
export interface TaskGroupLike {
  readonly executor: ExecutorLike;
  readonly tasks: readonly TaskLike[];
}

/** Why a group cannot run: by which of its tasks, if by one of them. */
export interface TaskGroupProblem {
  readonly task?: string;
  readonly problem: Problem;
}

/**
 * Whether a task may be launched from what is left of an offer.
 *
 * @returns the first problem in the order of semantics §14, or `undefined`. Nothing a framework writes makes it throw.
 */
export function validateTask(task: TaskLike, context: TaskContext): Problem | undefined {
  const checks = [
    () => validateTaskFields(task, context),
    // Not among the fields: in a group no Docker container will do, whatever it says (VAL-13).
    () => prefixed("Task's `ContainerInfo` is invalid: ", validateContainer(task.container, 'container')),
    () => validateWhatToRun(task),
    () => task.executor && validateTaskExecutor(task.executor, context),
    () => validateFit(task, context),
    () => validateSingleCgroup(task),
  ];
  return guarded(
    () => firstProblem(checks),
    (thrown) => thrown,
  );
}

/**
 * Whether a group may be launched from what is left of an offer. One bad task fails all of them (ACC-6).
 *
 * @returns the first problem in the order of semantics §14, or `undefined`. Nothing a framework writes makes it throw.
 */
export function validateTaskGroup(group: TaskGroupLike, context: TaskContext): TaskGroupProblem | undefined {
  return guarded(
    () => validateGroup(group, context),
    (problem) => ({ problem }),
  );
}

function validateGroup(group: TaskGroupLike, context: TaskContext): TaskGroupProblem | undefined {
  const seen = new Set<string>();
  for (const [index, task] of group.tasks.entries()) {
    const problem = validateGroupTask(task, group, context) ?? (seen.has(task.id) ? duplicate(task.id) : undefined);
    seen.add(task.id);
    if (problem === undefined) continue;
    const message = `Task ${quote(task.id)} is invalid: ${problem.message}`;
    const path = problem.path === '' ? `tasks[${index}]` : `tasks[${index}].${problem.path}`;
    return { task: task.id, problem: { code: problem.code, path, message } };
  }
  const problem = firstProblem([
    () => validateGroupExecutor(group.executor, context),
    () => validateOneExecutor(group, context),
    () => validateGroupFit(group, context),
    () => validateGroupCgroups(group, context),
  ]);
  return problem && { problem };
}

/** Everything about a task but its executor and whether it fits (VAL-1 … VAL-7). */
function validateTaskFields(task: TaskLike, context: TaskContext): Problem | undefined {
  return firstProblem([
    () => validateId(task.id),
    () => validateUnusedId(task.id, context),
    () => validateAgent(task, context),
    () => validateDuration(task.killPolicy?.graceMs, "Task's 'kill_policy.grace_period'", 'killPolicy.graceMs'),
    () => validateDuration(task.maxCompletionMs, "Task's `max_completion_time`", 'maxCompletionMs'),
    () => validateCheck(task.check, 'check'),
    () => validateHealthCheck(task.healthCheck, 'healthCheck'),
    () => validateOwnResources(task, context),
    () => prefixed("Task's `CommandInfo` is invalid: ", validateCommand(task.command, 'command')),
    () => validateLimits(task, context),
    () => validatePriority(task),
  ]);
}

function duplicate(id: string): Problem {
  return { code: 'duplicate-id', path: 'id', message: `Task has duplicate ID: ${cut(id)}` };
}

function validateUnusedId(id: string, { taskIdInUse }: TaskContext): Problem | undefined {
  switch (taskIdInUse(id)) {
    case 'active':
      return duplicate(id);
    case 'unreachable':
      return { code: 'duplicate-id', path: 'id', message: `Task reuses the ID of an unreachable task: ${cut(id)}` };
    default:
      return undefined;
  }
}

function validateAgent({ agent }: TaskLike, { agent: expected }: TaskContext): Problem | undefined {
  if (agent === undefined || agent === expected) return undefined;
  return {
    code: 'wrong-agent',
    path: 'agent',
    message: `Task uses invalid agent ${cut(agent)} while agent ${expected} is expected`,
  };
}

function validateOwnResources(task: TaskLike, { role }: TaskContext): Problem | undefined {
  const read = tryResources(task.resources, 'resources');
  if ('problem' in read) return prefixed('Task uses invalid resources: ', read.problem);
  if (isEmpty(read.resources)) {
    return { code: 'no-resources', path: 'resources', message: 'Task uses no resources' };
  }
  const { resources: used } = read;
  return firstProblem([
    () => prefixed('Task uses invalid resources: ', validateForUse(used)),
    () => prefixed('Task uses duplicate persistence ID: ', validateUniquePersistence(used)),
    () => prefixed('Invalid task resources: ', validateOfferRole(used, role)),
    () => prefixed('Task mixes revocable and non-revocable resources: ', validateRevocableMix(used)),
  ]);
}

/** VAL-7. Infinity is a limit, NaN is not. */
function validateLimits(task: TaskLike, { agentCapabilities }: TaskContext): Problem | undefined {
  const limits = Object.entries(task.limits ?? {});
  if (limits.length === 0) return undefined;
  const bad = (path: string, message: string): Problem => ({ code: 'bad-limits', path, message });
  if (!agentCapabilities.includes('task-resource-limits')) {
    return bad('limits', 'Agent is not capable of handling task resource limits');
  }
  const other = limits.find(([name]) => name !== 'cpus' && name !== 'mem');
  if (other !== undefined) {
    return bad(`limits.${other[0]}`, "Only cpus and mem may be included in a task's resource limits");
  }
  const used = resources(task.resources);
  for (const [name, limit] of limits) {
    const path = fieldOf('limits', name);
    const [what, short] = name === 'cpus' ? ['CPU', 'cpu'] : ['memory', 'memory'];
    const request = scalar(used, name);
    if (request === undefined) {
      return bad(path, `When a ${what} limit is specified, a ${what} request must also be specified`);
    }
    if (!isLimit(limit)) return bad(path, `The ${short} limit must be a number, zero or more, or infinity`);
    if (isLess(limit, request))
      return bad(path, `The ${short} limit must be greater than or equal to the ${short} request`);
  }
  return undefined;
}

function isLimit(limit: TaskLimit): boolean {
  if (limit === 'unlimited' || limit === Infinity) return true;
  return typeof limit === 'number' && limit >= 0 && limit <= Number.MAX_SAFE_INTEGER / 1000 && !Object.is(limit, -0);
}

/** Compared at three decimals, like every amount (RES-6). */
function isLess(limit: TaskLimit, request: number): boolean {
  return limit !== 'unlimited' && limit !== Infinity && toMilli(limit) < toMilli(request);
}

function validatePriority({ priority }: TaskLike): Problem | undefined {
  if (priority === undefined || Number.isFinite(priority)) return undefined;
  return { code: 'bad-priority', path: 'priority', message: "Task's 'priority' must be a finite number" };
}

/** VAL-8. `payload` is proffer's own third way: for agents that know what to do with it. */
function validateWhatToRun({ command, executor, payload }: TaskLike): Problem | undefined {
  const given = [command, executor, payload].filter((it) => it !== undefined).length;
  if (given === 1) return undefined;
  const message =
    payload === undefined
      ? 'Task should have at least one (but not both) of CommandInfo or ExecutorInfo present'
      : 'Task should have only one of CommandInfo or ExecutorInfo present, or a payload';
  return { code: 'command-or-executor', path: '', message };
}

/** VAL-6, VAL-11, VAL-12: the task with its executor, if that does not run yet, against what is left. */
function validateFit(task: TaskLike, context: TaskContext): Problem | undefined {
  const own = unallocate(resources(task.resources));
  const executor = task.executor && readExecutor(task.executor, context);
  const problem = validateTaskAndExecutorResources({ task: own, ...(executor && { executor: executor.resources }) });
  if (problem !== undefined) return problem;
  const starts = executor !== undefined && context.executor(executor.id) === undefined;
  const total = starts ? add(own, executor.resources) : own;
  if (contains(unallocate(context.offered), total)) return undefined;
  return {
    code: 'insufficient-resources',
    path: 'resources',
    message:
      `Total resources ${shown(total)} required by task and its executor` +
      ` is more than available ${shownOffer(context)}`,
  };
}

function shownOffer({ offered, role, namesRole = false }: TaskContext): string {
  return shown(namesRole ? allocate(offered, role) : offered);
}

function validateSingleCgroup({ container }: TaskLike): Problem | undefined {
  if (container?.shareCgroups !== false) return undefined;
  const message = "Only tasks in a task group may have 'share_cgroups' set to 'false'";
  return { code: 'bad-container', path: 'container.shareCgroups', message };
}

/** One task of a group (VAL-13). Its executor is the group's. */
function validateGroupTask(task: TaskLike, { executor }: TaskGroupLike, context: TaskContext): Problem | undefined {
  const problem = validateTaskFields(task, context);
  if (problem !== undefined) return problem;
  const { container, healthCheck, limits = {}, command, payload } = task;
  const bad = (path: string, message: string): Problem => ({ code: 'bad-container', path, message });
  if (command !== undefined && payload !== undefined) {
    const message = `A task of executor ${quote(executor.id)} should have a command or a payload, not both`;
    return { code: 'command-or-executor', path: '', message };
  }
  const remote = healthCheck?.type === 'http' || healthCheck?.type === 'tcp';
  if (remote && (container?.networks ?? []).length > 0) {
    const message = "HTTP and TCP health checks are not supported for nested containers not joining parent's network";
    return bad('healthCheck', message);
  }
  if (container?.type === 'docker') return bad('container', 'Docker ContainerInfo is not supported on the task');
  if (Object.keys(limits).length > 0 && container?.shareCgroups !== false) {
    const demand = "when the 'share_cgroups' field is set to 'false'";
    return {
      code: 'bad-limits',
      path: 'limits',
      message: `Resource limits may only be set for tasks within a task group ${demand}`,
    };
  }
  return undefined;
}

/** A task that names an executor names the group's (VAL-13). */
function validateOneExecutor(group: TaskGroupLike, context: TaskContext): Problem | undefined {
  const executor = readExecutor(group.executor, context);
  for (const [index, task] of group.tasks.entries()) {
    if (task.executor === undefined) continue;
    const read = tryResources(task.executor.resources ?? [], `tasks[${index}].executor.resources`);
    if ('resources' in read && sameExecutor(readExecutor(task.executor, context), executor)) continue;
    const message = `The \`ExecutorInfo\` of task ${quote(task.id)} is different from executor ${quote(executor.id)}`;
    return { code: 'incompatible-executor', path: `tasks[${index}].executor`, message };
  }
  return undefined;
}

/** VAL-11, VAL-12 over the whole group. */
function validateGroupFit(group: TaskGroupLike, context: TaskContext): Problem | undefined {
  const tasks = group.tasks.map((task) => unallocate(resources(task.resources)));
  const executor = readExecutor(group.executor, context);
  const problem = validateGroupResources({ tasks, executor: executor.resources });
  if (problem !== undefined) return problem;
  const starts = context.executor(executor.id) === undefined;
  const [first, ...rest] = starts ? [executor.resources, ...tasks] : tasks;
  if (first === undefined) return undefined;
  const total = rest.reduce((sum, used) => add(sum, used), first);
  if (contains(unallocate(context.offered), total)) return undefined;
  return {
    code: 'insufficient-resources',
    path: 'tasks',
    message:
      `Total resources ${shown(total)} required by task group and its executor` +
      ` are more than available ${shownOffer(context)}`,
  };
}

/** All tasks under one executor share its control group, or none does (VAL-13). */
function validateGroupCgroups({ executor, tasks }: TaskGroupLike, context: TaskContext): Problem | undefined {
  const running = context.executor(executor.id) && context.sharesCgroups?.(executor.id);
  const answers = new Set(tasks.map((task) => task.container?.shareCgroups ?? true));
  if (running !== undefined) answers.add(running);
  if (answers.size <= 1) return undefined;
  const message =
    "If set, the value of 'share_cgroups' must be the same for all tasks in each task group and under a single executor";
  return { code: 'bad-container', path: 'tasks', message };
}
