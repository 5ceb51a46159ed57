/** What a run comes to: planned first, which writes nothing, then written. */
import type { InverseGrant } from './maintenance.js';
import type { OrderRun } from './order-run.js';
import type { Grant, PolicyFailure } from './policy.js';
import type { QuotaRoom } from './quota.js';
import type { AllocatorAgent, AllocatorFramework } from './state.js';

/** What a run decided: at most one grant per framework, role and agent (ALLOC-8). */
export interface Allocation {
  readonly grants: readonly Grant[];
  /** By grant: its agent as it is after the run. */
  readonly rows: readonly AllocatorAgent[];
  /** Whom it asks to leave which agent, since that will be away (INV-1). By agent, then framework. */
  readonly inverse: readonly InverseGrant[];
  readonly failure?: PolicyFailure;
}

/** What a run came to, before anything is written. */
export interface RunPlan {
  readonly grants: readonly Grant[];
  readonly failure?: PolicyFailure;
  /** Those that had something to give, by where they stand among all that the run was to look at. */
  readonly candidates: readonly number[];
  readonly parkedUntil: number | null;
  /** A policy left something that it could have granted: the next batch must ask it again. */
  readonly leftGrantable: boolean;
  /** What quotas leave to roles, who has how many offers, when all is granted; absent when the policy failed. */
  readonly end?: RunEnd;
  /** A run whose grants can be written at once. */
  readonly run?: OrderRun;
}

/** What a run leaves. */
export interface RunEnd {
  room(role: string): QuotaRoom | undefined;
  offersBeside(framework: AllocatorFramework, role: string, agent: string): number;
}
