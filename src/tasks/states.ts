import type { FrameworkCapability } from './capabilities.js';

/**
 * The fourteen states of a task. `unknown` is only ever an answer to a question about a task that nobody knows; a task
 * never is in it.
 */
export const taskStates = [
  'staging',
  'starting',
  'running',
  'killing',
  'finished',
  'failed',
  'killed',
  'error',
  'dropped',
  'unreachable',
  'gone',
  'gone-by-operator',
  'lost',
  'unknown',
] as const;
Object.freeze(taskStates);
/**
 * How a task stands: one of `taskStates`. `isTerminal` says which are ends; `unreachable` and `unknown` are not, and a task
 * may come back from them.
 */
export type TaskState = (typeof taskStates)[number];

/** Who made a status. */
export const taskSources = ['master', 'agent', 'executor'] as const;
Object.freeze(taskSources);
/** One of `taskSources`. */
export type TaskSource = (typeof taskSources)[number];

/** Why a task is in its state: the v1 API's `REASON_…` names without the prefix. */
export const taskReasons = [
  'command-executor-failed',
  'container-launch-failed',
  'container-limitation',
  'container-limitation-disk',
  'container-limitation-memory',
  'container-preempted',
  'container-update-failed',
  'max-completion-time-reached',
  'executor-registration-timeout',
  'executor-reregistration-timeout',
  'executor-terminated',
  'executor-unregistered',
  'framework-removed',
  'gc-error',
  'invalid-frameworkid',
  'invalid-offers',
  'io-switchboard-exited',
  'master-disconnected',
  'reconciliation',
  'resources-unknown',
  'agent-disconnected',
  'agent-draining',
  'agent-removed',
  'agent-removed-by-operator',
  'agent-reregistered',
  'agent-restarted',
  'agent-unknown',
  'task-killed-during-launch',
  'task-check-status-updated',
  'task-health-check-status-updated',
  'task-group-invalid',
  'task-group-unauthorized',
  'task-invalid',
  'task-unauthorized',
  'task-unknown',
] as const;
Object.freeze(taskReasons);
/** Why a task is in its state: one of `taskReasons`, the reasons of the v1 API in kebab case. */
export type TaskReason = (typeof taskReasons)[number];

/** States that end a task: it holds nothing any more (TASK-1). */
const terminalStates = [
  'finished',
  'failed',
  'killed',
  'error',
  'dropped',
  'gone',
  'gone-by-operator',
  'lost',
] as const;

/**
 * What an edge of the table is:
 * - `life`: a step that a well-behaved executor takes, or the end of a task;
 * - `loss`: the control plane lost sight of the task;
 * - `disorder`: a step that makes no sense but that an executor may take all the same. Nobody between an executor and
 *   its framework enforces an order among states that are not terminal (TASK-4), so what it says is applied as said.
 */
type EdgeKind = 'life' | 'loss' | 'disorder';
type Edges = Readonly<Partial<Record<TaskState, EdgeKind>>>;

/** Any task may end in any way at any time: its executor dies, its agent goes, an operator gives it up (TASK-4). */
const ends = {
  finished: 'life',
  failed: 'life',
  killed: 'life',
  error: 'life',
  dropped: 'life',
  gone: 'life',
  'gone-by-operator': 'life',
  lost: 'life',
} as const satisfies Edges;

/** The one table of legal edges (TASK-4). What is not in it does not happen, apart from `canReturn`. */
const edges: Readonly<Record<TaskState, Edges>> = {
  // Made by the master when an offer is accepted. `killing` is disorder: a kill before the task started needs no such step.
  staging: { starting: 'life', running: 'life', ...ends, unreachable: 'loss', killing: 'disorder' },
  // Optional; `starting` twice only refreshes the message.
  starting: { running: 'life', killing: 'life', ...ends, unreachable: 'loss', starting: 'disorder' },
  // `running` again carries new health or check results.
  running: { running: 'life', killing: 'life', ...ends, unreachable: 'loss', starting: 'disorder' },
  // A task that is being killed may still finish or fail by itself. A late health result says `running` once more.
  killing: { ...ends, unreachable: 'loss', killing: 'disorder', running: 'disorder', starting: 'disorder' },
  // Nobody hears of it but its agent, on whose return `canReturn` speaks. Until then an operator may declare the agent
  // gone (AG-6), or its framework may be removed (FW-7).
  unreachable: { 'gone-by-operator': 'life', killed: 'life' },
  // Terminal: a task ends once, and its resources are given back once (TASK-5). What comes later is forwarded, not applied.
  finished: {},
  failed: {},
  killed: {},
  error: {},
  dropped: {},
  gone: {},
  'gone-by-operator': {},
  lost: {},
  // Not a state of any task.
  unknown: {},
};

const terminal: ReadonlySet<string> = new Set(terminalStates);
const states: ReadonlySet<unknown> = new Set(taskStates);
const reasons: ReadonlySet<unknown> = new Set(taskReasons);

/** Whether `value` is one of the fourteen states. */
export function isTaskState(value: unknown): value is TaskState {
  return states.has(value);
}

/** Whether `value` is one of the reasons. */
export function isTaskReason(value: unknown): value is TaskReason {
  return reasons.has(value);
}

/** Whether a task in this state has ended (TASK-1). `unreachable` and `unknown` are not ends. */
export function isTerminal(state: TaskState): boolean {
  return terminal.has(state);
}

/** Whether `to` may follow `from` in an orderly life, from the one table of edges (TASK-4). */
export function canMove(from: TaskState, to: TaskState): boolean {
  const kind = edges[from][to];
  return kind !== undefined && kind !== 'disorder';
}

/**
 * Whether `to` is applied to a task in `from` when its executor or agent says so: every orderly step, and steps out of
 * order among states that are not terminal, because the master enforces no order there (TASK-4). Never out of a
 * terminal state, and never back to `staging`.
 */
export function canApply(from: TaskState, to: TaskState): boolean {
  return edges[from][to] !== undefined;
}

/** States in which a task may have been given up while it lived on, on an agent that nobody could hear (TASK-2). */
const uncertain: ReadonlySet<TaskState> = new Set(['unreachable', 'lost', 'gone-by-operator']);
/** What only the control plane says of a task; its own agent never does. */
const remote: ReadonlySet<TaskState> = new Set(['unreachable', 'gone-by-operator', 'unknown']);

/**
 * Whether a task that was given up in state `from` may come back as `to` with its agent's re-registration, the one way
 * out of `lost` and `gone-by-operator` (TASK-2, AG-5).
 */
export function canReturn(from: TaskState, to: TaskState): boolean {
  return uncertain.has(from) && !remote.has(to);
}

/** The states that only a partition-aware framework is told; others hear `lost` (TASK-3). */
const partitionStates: ReadonlySet<TaskState> = new Set([
  'dropped',
  'unreachable',
  'gone',
  'gone-by-operator',
  'unknown',
]);

/** The state that this framework is told for a task in `state` (TASK-3). */
export function stateSeenBy(
  framework: { readonly capabilities: readonly FrameworkCapability[] },
  state: TaskState,
): TaskState {
  return partitionStates.has(state) && !framework.capabilities.includes('partition-aware') ? 'lost' : state;
}
