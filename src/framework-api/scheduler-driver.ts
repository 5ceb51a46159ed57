import type { FrameworkInfo, OperationLike, ResourceRequest } from '../cluster/inputs.js';
import type { ExecutorLike, KillPolicy, TaskLike, TaskStatus } from '../tasks/index.js';
import type { ExecutorMessage, OperationUpdate } from './scheduler.js';

/** An offer, or its id. With the whole offer the driver can name the agent in what it answers itself. */
export type OfferRef = string | { readonly id: string; readonly agent?: string };

/** How long what an answer leaves unused stays hidden from this framework in this role (FILT-2). */
export interface AnswerOptions {
  /** Seconds. Default 5; 0 = not at all; negative = the default; at most 365 days. */
  readonly refuseSeconds?: number;
}

/** A task, or its id, to ask about. */
export type TaskRef = string | { readonly task: string; readonly agent?: string };

/** An operation, by what the framework called it, to ask about. */
export type OperationRef = string | { readonly operation: string; readonly agent?: string };

/**
 * A framework's handle on its subscription. No method throws for what the cluster thinks of the call, none waits: the
 * answer comes to the `Scheduler`.
 *
 * While the wire is lost, a launch is answered by the driver itself: each task gets the status `lost` (`dropped` for a
 * partition-aware framework), reason `master-disconnected`, without a uuid. Any other call is answered by `rejected`
 * with the code `disconnected`, apart from declines and acknowledgements, which are void then and are let go.
 * Calls made before the subscription stands are held and sent once it does.
 *
 * A call that the master can't read, which types would not have let pass, is answered by `rejected`; the tasks of a launch
 * get the status `error` besides, reason `task-invalid`. Its offers still stand.
 *
 * Where `roles` may be given, an absent or empty list means all roles of the framework.
 */
export interface SchedulerDriver {
  /** Id of the framework; `undefined` until a first subscription stands. */
  readonly framework: string | undefined;
  /** Whether the subscription stands and the wire carries calls. */
  readonly connected: boolean;
  /** Uses offers of one agent and role: the operations are applied in order on what the offers hold together (ACC-1 … 13). */
  accept(offers: OfferRef | readonly OfferRef[], operations: readonly OperationLike[], options?: AnswerOptions): void;
  /** Accepts with one launch: each task is judged on its own (ACC-6). The rest of the offer goes back. */
  launch(offers: OfferRef | readonly OfferRef[], tasks: TaskLike | readonly TaskLike[], options?: AnswerOptions): void;
  /** Accepts with one group: all tasks run on one executor, or none does (GROUP-1). The executor is this framework's. */
  launchGroup(
    offers: OfferRef | readonly OfferRef[],
    group: { readonly executor: ExecutorLike; readonly tasks: readonly TaskLike[] },
    options?: AnswerOptions,
  ): void;
  /** Gives offers back (DECL-1). Ids that are not outstanding are ignored. */
  decline(offers: OfferRef | readonly OfferRef[], options?: AnswerOptions): void;
  /** Says that the framework will be gone from these machines in time (INV-1). It is asked again after `refuseSeconds`. */
  acceptInverseOffers(offers: OfferRef | readonly OfferRef[], options?: AnswerOptions): void;
  /** Says that it will not. */
  declineInverseOffers(offers: OfferRef | readonly OfferRef[], options?: AnswerOptions): void;
  /** `unsuppress` and `clearFilters` together (SUPP-2). */
  revive(roles?: readonly string[]): void;
  /** No offers for these roles until `unsuppress` or `revive` (SUPP-1). */
  suppress(roles?: readonly string[]): void;
  /** Offers again; what was declined stays hidden for its time. */
  unsuppress(roles?: readonly string[]): void;
  /** Forgets what was declined; suppressed roles stay suppressed. */
  clearFilters(roles?: readonly string[]): void;
  /**
   * Records what the framework would like to get; replaces the last. Never changes whom the policy prefers; with `preemption`
   * room is made for it.
   */
  request(requests: readonly ResourceRequest[]): void;
  /** Ends a task; for one that nobody knows the answer is that of `reconcile` (KILL-1). */
  kill(task: string, options?: { readonly agent?: string; readonly killPolicy?: KillPolicy }): void;
  /** Ends an executor and what runs on it (KILL-4). */
  shutdown(target: { readonly agent: string; readonly executor: string }): void;
  /** Acknowledges an update by hand, for `acknowledge: 'explicit'`. One without a uuid wants none: nothing is sent (UPD-1). */
  acknowledge(status: Pick<TaskStatus, 'task' | 'agent' | 'uuid'>): void;
  /** Asks for the states of these tasks; of all of them when none is named (semantics §17). */
  reconcile(tasks?: readonly TaskRef[]): void;
  /** Acknowledges what became of an operation by hand, for `acknowledge: 'explicit'` (OP-2). */
  acknowledgeOperation(update: Pick<OperationUpdate, 'operation' | 'agent' | 'uuid'>): void;
  /** Asks what became of these operations; of all of them when none is named (REC-4). */
  reconcileOperations(operations?: readonly OperationRef[]): void;
  /** Bytes or text to one of the framework's executors; at most once (KILL-5). */
  sendMessage(message: ExecutorMessage): void;
  /** Changes what was said at the subscription; absent fields stay (FW-10). */
  updateFramework(info: FrameworkInfo): void;
  /** Ends the framework: its tasks are killed, its id is never admitted again (FW-7). Nothing is heard of the master afterwards. */
  teardown(): void;
  /** Leaves. Tasks run on for `failoverTimeoutMs`, during which a new subscription with the same id takes over (FW-6). */
  close(): void;
}
