/**
 * The names of the Mesos v1 API and ours. Inside there is one literal form, kebab-case; this is the only table between
 * the two, for everything that speaks v1.
 */
import {
  agentCapabilities,
  frameworkCapabilities,
  operationStates,
  taskReasons,
  taskSources,
  taskStates,
  type AgentCapability,
  type FrameworkCapability,
  type OperationState,
  type TaskReason,
  type TaskSource,
  type TaskState,
} from '../tasks/index.js';

/** A two-way table of names. */
export interface Names<Own extends string> {
  /** Our literal for a v1 name; undefined = there is no such name. */
  read(v1: string): Own | undefined;
  /** The v1 name of one of our literals. */
  write(own: Own): string;
}

/** `TASK_RUNNING` and so on. */
export const v1TaskStates: Names<TaskState> = table(taskStates, 'TASK_');
/** `OPERATION_FINISHED` and so on. */
export const v1OperationStates: Names<OperationState> = table(operationStates, 'OPERATION_');
/** `REASON_AGENT_REMOVED` and so on. */
export const v1Reasons: Names<TaskReason> = table(taskReasons, 'REASON_');
/** `SOURCE_MASTER` and so on. */
export const v1Sources: Names<TaskSource> = table(taskSources, 'SOURCE_');
/** `PARTITION_AWARE` and so on. */
export const v1FrameworkCapabilities: Names<FrameworkCapability> = table(frameworkCapabilities, '');
/** `HIERARCHICAL_ROLE` and so on. */
export const v1AgentCapabilities: Names<AgentCapability> = table(agentCapabilities, '');

function table<Own extends string>(literals: readonly Own[], prefix: string): Names<Own> {
  const toV1 = new Map(literals.map((own) => [own, prefix + own.toUpperCase().replaceAll('-', '_')] as const));
  const fromV1 = new Map([...toV1].map(([own, v1]) => [v1, own] as const));
  return Object.freeze({
    read: (v1: string) => fromV1.get(v1),
    write: (own: Own) => toV1.get(own) ?? prefix + own,
  });
}
