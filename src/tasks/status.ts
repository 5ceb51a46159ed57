import { readLabels } from './labels.js';
import { isTerminal, type TaskReason, type TaskSource, type TaskState } from './states.js';

/** What a framework is told about a task (TASK-9). Times are milliseconds. */
export interface TaskStatus {
  readonly task: string;
  readonly state: TaskState;
  /** Whether the state is terminal (TASK-1). */
  readonly terminal: boolean;
  readonly source: TaskSource;
  readonly reason?: TaskReason;
  readonly message?: string;
  readonly agent?: string;
  readonly executor?: string;
  /** Present exactly when the update wants an acknowledgement (UPD-1). */
  readonly uuid?: string;
  /** When the status was made, ms. */
  readonly timestamp: number;
  readonly data?: string;
  readonly healthy?: boolean;
  /** Since when the agent is unreachable, ms. */
  readonly unreachableTime?: number;
  readonly labels?: readonly { readonly key: string; readonly value?: string }[];
}

/** What `taskStatus` is built from: a status whose absent fields may also be written as `undefined`. */
export type TaskStatusFields = {
  readonly [Field in keyof Omit<TaskStatus, 'terminal'>]: TaskStatus[Field] | undefined;
};
type Required = 'task' | 'state' | 'source' | 'timestamp';

/**
 * A status as it is told to a framework: fills in `terminal` and leaves out every field that is `undefined`. It is
 * frozen, because the machine keeps the same one.
 *
 * @example
 * taskStatus({ task: 't1', state: 'killed', source: 'master', timestamp: 0 }).terminal; // true
 */
export function taskStatus(fields: Pick<TaskStatus, Required> & Partial<Omit<TaskStatusFields, Required>>): TaskStatus {
  const status = begin(fields);
  if (fields.executor !== undefined) status.executor = fields.executor;
  if (fields.uuid !== undefined) status.uuid = fields.uuid;
  if (fields.data !== undefined) status.data = fields.data;
  if (fields.healthy !== undefined) status.healthy = fields.healthy;
  if (fields.unreachableTime !== undefined) status.unreachableTime = fields.unreachableTime;
  if (fields.labels !== undefined) status.labels = readLabels(fields.labels);
  return Object.freeze(status);
}

/**
 * The fields that most have. Literals of just these fields, as there is a status for each task: V8 keeps room in an object
 * for all that its literal could ever spread into it, which would double what a status takes.
 */
function begin(fields: Parameters<typeof taskStatus>[0]): { -readonly [Field in keyof TaskStatus]: TaskStatus[Field] } {
  const { task, state, source, timestamp, reason, message, agent } = fields;
  const terminal = isTerminal(state);
  if (agent === undefined) {
    return {
      task,
      state,
      terminal,
      source,
      timestamp,
      ...(reason !== undefined && { reason }),
      ...(message !== undefined && { message }),
    };
  }
  if (reason === undefined) {
    return message === undefined
      ? { task, state, terminal, source, timestamp, agent }
      : { task, state, terminal, source, timestamp, message, agent };
  }
  return message === undefined
    ? { task, state, terminal, source, timestamp, reason, agent }
    : { task, state, terminal, source, timestamp, reason, message, agent };
}
