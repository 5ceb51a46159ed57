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
  const { task, state, source, timestamp } = fields;
  return Object.freeze({
    task,
    state,
    terminal: isTerminal(state),
    source,
    timestamp,
    ...(fields.reason !== undefined && { reason: fields.reason }),
    ...(fields.message !== undefined && { message: fields.message }),
    ...(fields.agent !== undefined && { agent: fields.agent }),
    ...(fields.executor !== undefined && { executor: fields.executor }),
    ...(fields.uuid !== undefined && { uuid: fields.uuid }),
    ...(fields.data !== undefined && { data: fields.data }),
    ...(fields.healthy !== undefined && { healthy: fields.healthy }),
    ...(fields.unreachableTime !== undefined && { unreachableTime: fields.unreachableTime }),
    ...(fields.labels !== undefined && { labels: readLabels(fields.labels) }),
  });
}
