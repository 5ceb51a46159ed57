/** Everything that can happen to a cluster. Resources are as written; `parseInput` checks shapes, `transition` meaning. */
import type { OfferOperation, RoleConstraints, Unavailability } from '../offers/index.js';
import type { ResourcesLike } from '../resources/index.js';
import type {
  ExecutorLike,
  FrameworkCapability,
  KillPolicy,
  Label,
  Report as AgentReport,
  TaskLike,
} from '../tasks/index.js';
import type { ConfigLike } from './config.js';
import type { QuotaLike } from './quota.js';

/** When it happened, whole ms, stamped by the shell. */
interface Timed {
  readonly at: number;
}

/** A call comes over a connection; only the newest connection of a framework is heard. */
interface FrameworkCall extends Timed {
  readonly connection: string;
  readonly framework: string;
}

/** What a framework says of itself. */
export interface FrameworkInfo {
  readonly name?: string;
  readonly user?: string;
  readonly principal?: string;
  readonly hostname?: string;
  readonly webuiUrl?: string;
  /** The one role of a framework without `multi-role` (ROLE-2). */
  readonly role?: string;
  readonly roles?: readonly string[];
  /** Roles in which it wants no offers yet; they replace the suppressed set (SUPP-3). */
  readonly suppressedRoles?: readonly string[];
  /** Absent = `defaultFrameworkCapabilities`. */
  readonly capabilities?: readonly FrameworkCapability[];
  /** How long it may be away before it is removed (FW-6). Default 0. */
  readonly failoverTimeoutMs?: number;
  /** Its tasks survive a break of their agent's connection (AG-3). Default false (FW-1). */
  readonly checkpoint?: boolean;
  /** Per role: offers must hold one of these quantities; `[]` = anything (ALLOC-6). */
  readonly offerFilters?: Readonly<Record<string, OfferFilterLike>> | readonly (readonly [string, OfferFilterLike])[];
  /**
   * Which agents it wants to be offered, by role: one of the groups must hold, and in it every constraint (CONS-1). Offers
   * that are out already stay (CONS-4). A role that is not subscribed is refused (CONS-3). Default: any agent.
   */
  readonly offerConstraints?: readonly RoleConstraints[];
  /** For policies that rank by priority. Default 0. */
  readonly priority?: number;
  readonly labels?: readonly Label[];
}

/** A framework's own rule for one role. */
export interface OfferFilterLike {
  readonly minAllocatable?: readonly (string | Readonly<Record<string, number>>)[];
}

/** SUBSCRIBE. Without `framework` a new id is made; with a known one it is a failover (FW-1 … 4, 9). */
export interface SubscribeCall extends FrameworkInfo, Timed {
  readonly type: 'subscribe';
  readonly connection: string;
  readonly framework?: string;
}

/** UPDATE_FRAMEWORK (FW-10): absent fields stay. */
export interface UpdateFrameworkCall extends FrameworkInfo, FrameworkCall {
  readonly type: 'update-framework';
}

/** TEARDOWN (FW-7). */
export interface TeardownCall extends FrameworkCall {
  readonly type: 'teardown';
}

/** Runs each task, separately valid or not (ACC-6). */
export interface LaunchOperation {
  readonly type: 'launch';
  readonly id?: string;
  readonly tasks: readonly TaskLike[];
}

/** Runs all tasks on one executor, or none (GROUP-1). */
export interface LaunchGroupOperation {
  readonly type: 'launch-group';
  readonly id?: string;
  readonly executor: ExecutorLike;
  readonly tasks: readonly TaskLike[];
}

/** An operation on resources (§10). One that fails is dropped, and is heard of only if it has an `id` (OP-2). */
export type ResourceOperationLike = OfferOperation & { readonly id?: string };

/** What an accept does with the offers. Applied in order on the running remainder (ACC-5). */
export type OperationLike = LaunchOperation | LaunchGroupOperation | ResourceOperationLike;

/** ACCEPT: offers of one agent and role, what to do with them, and how long to hide the rest (ACC-1 … 13). */
export interface AcceptCall extends FrameworkCall {
  readonly type: 'accept';
  readonly offers: readonly string[];
  readonly operations: readonly OperationLike[];
  /** How long the unused rest stays hidden; default 5, negative = default, at most 365 days (FILT-2). */
  readonly refuseSeconds?: number;
}

