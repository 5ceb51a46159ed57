/**
 * Ready second-level schedulers, and what they are made of. Each is a plain `Scheduler` that a master or a driver
 * subscribes: a pure machine that knows no clock, and a thin shell that saves its state before it acts on it.
 */
export { backOffMs, luck, type BackOff } from './common/back-off.js';
export type { Packing } from './common/bins.js';
export type { Constraint } from './common/constraints.js';
export type { SchedulerOptions } from './common/options.js';
export { pack, type OfferUse, type Packed } from './common/pack.js';
export { reconciler, type Reconciler, type ReconcilerOptions } from './common/reconciler.js';
export type { ReconcileTimes, TaskQuestion } from './common/reconciliation.js';
export { fits, take, type Taken, type Wish } from './common/take.js';
export type { CheckLike, TaskSpecLike } from './common/task-spec.js';
export { SchedulerError } from './error.js';
export { batchScheduler, type BatchOptions, type BatchScheduler, type InstanceRef } from './batch/scheduler.js';
export type { BatchJob, BatchTask, JobClass, Retries } from './batch/job.js';
export type { BatchState } from './batch/saved.js';
export type { BatchSummary, InstanceState, InstanceSummary, JobState, JobSummary } from './batch/summary.js';
export {
  autoscaler,
  type Autoscaler,
  type AutoscalerOptions,
  type NodePool,
  type ScalingDecision,
} from './scaling/autoscaler.js';
export {
  capacityNeeded,
  type AgentShape,
  type CapacityNeeded,
  type ShapeCount,
  type Unplaceable,
} from './scaling/capacity.js';
export { memoryPool, type MemoryPool, type PoolAgent } from './scaling/memory-pool.js';
export { serviceScheduler, type ServiceOptions, type ServiceScheduler } from './service/scheduler.js';
export type { App, UpdateRule } from './service/app.js';
export type { ServiceState } from './service/saved.js';
export type { AppInfo, InstanceInfo } from './service/summary.js';
export { cronScheduler, type CronInfo, type CronOptions, type CronScheduler, type RunInfo } from './cron/scheduler.js';
export type { CatchUp, CronJob, Overlap } from './cron/job.js';
export type { CronState } from './cron/saved.js';
export type { RunOutcome } from './cron/state.js';
