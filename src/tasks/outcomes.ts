import { InputError } from '../resources/index.js';
import { quote } from '../resources/quote.js';
import type { TaskReason, TaskSource, TaskState } from './states.js';

/** What becomes of a task in a situation that its executor has no word in. */
export interface Outcome {
  readonly state: TaskState;
  readonly reason: TaskReason;
  readonly source: TaskSource;
}

/** One row of the table: what a partition-aware framework hears, and where another one hears something else. */
interface Row extends Outcome {
  /** For a framework that is not partition-aware; absent = the same. */
  readonly otherwise?: { readonly state: TaskState; readonly reason?: TaskReason };
}

/** The situations in which somebody other than the executor decides about a task. */
export const situations = [
  'invalid-offers',
  'launch-agent-removed',
  'launch-agent-disconnected',
  'launch-master-disconnected',
  'agent-restarted',
  'launch-agent-draining',
  'launch-resources-unknown',
  'launch-resources-stale',
  'launch-gc-error',
  'no-executor',
  'not-on-agent',
  'task-invalid',
  'task-group-invalid',
  'task-unauthorized',
  'task-group-unauthorized',
  'killed-before-launch',
  'killed-before-delivery',
  'agent-unreachable',
  'agent-gone',
  'agent-removed',
  'agent-disconnected',
  'container-preempted',
  'container-update-failed',
  'framework-removed',
  'drained',
  'drained-and-gone',
  'executor-terminated',
  'executor-registration-timeout',
  'executor-reregistration-timeout',
  'container-launch-failed',
  'container-limitation',
  'container-limitation-memory',
  'container-limitation-disk',
  'max-completion-time',
] as const;
Object.freeze(situations);
/** One of `situations`. */
export type Situation = (typeof situations)[number];

const lost = { state: 'lost' } as const;

