/**
 * What the author of a second-level scheduler meets, and nothing else: the handlers they write (`Scheduler`,
 * `Executor`) and the handles they are given (`SchedulerDriver`, `ExecutorDriver`).
 */
export { schedulerDriver } from './driver.js';
export { taskFunction, type BareSignal, type TaskFunction, type TaskSignal } from './task-function.js';
export type { Executor, ExecutorDriver, ExecutorStatus, Grace } from './executor.js';
export type {
  ExecutorMessage,
  Failure,
  Handled,
  OperationUpdate,
  Rejection,
  Scheduler,
  Subscription,
  SubscriptionError,
} from './scheduler.js';
export type { AnswerOptions, OfferRef, OperationRef, SchedulerDriver, TaskRef } from './scheduler-driver.js';
export type { DriverCall, DriverOptions, SchedulerWire, SubscriptionInfo } from './wire.js';
