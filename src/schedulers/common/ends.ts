import type { TaskReason, TaskStatus } from '../../tasks/index.js';
import type { BackOff } from './back-off.js';

/** How a task is over: by itself, well or badly, or through no fault of its own. */
export type End = 'finished' | 'failed' | 'lost';

/** Reasons for which a task ends that say nothing about the task. */
const strange: ReadonlySet<TaskReason> = new Set<TaskReason>([
  'agent-disconnected',
  'agent-draining',
  'agent-removed',
  'agent-removed-by-operator',
  'agent-restarted',
  'container-preempted',
  'executor-reregistration-timeout',
  'framework-removed',
  'invalid-offers',
  'master-disconnected',
]);

/** How a task is over of which this is the last status. */
export function endOf({ state, reason }: Pick<TaskStatus, 'state' | 'reason'>): End {
  if (state === 'finished') return 'finished';
  const own = state === 'failed' || state === 'error' || state === 'killed';
  return own && (reason === undefined || !strange.has(reason)) ? 'failed' : 'lost';
}

/** Waits after what was lost: it may be tried again soon, but what takes its agent with it must not go round at full speed. */
export const lossBackOff: BackOff = { firstMs: 1_000, maxMs: 300_000, factor: 2, jitter: 0.5 };