/** The rows of semantics §15, "Reason → state", plus what becomes of the tasks of an executor that ended (TASK-11). */
const rows: Readonly<Record<Situation, Row>> = {
  // An offer named in ACCEPT is no longer valid (ACC-2).
  'invalid-offers': { state: 'dropped', reason: 'invalid-offers', source: 'master', otherwise: lost },
  // The agent went between offer and launch (ACC-4).
  'launch-agent-removed': { state: 'dropped', reason: 'agent-removed', source: 'master', otherwise: lost },
  'launch-agent-disconnected': { state: 'dropped', reason: 'agent-disconnected', source: 'master', otherwise: lost },
  // The framework's own library lost the master before the launch left it.
  'launch-master-disconnected': { state: 'dropped', reason: 'master-disconnected', source: 'master', otherwise: lost },
  // The agent restarted and the task never reached an executor.
  'agent-restarted': { state: 'dropped', reason: 'agent-restarted', source: 'agent', otherwise: lost },
  'launch-agent-draining': { state: 'dropped', reason: 'agent-draining', source: 'agent', otherwise: lost },
  'launch-resources-unknown': { state: 'dropped', reason: 'resources-unknown', source: 'agent', otherwise: lost },
  'launch-resources-stale': { state: 'dropped', reason: 'invalid-offers', source: 'agent', otherwise: lost },
  'launch-gc-error': { state: 'dropped', reason: 'gc-error', source: 'agent', otherwise: lost },
  // A launch or a kill meets an executor that is ending, or none.
  'no-executor': { state: 'dropped', reason: 'executor-terminated', source: 'agent', otherwise: lost },
  // The master asks its agent about a task that the agent does not have (AG-11).
  'not-on-agent': { state: 'dropped', reason: 'reconciliation', source: 'agent', otherwise: lost },
  'task-invalid': { state: 'error', reason: 'task-invalid', source: 'master' },
  'task-group-invalid': { state: 'error', reason: 'task-group-invalid', source: 'master' },
  'task-unauthorized': { state: 'error', reason: 'task-unauthorized', source: 'master' },
  'task-group-unauthorized': { state: 'error', reason: 'task-group-unauthorized', source: 'master' },
  // KILL-2: killed by the master before it was sent, or by the agent before its executor had it.
  'killed-before-launch': { state: 'killed', reason: 'task-killed-during-launch', source: 'master' },
  'killed-before-delivery': { state: 'killed', reason: 'task-killed-during-launch', source: 'agent' },
  // AG-4. The caller adds the time.
  'agent-unreachable': { state: 'unreachable', reason: 'agent-removed', source: 'master', otherwise: lost },
  // AG-6. Only a partition-aware framework hears that an operator did it.
  'agent-gone': {
    state: 'gone-by-operator',
    reason: 'agent-removed-by-operator',
    source: 'master',
    otherwise: { state: 'lost', reason: 'agent-removed' },
  },
  // Unregistered, its machine taken down, or come back as a new one (AG-9, AG-10, MNT-4).
  'agent-removed': { state: 'lost', reason: 'agent-removed', source: 'master' },
  // AG-3: its framework does not checkpoint.
  'agent-disconnected': { state: 'lost', reason: 'agent-disconnected', source: 'master' },
  'container-preempted': { state: 'gone', reason: 'container-preempted', source: 'agent', otherwise: lost },
  'container-update-failed': { state: 'gone', reason: 'container-update-failed', source: 'agent', otherwise: lost },
  // FW-7. Told to nobody.
  'framework-removed': { state: 'killed', reason: 'framework-removed', source: 'master' },
  drained: { state: 'killed', reason: 'agent-draining', source: 'agent' },
  'drained-and-gone': {
    state: 'gone-by-operator',
    reason: 'agent-draining',
    source: 'agent',
    otherwise: { state: 'killed' },
  },
  // TASK-11: the executor ended and left tasks behind.
  'executor-terminated': { state: 'failed', reason: 'executor-terminated', source: 'agent' },
  'executor-registration-timeout': { state: 'failed', reason: 'executor-registration-timeout', source: 'agent' },
  'executor-reregistration-timeout': { state: 'failed', reason: 'executor-reregistration-timeout', source: 'agent' },
  'container-launch-failed': { state: 'failed', reason: 'container-launch-failed', source: 'agent' },
  'container-limitation': { state: 'failed', reason: 'container-limitation', source: 'agent' },
  'container-limitation-memory': { state: 'failed', reason: 'container-limitation-memory', source: 'agent' },
  'container-limitation-disk': { state: 'failed', reason: 'container-limitation-disk', source: 'agent' },
  // TASK-10: it ran for longer than it may.
  'max-completion-time': { state: 'failed', reason: 'max-completion-time-reached', source: 'executor' },
};

/**
 * What becomes of a task in `situation`, as its framework is told (semantics §15).
 *
 * @throws InputError `unknown-situation` for a situation that is not in the table.
 * @example
 * outcome('invalid-offers', false); // { state: 'lost', reason: 'invalid-offers', source: 'master' }
 */
export function outcome(situation: Situation, partitionAware: boolean): Outcome {
  if (!Object.hasOwn(rows, situation)) {
    throw new InputError('unknown-situation', 'situation', `There is no situation ${quote(situation)}`);
  }
  const row = rows[situation];
  const other = partitionAware ? undefined : row.otherwise;
  return { state: other?.state ?? row.state, reason: other?.reason ?? row.reason, source: row.source };
}

const exits: ReadonlySet<TaskReason> = new Set([
  'agent-restarted',
  'container-preempted',
  'container-update-failed',
  'executor-registration-timeout',
  'executor-reregistration-timeout',
  'container-launch-failed',
  'container-limitation',
  'container-limitation-memory',
  'container-limitation-disk',
] as const satisfies readonly (TaskReason & Situation)[]);

/** The situation of tasks whose executor ended: the container's reason where there is one (TASK-11). */
export function exitSituation(reason: TaskReason | undefined): Situation {
  return reason !== undefined && exits.has(reason) ? (reason as TaskReason & Situation) : 'executor-terminated';
}
