import {
  attributes,
  InputError,
  add,
  noResources,
  resources,
  Table,
  type Attributes,
  type Resources,
  type ResourcesLike,
} from '../resources/index.js';
import {
  defaultAgentCapabilities,
  defaultStreamConfig,
  isDuration,
  isTerminal,
  type AgentCapability,
  type Domain,
  type ExecutorInfo,
  type OperationState,
  type ReportedFramework,
  type StreamConfig,
  type TaskInfo,
  type TaskState,
  type UpdateStream,
} from '../tasks/index.js';
import { noDeadlines, type Deadlines } from './deadlines.js';
import { checkOptions } from './input.js';

/** What an agent is made of. */
export interface AgentOptions {
  /** Absent = the master gives it one when it registers (AG-1). */
  readonly id?: string;
  /** Everything the machine has. */
  readonly resources: ResourcesLike;
  /** All uuids and waits come from it: the same seed and history give the same outputs. */
  readonly seed: number;
  /** How often it says that it lives, ms; absent = it is not watched (AG-2). */
  readonly heartbeatMs?: number;
  readonly hostname?: string;
  /** Address of the machine, for plans of maintenance that name machines by it (MNT-1). */
  readonly ip?: string;
  readonly attributes?: string | Attributes;
  /** Default: all that it understands, which is everything but other resource providers than the agent itself. */
  readonly capabilities?: readonly AgentCapability[];
  readonly domain?: Domain;
  readonly streamConfig?: StreamConfig;
}

/** What this agent understands: unlike one that is only registered by a host, it says what became of operations (AG-12). */
const ownCapabilities: readonly AgentCapability[] = [
  ...defaultAgentCapabilities,
  'resource-provider',
  'agent-operation-feedback',
];

/** What does not change while the agent lives. */
export interface AgentDescriptionState {
  readonly resources: Resources;
  readonly seed: number;
  readonly streamConfig: StreamConfig;
  readonly capabilities: readonly AgentCapability[];
  readonly heartbeatMs?: number;
  readonly hostname?: string;
  readonly ip?: string;
  readonly attributes?: Attributes;
  readonly domain?: Domain;
}

/** The kill of a task that goes on (KILL-3). */
export interface KillState {
  /** When the first one came, ms. */
  readonly since: number;
  /** When the task is ended by force, ms; absent = it was, or its executor decides. */
  readonly destroyAt?: number;
}

/** A task on this agent. It stays until its terminal update is acknowledged (TASK-6). */
export interface AgentTask {
  readonly info: TaskInfo;
  /** Key of its executor in `AgentFramework.executors`. */
  readonly executor: string;
  /** The latest state that the agent knows (TASK-7). */
  readonly state: TaskState;
  /** The tasks that were launched with it, itself too; absent = it was launched alone. */
  readonly group?: readonly string[];
  readonly kill?: KillState;
  /** When it has run for as long as it may, ms (TASK-10); absent = for ever, or it has been ended for that. */
  readonly expiresAt?: number;
  /** It ran for too long and is being ended for that. */
  readonly expired?: true;
}

/** An executor on this agent. */
export interface AgentExecutor {
  readonly id: string;
  /** Absent = the agent's own, for the one task whose id it has. */
  readonly info?: ExecutorInfo;
  /** The role its resources are allocated to. */
  readonly role: string;
  /** It was told to end (KILL-4). `destroyAt`: when it is ended by force, ms; absent = it was. */
  readonly ending?: { readonly destroyAt?: number };
}

/** Everything of one framework on this agent. */
export interface AgentFramework {
  /** Absent for one that the master only asked about. */
  readonly info?: ReportedFramework;
  /** The master removed it: only executors that are still ending are left (FW-7). */
  readonly removed?: true;
  /** Since which of the moments at which a framework had nothing left here; absent = it has something. */
  readonly idleSince?: number;
  readonly tasks: Table<AgentTask>;
  readonly executors: Table<AgentExecutor>;
  /** By task; also of tasks that the agent does not know, for the answers it gives about them (AG-11). */
  readonly streams: Table<UpdateStream>;
}

/** An operation on the agent's resources that is over, which its master need not know yet. */
export interface AgentOperation {
  /** Whose it is, and what its framework calls it, for a master that does not know it. */
  readonly framework?: string;
  readonly id?: string;
  readonly state: OperationState;
  readonly statusUuid: string;
  readonly message?: string;
  /** When it is said again, ms; absent = it was not said yet, or the way is closed. */
  readonly resendAt?: number;
  /** The wait that ends then, ms. */
  readonly waitMs?: number;
}

