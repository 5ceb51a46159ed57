import type { InverseOffer, Offer } from '../cluster/outputs.js';
import type { OperationState, TaskStatus } from '../tasks/index.js';
import type { SchedulerDriver } from './scheduler-driver.js';

/** What a handler may return: a promise is waited for only where this page says so, but its rejection is always heard. */
export type Handled = void | Promise<void>;

/** The subscription stands: who the framework is from now on. */
export interface Subscription {
  /** Keep it: with it a restarted scheduler takes over what it left (`info.framework`, FW-3). */
  readonly framework: string;
  readonly masterId: string;
  /** How often a wire that has heartbeats sends one, ms. */
  readonly heartbeatIntervalMs: number;
}

/** Bytes or text from one of the framework's executors; at most once (KILL-5). */
export interface ExecutorMessage {
  readonly agent: string;
  readonly executor: string;
  readonly data: string;
}

/** An executor exited (`executor` is there), or an agent was lost (TASK-12). Not reliable: statuses are. */
export interface Failure {
  readonly agent: string;
  readonly executor?: string;
  /** Exit status as the operating system gave it. */
  readonly status?: number;
}

/** A call that had no effect, and why. The subscription goes on. */
export interface Rejection {
  readonly call: string;
  readonly code: string;
  readonly message: string;
}

/** Why the subscription ended (FW-2, FW-3). */
export interface SubscriptionError {
  readonly code: string;
  readonly message: string;
}

/** What became of an operation on resources that was given an id (OP-1, OP-2). */
export interface OperationUpdate {
  /** What the framework called it. */
  readonly operation: string;
  readonly state: OperationState;
  readonly message?: string;
  readonly agent?: string;
  /** There when it is to be acknowledged; else it comes once. */
  readonly uuid?: string;
}

/**
 * The second level: what a framework does with what it is offered. Every handler is optional and is called with the
 * driver as its last argument. A handler that throws, or whose promise rejects, ends nothing: the error goes to the
 * driver's `onError`.
 *
 * An offer holds its resources until it is answered, rescinded or timed out; a scheduler that wants none of it declines.
 *
 * @example
 * const scheduler: Scheduler = {
 *   offers(offers, driver) {
 *     for (const offer of offers) driver.launch(offer, { id: 't1', resources: 'cpus:1', payload: {} });
 *   },
 *   update(status) {
 *     if (status.terminal) console.log(status.task, status.state);
 *   },
 * };
 */
export interface Scheduler {
  /** The subscription stands, for the first time or again. */
  subscribed?(subscription: Subscription, driver: SchedulerDriver): Handled;
  /** Resources to launch on. One call carries the offers of one allocation run (OFFER-2). */
  offers?(offers: readonly Offer[], driver: SchedulerDriver): Handled;
  /** The offer with this id is void (OFFER-4). */
  rescind?(offer: string, driver: SchedulerDriver): Handled;
  /**
   * Machines on which the framework holds something will be away for maintenance (INV-1), or, if an offer names `tasks`,
   * these make room for others (`preemption` of the configuration). Answer with `acceptInverseOffers` when it will be gone
   * by then, with `declineInverseOffers` when not; unanswered ones say nothing.
   */
  inverseOffers?(offers: readonly InverseOffer[], driver: SchedulerDriver): Handled;
  /** The inverse offer with this id is void. */
  rescindInverseOffer?(offer: string, driver: SchedulerDriver): Handled;
  /**
   * The state of a task. Comes at least once. It is acknowledged when this returns, or when the promise it returned
   * resolves; an update whose handler failed is not, so it will come again (UPD-9).
   *
   * `terminal` means that it is over for certain. A task on an agent that nobody can hear is `unreachable`, which is not:
   * it may come back with its agent, or not at all. If it does not, nothing more is told: `reconcile` asks. A scheduler that
   * would rather start it anew says so to itself.
   */
  update?(status: TaskStatus, driver: SchedulerDriver): Handled;
  /** Acknowledged as an update of a task is (OP-2). */
  operationUpdate?(update: OperationUpdate, driver: SchedulerDriver): Handled;
  agentMessage?(message: ExecutorMessage, driver: SchedulerDriver): Handled;
  failure?(failure: Failure, driver: SchedulerDriver): Handled;
  rejected?(rejection: Rejection, driver: SchedulerDriver): Handled;
  /** The subscription ended: refused, taken over by a newer one, or removed. `disconnected` is not called as well. */
  error?(error: SubscriptionError, driver: SchedulerDriver): Handled;
  /** The wire was lost. Tasks run on. Outstanding offers are void. */
  disconnected?(driver: SchedulerDriver): Handled;
}
