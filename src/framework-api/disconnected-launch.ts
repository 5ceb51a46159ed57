import type { AcceptCall } from '../cluster/inputs.js';
import { outcome, taskStatus, type TaskStatus } from '../tasks/index.js';

/** What a launch that never left the driver needs to be answered. */
interface Circumstances {
  /** The agent of the offers, where the driver was told. */
  readonly agent: string | undefined;
  readonly partitionAware: boolean;
  /** The time, ms. */
  readonly at: number;
}

/**
 * The statuses of the tasks of an accept that the lost wire could not carry: `dropped`, or `lost` for a framework that
 * is not partition-aware, as Mesos's own driver does (semantics §15). They have no uuid, so nobody acknowledges them.
 */
export function disconnectedLaunch(
  operations: AcceptCall['operations'],
  { agent, partitionAware, at }: Circumstances,
): TaskStatus[] {
  const end = outcome('launch-master-disconnected', partitionAware);
  return operations
    .flatMap((operation) => (operation.type === 'launch' || operation.type === 'launch-group' ? operation.tasks : []))
    .map((task) =>
      taskStatus({
        task: task.id,
        ...end,
        message: 'Master disconnected',
        agent: task.agent ?? agent,
        timestamp: at,
      }),
    );
}
