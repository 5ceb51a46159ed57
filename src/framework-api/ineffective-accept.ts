import { outcome, taskStatus, type OperationState, type TaskStatus } from '../tasks/index.js';
import type { OperationUpdate } from './scheduler.js';

/** Why an accept had no effect: it could not be carried, or it is none (the message says why). */
export type Ineffective = { readonly why: 'disconnected' } | { readonly why: 'malformed'; readonly message: string };

/** What an accept that had no effect needs to be answered. */
interface Circumstances {
  /** The agent of the offers, where the driver was told. */
  readonly agent: string | undefined;
  readonly partitionAware: boolean;
  /** The time, ms. */
  readonly at: number;
}

/**
 * The statuses of the tasks of an accept that had no effect. If the lost wire could not carry it: `dropped`, or `lost` for
 * a framework that is not partition-aware, as Mesos's own driver does (semantics §15). If it was malformed: `error`, as
 * for any task that is not valid. They have no uuid, so nobody acknowledges them.
 *
 * @param operations as the scheduler wrote them, be they operations or not.
 */
export function unlaunched(
  operations: unknown,
  cause: Ineffective,
  { agent, partitionAware, at }: Circumstances,
): TaskStatus[] {
  const end =
    cause.why === 'disconnected'
      ? outcome('launch-master-disconnected', partitionAware)
      : ({ state: 'error', source: 'master', reason: 'task-invalid' } as const);
  return objects(operations)
    .flatMap(({ tasks }) => objects(tasks))
    .flatMap((task) => {
      if (typeof task['id'] !== 'string') return [];
      const on = typeof task['agent'] === 'string' ? task['agent'] : agent;
      return [taskStatus({ task: task['id'], ...end, message: messageOf(cause), agent: on, timestamp: at })];
    });
}

/** What became of the operations with an id of an accept that had no effect: nobody ever had them. */
export function unapplied(
  operations: unknown,
  cause: Ineffective,
  agent: string | undefined,
): readonly OperationUpdate[] {
  const state: OperationState = cause.why === 'disconnected' ? 'dropped' : 'error';
  return objects(operations).flatMap(({ type, id }) =>
    typeof id !== 'string' || type === 'launch' || type === 'launch-group'
      ? []
      : [{ operation: id, state, message: messageOf(cause), ...(agent !== undefined && { agent }) }],
  );
}

function messageOf(cause: Ineffective): string {
  return cause.why === 'disconnected' ? 'Master disconnected' : cause.message;
}

/** The objects in what may be a list of them. */
function objects(list: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === 'object' && item !== null) : [];
}
