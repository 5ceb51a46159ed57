import { attributes, InputError, resources, Table, type Attributes, type Resources } from '../resources/index.js';
import type { ExecutorInfo, TaskInfo, UpdateStream } from '../tasks/index.js';
import { deadlinesOf, noDeadlines } from './deadlines.js';
import type { AgentDescriptionState, AgentExecutor, AgentFramework, AgentState, AgentTask } from './state.js';
import { standing } from './step.js';

/** The form of `AgentJson` that this version writes; it reads no other. */
const version = 1;

type ResourcesJson = ReturnType<Resources['toJSON']>;
type Rows<V> = readonly (readonly [string, V])[];

type ExecutorInfoJson = Omit<ExecutorInfo, 'resources'> & { readonly resources: ResourcesJson };
type TaskInfoJson = Omit<TaskInfo, 'resources' | 'executor'> & {
  readonly resources: ResourcesJson;
  readonly executor?: ExecutorInfoJson;
};
type TaskJson = Omit<AgentTask, 'info'> & { readonly info: TaskInfoJson };
type ExecutorJson = Omit<AgentExecutor, 'info'> & { readonly info?: ExecutorInfoJson };
type FrameworkJson = Omit<AgentFramework, 'tasks' | 'executors' | 'streams'> & {
  readonly tasks: Rows<TaskJson>;
  readonly executors: Rows<ExecutorJson>;
  readonly streams: Rows<UpdateStream>;
};
type DescriptionJson = Omit<AgentDescriptionState, 'resources' | 'attributes'> & {
  readonly resources: ResourcesJson;
  readonly attributes?: ReturnType<Attributes['toJSON']>;
};

/** An agent as plain JSON: tables as rows ordered by id, resources as text where text can hold them. */
export type AgentJson = Omit<AgentState, 'description' | 'frameworks' | 'deadlines'> & {
  readonly version: typeof version;
  readonly description: DescriptionJson;
  readonly frameworks: Rows<FrameworkJson>;
};

/**
 * The agent as plain data that `JSON.stringify` keeps whole (payloads of tasks as far as they are such data). Equal
 * states give equal texts. Write it down before the outputs of a transition are carried out, and a restart loses nothing.
 */
export function agentToJSON(state: AgentState): AgentJson {
  const { description, frameworks, deadlines: _, ...rest } = state;
  const { resources: total, attributes: said, ...described } = description;
  return {
    version,
    ...rest,
    description: {
      ...described,
      resources: total.toJSON(),
      ...(said !== undefined && { attributes: said.toJSON() }),
    },
    frameworks: frameworks.entries().map(([id, framework]) => [id, frameworkJson(framework)]),
  };
}

function frameworkJson({ tasks, executors, streams, ...rest }: AgentFramework): FrameworkJson {
  return {
    ...rest,
    tasks: tasks.entries().map(([id, { info, ...task }]) => [id, { ...task, info: taskInfoJson(info) }]),
    executors: executors
      .entries()
      .map(([id, { info, ...it }]) => [id, { ...it, ...(info !== undefined && { info: executorInfoJson(info) }) }]),
    streams: streams.entries(),
  };
}

function taskInfoJson({ executor, resources: used, ...info }: TaskInfo): TaskInfoJson {
  return {
    ...info,
    resources: used.toJSON(),
    ...(executor !== undefined && { executor: executorInfoJson(executor) }),
  };
}

function executorInfoJson({ resources: used, ...info }: ExecutorInfo): ExecutorInfoJson {
  return { ...info, resources: used.toJSON() };
}

/**
 * The agent again, as it was written.
 *
 * @throws InputError `bad-state` if it is not what `agentToJSON` wrote, `unknown-version` if another version of it did.
 */
export function agentFromJSON(json: unknown): AgentState {
  const wrote = typeof json === 'object' && json !== null && 'version' in json ? json.version : undefined;
  if (wrote === undefined) throw new InputError('bad-state', '', 'This is not the state of an agent');
  if (wrote !== version) {
    throw new InputError('unknown-version', 'version', `Version ${String(wrote)} cannot be read, only ${version}`);
  }
  try {
    return readState(json as AgentJson);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError('bad-state', '', `This is not the state of an agent: ${String(error)}`);
  }
}

function readState({ version: _, description, frameworks, ...rest }: AgentJson): AgentState {
  const { resources: total, attributes: said, ...described } = description;
  const state: AgentState = {
    ...rest,
    description: {
      ...described,
      resources: resources(total),
      ...(said !== undefined && { attributes: attributes(said) }),
    },
    frameworks: Table.from(frameworks.map(([id, framework]) => [id, readFramework(framework)] as const)),
    deadlines: noDeadlines,
  };
  return { ...state, deadlines: deadlinesOf(standing(state)) };
}

function readFramework({ tasks, executors, streams, ...rest }: FrameworkJson): AgentFramework {
  return {
    ...rest,
    tasks: Table.from(tasks.map(([id, { info, ...task }]) => [id, { ...task, info: readTaskInfo(info) }] as const)),
    executors: Table.from(
      executors.map(
        ([id, { info, ...it }]) =>
          [id, { ...it, ...(info !== undefined && { info: readExecutorInfo(info) }) }] as const,
      ),
    ),
    streams: Table.from(streams),
  };
}

function readTaskInfo({ executor, resources: used, ...info }: TaskInfoJson): TaskInfo {
  return {
    ...info,
    resources: resources(used),
    ...(executor !== undefined && { executor: readExecutorInfo(executor) }),
  };
}

function readExecutorInfo({ resources: used, ...info }: ExecutorInfoJson): ExecutorInfo {
  return { ...info, resources: resources(used) };
}