/** Where the agent stands with its master. */
export type AgentLink =
  /** No way to it. */
  | { readonly state: 'down' }
  /** It has been asked and has not answered: asked again at `retryAt`, ms. */
  | { readonly state: 'registering'; readonly connection?: string; readonly retryAt: number; readonly waitMs: number }
  | { readonly state: 'up'; readonly connection?: string; readonly heartbeatAt?: number }
  /** The master does not want it; another connection may do better. */
  | { readonly state: 'refused' }
  /** The master ended it, for ever (AG-6). */
  | { readonly state: 'ended' };

/** An agent: plain immutable data, changed only by `agentTransition`. */
export interface AgentState {
  /** Absent until the master gave one. */
  readonly id?: string;
  readonly description: AgentDescriptionState;
  readonly link: AgentLink;
  /** Whether a master ever admitted it: it comes back instead of coming first (AG-1). */
  readonly admitted: boolean;
  /** The latest time of an input, ms. */
  readonly now: number;
  readonly frameworks: Table<AgentFramework>;
  /** What became of operations on its resources, until that is acknowledged; by the uuid of the command (OP-2). */
  readonly operations: Table<AgentOperation>;
  /** Uuids of the latest operations that were acknowledged, oldest first: what comes with one of them again is not new. */
  readonly settledOperations: readonly string[];
  readonly deadlines: Deadlines;
  /** Uuids made so far. */
  readonly uuids: number;
  /** Moments at which a framework had nothing left here, so far. */
  readonly idles: number;
  /** Inputs that made no sense and were ignored. */
  readonly dropped: number;
}

export const emptyFramework: AgentFramework = {
  tasks: Table.empty(),
  executors: Table.empty(),
  streams: Table.empty(),
};

function period(value: number, path: string): void {
  if (isDuration(value) && value > 0) return;
  throw new InputError('bad-duration', path, `${path} must be a whole number of milliseconds, one or more`);
}

/**
 * An agent that runs nothing and knows no master.
 *
 * @throws InputError with the path of the option: `bad-resources`, `bad-attributes`, `bad-duration` (`heartbeatMs`,
 *   `streamConfig`), `bad-number` (`seed`), `bad-id` (`id`), or `bad-input` for what is of another kind than it must be.
 * @example
 * const agent = emptyAgent({ id: 'a1', resources: 'cpus:4;mem:8192', seed: 1, heartbeatMs: 15_000 });
 */
export function emptyAgent(options: AgentOptions): AgentState {
  checkOptions(options);
  const { id, seed, heartbeatMs, hostname, ip, domain, streamConfig = defaultStreamConfig } = options;
  if (!Number.isSafeInteger(seed)) throw new InputError('bad-number', 'seed', 'seed must be a safe integer');
  if (heartbeatMs !== undefined) period(heartbeatMs, 'heartbeatMs');
  period(streamConfig.firstMs, 'streamConfig.firstMs');
  period(streamConfig.maxMs, 'streamConfig.maxMs');
  const read = options.attributes === undefined ? undefined : attributes(options.attributes);
  return {
    ...(id !== undefined && { id }),
    description: {
      resources: resources(options.resources),
      seed: seed + 0,
      streamConfig: { firstMs: streamConfig.firstMs, maxMs: streamConfig.maxMs },
      capabilities: [...(options.capabilities ?? ownCapabilities)],
      ...(heartbeatMs !== undefined && { heartbeatMs }),
      ...(hostname !== undefined && { hostname }),
      ...(ip !== undefined && { ip }),
      ...(read !== undefined && { attributes: read }),
      ...(domain !== undefined && { domain: { region: domain.region, zone: domain.zone } }),
    },
    link: { state: 'down' },
    admitted: false,
    now: 0,
    frameworks: Table.empty(),
    operations: Table.empty(),
    settledOperations: [],
    deadlines: noDeadlines,
    uuids: 0,
    idles: 0,
    dropped: 0,
  };
}

/** Whether the agent itself runs the task, as a command or in a group: then it escalates its kill (KILL-3). */
export function isManaged(executor: AgentExecutor | undefined): boolean {
  return executor === undefined || executor.info === undefined || executor.info.type === 'default';
}

/**
 * What the agent holds: the resources of tasks that are not over and of executors that run (TASK-5). Kept while it is
 * cut off from its master.
 */
export function heldResources(state: AgentState): Resources {
  let held = noResources;
  for (const framework of state.frameworks.values()) {
    if (framework.removed) continue;
    for (const task of framework.tasks.values()) if (!isTerminal(task.state)) held = add(held, task.info.resources);
    for (const { info } of framework.executors.values()) if (info !== undefined) held = add(held, info.resources);
  }
  return held;
}
