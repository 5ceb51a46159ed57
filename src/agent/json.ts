import { InputError, type Attributes, type Resources } from '../resources/index.js';
import { quote } from '../resources/quote.js';
import { readSaved } from '../resources/reading.js';
import type { ExecutorInfo, TaskInfo, UpdateStream } from '../tasks/index.js';
import { deadlinesOf, noDeadlines } from './deadlines.js';
import type {
  AgentDescriptionState,
  AgentExecutor,
  AgentFramework,
  AgentOperation,
  AgentState,
  AgentTask,
} from './state.js';
import { savedAgent } from './reading.js';
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
export type AgentJson = Omit<
  AgentState,
  'description' | 'frameworks' | 'operations' | 'settledOperations' | 'deadlines'
> & {
  readonly version: typeof version;
  readonly description: DescriptionJson;
  readonly frameworks: Rows<FrameworkJson>;
  /** Absent in older ones, as is the next. */
  readonly operations?: Rows<AgentOperation>;
  readonly settledOperations?: readonly string[];
};

/**
 * The agent as plain data that `JSON.stringify` keeps whole (payloads of tasks as far as they are such data). Equal
 * states give equal texts. Write it down before the outputs of a transition are carried out, and a restart loses nothing.
 */
export function agentToJSON(state: AgentState): AgentJson {
  const { description, frameworks, operations, settledOperations, deadlines: _, ...rest } = state;
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
    operations: operations.entries(),
    settledOperations,
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
 * @throws InputError `bad-state` with the path of what `agentToJSON` did not write so, `unknown-version` if another version
 *   of it wrote it.
 */
export function agentFromJSON(json: unknown): AgentState {
  const { version: wrote, ...saved } = typeof json === 'object' && json !== null ? (json as Partial<AgentJson>) : {};
  if (wrote === undefined) throw new InputError('bad-state', '', 'This is not the state of an agent');
  if (wrote !== version) {
    throw new InputError('unknown-version', 'version', `Version ${quote(wrote)} cannot be read, only ${version}`);
  }
  const rest = readSaved(savedAgent, saved, 'The state of the agent');
  const state: AgentState = { ...rest, deadlines: noDeadlines };
  return { ...state, deadlines: deadlinesOf(standing(state)) };
}
