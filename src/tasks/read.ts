import { equals, resources, unallocate, type Resources, type ResourcesLike } from '../resources/index.js';
import type {
  Artifact,
  CheckInfo,
  CommandInfo,
  ContainerInfo,
  DockerInfo,
  ExecutorInfo,
  ExecutorLike,
  TaskInfo,
  TaskLike,
  TaskLimit,
} from './info.js';
import { readLabels } from './labels.js';

/** Whose a task is: what a framework need not write, because the offer says it (ACC-10). */
export interface TaskOwner {
  readonly agent: string;
  readonly role: string;
  readonly framework: string;
}

/** The fields of `source` that are named and have a value: nothing else that a caller wrote is kept. */
function pick<T extends object, K extends keyof T>(source: T, ...keys: readonly K[]): { readonly [P in K]: T[P] } {
  const picked: Partial<Pick<T, K>> = {};
  for (const key of keys) if (source[key] !== undefined) picked[key] = source[key];
  return picked as { readonly [P in K]: T[P] };
}

// What is read is frozen: the machine keeps it, and agents in the same process are given it.

function readCommand(command: CommandInfo): CommandInfo {
  const { environment, arguments: words, artifacts } = command;
  return Object.freeze({
    ...pick(command, 'value', 'shell', 'user'),
    ...(words !== undefined && { arguments: Object.freeze([...words]) }),
    ...(environment !== undefined && {
      environment: Object.freeze(environment.map((it) => Object.freeze(pick(it, 'name', 'type', 'value', 'secret')))),
    }),
    ...(artifacts !== undefined && { artifacts: Object.freeze(artifacts.map(readArtifact)) }),
  });
}

function readArtifact(artifact: Artifact): Artifact {
  return Object.freeze(pick(artifact, 'path', 'url', 'extract', 'executable', 'sha256', 'name'));
}

function readContainer(container: ContainerInfo): ContainerInfo {
  const { networks, docker } = container;
  return Object.freeze({
    ...pick(container, 'type', 'shareCgroups'),
    ...(docker !== undefined && { docker: readDocker(docker) }),
    ...(networks !== undefined && { networks: Object.freeze([...networks]) }),
  });
}

function readDocker({ image, parameters }: DockerInfo): DockerInfo {
  return Object.freeze({
    image,
    ...(parameters !== undefined && {
      parameters: Object.freeze(parameters.map((it) => Object.freeze(pick(it, 'key', 'value')))),
    }),
  });
}

function readCheck(check: CheckInfo): CheckInfo {
  const { command, http, tcp } = check;
  return Object.freeze({
    ...pick(check, 'type', 'delayMs', 'intervalMs', 'timeoutMs', 'consecutiveFailures', 'gracePeriodMs'),
    ...(command !== undefined && { command: readCommand(command) }),
    ...(http !== undefined && { http: Object.freeze(pick(http, 'port', 'path')) }),
    ...(tcp !== undefined && { tcp: Object.freeze(pick(tcp, 'port')) }),
  });
}

/** The fields that mean the same on a task and on an executor. */
function readCommon(
  like: Pick<TaskLike & ExecutorLike, 'id'> &
    Partial<Pick<TaskLike, 'name' | 'command' | 'container' | 'labels' | 'data'>>,
): Pick<TaskInfo, 'id' | 'name' | 'command' | 'container' | 'labels' | 'data'> {
  const { command, container, labels } = like;
  return {
    ...pick(like, 'id', 'name', 'data'),
    ...(command !== undefined && { command: readCommand(command) }),
    ...(container !== undefined && { container: readContainer(container) }),
    ...(labels !== undefined && { labels: readLabels(labels) }),
  };
}

/** Resources without an allocation role: whose they are is said beside them. */
function readResources(like: ResourcesLike, path: string): Resources {
  return unallocate(resources(like, path));
}

/**
 * An executor that was validated: framework and role filled in (ACC-10), its resources in unallocated form.
 *
 * @throws InputError `bad-resources` if its resources cannot be read; `validateExecutor` finds that first.
 */
export function readExecutor(
  executor: ExecutorLike,
  { framework, role }: Pick<TaskOwner, 'framework' | 'role'>,
): ExecutorInfo {
  return Object.freeze({
    ...readCommon(executor),
    ...pick(executor, 'type', 'shutdownGraceMs'),
    framework: executor.framework ?? framework,
    role,
    resources: readResources(executor.resources ?? [], 'executor.resources'),
  });
}

/**
 * A task that was validated, as its agent receives it: agent, role and executor filled in (ACC-10), resources in
 * unallocated form, and none of the fields that proffer does not know.
 *
 * @throws InputError `bad-resources` if its resources cannot be read; `validateTask` finds that first.
 */
export function readTask(task: TaskLike, owner: TaskOwner): TaskInfo {
  const { check, healthCheck, killPolicy, executor, limits, priority, payload } = task;
  return Object.freeze({
    ...readCommon(task),
    ...pick(task, 'maxCompletionMs', 'preemptible'),
    agent: owner.agent,
    role: owner.role,
    resources: readResources(task.resources, 'resources'),
    ...(payload !== undefined && { payload }),
    // Adding zero makes a plain 0 of a negative one, which JSON could not keep.
    ...(priority !== undefined && { priority: priority + 0 }),
    ...(killPolicy !== undefined && { killPolicy: Object.freeze(pick(killPolicy, 'graceMs')) }),
    ...(check !== undefined && { check: readCheck(check) }),
    ...(healthCheck !== undefined && { healthCheck: readCheck(healthCheck) }),
    ...(limits !== undefined && { limits: readLimits(limits) }),
    ...(executor !== undefined && { executor: readExecutor(executor, owner) }),
  });
}

function readLimits(limits: Readonly<Record<string, TaskLimit>>): NonNullable<TaskInfo['limits']> {
  const { cpus, mem } = limits;
  return Object.freeze({
    ...(cpus !== undefined && { cpus: readLimit(cpus) }),
    ...(mem !== undefined && { mem: readLimit(mem) }),
  });
}

/** JSON has no infinity. */
function readLimit(limit: TaskLimit): TaskLimit {
  return limit === Infinity ? 'unlimited' : limit;
}

/** Whether two executors are the same in every field; resources count by their amounts, not by how they were written. */
export function sameExecutor(a: ExecutorInfo, b: ExecutorInfo): boolean {
  const { resources: mine, ...restOfA } = a;
  const { resources: theirs, ...restOfB } = b;
  return equals(mine, theirs) && samePlain(restOfA, restOfB);
}

/** Deep equality of plain data; an absent field equals one that is `undefined`. */
function samePlain(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = definedFields(a);
  const right = definedFields(b);
  return (
    left.size === right.size && [...left].every(([key, value]) => right.has(key) && samePlain(value, right.get(key)))
  );
}

function definedFields(value: object): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(value).filter(([, field]) => field !== undefined));
}