/** DECLINE (DECL-1). */
export interface DeclineCall extends FrameworkCall {
  readonly type: 'decline';
  readonly offers: readonly string[];
  readonly refuseSeconds?: number;
}

/** REVIVE = unsuppress + clear-filters + a run of all agents. Absent or empty `roles` = all (SUPP-2). */
export interface ReviveCall extends FrameworkCall {
  readonly type: 'revive' | 'unsuppress' | 'clear-filters';
  readonly roles?: readonly string[];
}

/** SUPPRESS (SUPP-1). Absent or empty `roles` = all. */
export interface SuppressCall extends FrameworkCall {
  readonly type: 'suppress';
  readonly roles?: readonly string[];
}

/** What a framework would like to get, recorded as its demand; replaces the last. */
export interface ResourceRequest {
  readonly role?: string;
  readonly agent?: string;
  readonly resources?: ResourcesLike;
  /** How many times. Default 1. */
  readonly count?: number;
}

/** REQUEST. Never changes whom the policy prefers. */
export interface RequestCall extends FrameworkCall {
  readonly type: 'request';
  readonly requests: readonly ResourceRequest[];
}

/** KILL (KILL-1). */
export interface KillCall extends FrameworkCall {
  readonly type: 'kill';
  readonly task: string;
  readonly agent?: string;
  readonly killPolicy?: KillPolicy;
}

/** SHUTDOWN of an executor (KILL-4). */
export interface ShutdownCall extends FrameworkCall {
  readonly type: 'shutdown';
  readonly agent: string;
  readonly executor: string;
}

/** ACKNOWLEDGE (UPD-4). */
export interface AcknowledgeCall extends FrameworkCall {
  readonly type: 'acknowledge';
  readonly agent: string;
  readonly task: string;
  readonly uuid: string;
}

/** RECONCILE: no tasks = implicit (§17). */
export interface ReconcileCall extends FrameworkCall {
  readonly type: 'reconcile';
  readonly tasks: readonly { readonly task: string; readonly agent?: string }[];
}

/** ACKNOWLEDGE_OPERATION_STATUS (OP-2). */
export interface AcknowledgeOperationCall extends FrameworkCall {
  readonly type: 'acknowledge-operation';
  /** What the framework called the operation. */
  readonly operation: string;
  readonly uuid: string;
  readonly agent?: string;
}

/** RECONCILE_OPERATIONS: no operations = implicit (REC-4). */
export interface ReconcileOperationsCall extends FrameworkCall {
  readonly type: 'reconcile-operations';
  readonly operations: readonly { readonly operation: string; readonly agent?: string }[];
}

/** ACCEPT_INVERSE_OFFERS and DECLINE_INVERSE_OFFERS (INV-1). */
export interface InverseOffersCall extends FrameworkCall {
  readonly type: 'accept-inverse-offers' | 'decline-inverse-offers';
  readonly offers: readonly string[];
  /** How long no new one is sent for the agent; default 5, as for a decline (FILT-2). */
  readonly refuseSeconds?: number;
}

/** MESSAGE to an executor: opaque, no guarantee (KILL-5). */
export interface FrameworkMessageCall extends FrameworkCall {
  readonly type: 'framework-message';
  readonly agent: string;
  readonly executor: string;
  readonly data: string;
}

/** What a framework can say. */
export type Call =
  | SubscribeCall
  | UpdateFrameworkCall
  | TeardownCall
  | AcceptCall
  | DeclineCall
  | ReviveCall
  | SuppressCall
  | RequestCall
  | KillCall
  | ShutdownCall
  | AcknowledgeCall
  | AcknowledgeOperationCall
  | ReconcileCall
  | ReconcileOperationsCall
  | InverseOffersCall
  | FrameworkMessageCall;

/** What an agent can say, with the time it was heard. */
export type Report = AgentReport & Timed;

/** A transport noticed that a party went away. A stale connection ends nothing newer. */
export type Link =
  | {
      readonly type: 'framework-disconnected';
      readonly at: number;
      readonly framework: string;
      readonly connection?: string;
    }
  | { readonly type: 'agent-disconnected'; readonly at: number; readonly agent: string; readonly connection?: string };

interface ResourceControlOf<Type extends string> extends Timed {
  readonly type: Type;
  readonly agent: string;
}

interface Signed {
  /** On whose authority: the reservations or volumes must name it. Absent = any may. */
  readonly principal?: string;
}

/** An operation of the operator on what nobody uses of an agent (RSV-5); the resources as written, not allocated. */
export type ResourceControl =
  /** With `source` a re-reservation: from one stack of reservations to another. */
  | (ResourceControlOf<'reserve'> & Signed & { readonly resources: ResourcesLike; readonly source?: ResourcesLike })
  | (ResourceControlOf<'unreserve'> & { readonly resources: ResourcesLike })
  | (ResourceControlOf<'create-volumes'> & Signed & { readonly volumes: ResourcesLike })
  | (ResourceControlOf<'destroy-volumes'> & { readonly volumes: ResourcesLike })
  | (ResourceControlOf<'grow-volume'> & { readonly volume: ResourcesLike; readonly addition: ResourcesLike })
  /** `subtract` is a plain number. */
  | (ResourceControlOf<'shrink-volume'> & { readonly volume: ResourcesLike; readonly subtract: number });

/** A machine by hostname (case does not count), by address, or by both; one of them must be there (MNT-1). */
export interface MachineLike {
  readonly hostname?: string;
  readonly ip?: string;
}

/** Machines that will be away together. */
export interface MaintenanceWindowLike {
  readonly machines: readonly MachineLike[];
  readonly unavailability: Unavailability;
}

/** Maintenance of machines (MNT-1 … 4). */
export type MaintenanceControl =
  /** The whole schedule; it replaces the last. */
  | (Timed & { readonly type: 'set-maintenance'; readonly windows: readonly MaintenanceWindowLike[] })
  /** Scheduled machines go down: what runs on them ends; or come up again and leave the schedule. */
  | (Timed & { readonly type: 'machine-down' | 'machine-up'; readonly machines: readonly MachineLike[] });

/** An agent taken out of service, or put back (DRAIN-1, DRAIN-2, AG-6). */
export type ServiceControl =
  /** No more offers, and what runs there is ended. `markGone`: the agent is gone for ever once it is empty. */
  | (Timed & {
      readonly type: 'drain';
      readonly agent: string;
      /** Bound on the grace of each task, whatever its own policy is, ms. Absent = none. */
      readonly maxGraceMs?: number;
      readonly markGone?: boolean;
    })
  /** No more offers; tasks go on. `reactivate` ends that, and also a drain that is done. */
  | (Timed & { readonly type: 'deactivate' | 'reactivate'; readonly agent: string })
  /** The agent will never come back: irrevocable. */
  | (Timed & { readonly type: 'mark-gone'; readonly agent: string });

/** What the operator or the clock wants. */
export type Control =
  | { readonly type: 'tick'; readonly at: number }
  | { readonly type: 'allocate'; readonly at: number; readonly agents?: 'requested' | 'all' }
  | {
      readonly type: 'set-weight';
      readonly at: number;
      readonly role: string;
      readonly weight?: number;
      readonly priority?: number;
    }
  /**
   * Guarantees and limits of roles, all or none of them (QUOTA-3). One with neither = no quota. `force` leaves out the
   * checks against what is consumed, what there is, and the roles above.
   */
  | {
      readonly type: 'set-quota';
      readonly at: number;
      readonly quotas: readonly QuotaLike[];
      readonly force?: boolean;
    }
  /** Hostnames that may be offered; null = all (ALLOC-2). */
  | { readonly type: 'set-whitelist'; readonly at: number; readonly hosts: readonly string[] | null }
  | ResourceControl
  | MaintenanceControl
  | ServiceControl
  | { readonly type: 'teardown-framework'; readonly at: number; readonly framework: string }
  | { readonly type: 'mark-unreachable'; readonly at: number; readonly agent: string }
  | { readonly type: 'configure'; readonly at: number; readonly config: ConfigLike }
  | { readonly type: 'pause'; readonly at: number }
  | { readonly type: 'resume'; readonly at: number };

/** Several inputs in one commit; the same result as one by one. */
export interface Batch {
  readonly type: 'batch';
  readonly at: number;
  readonly inputs: readonly Exclude<Input, Batch>[];
}

/** Everything that can be given to `transition`. */
export type Input = Call | Report | Link | Control | Batch;
