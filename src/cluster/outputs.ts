/** What the caller of `transition` now owes, in order. */
import type { Attributes, Resources } from '../resources/index.js';
import type { Command, Domain, TaskStatus } from '../tasks/index.js';

/** Resources of one agent for one framework in one role, revocable until accepted (OFFER-1). */
export interface Offer {
  readonly id: string;
  readonly framework: string;
  readonly agent: string;
  readonly role: string;
  readonly hostname: string;
  /** In unallocated form; `role` says whose they are. */
  readonly resources: Resources;
  readonly attributes: Attributes;
  /** Executors of this framework on the agent. */
  readonly executors: readonly string[];
  readonly domain?: Domain;
  /** When it was made, ms. */
  readonly at: number;
}

interface ToFramework {
  readonly framework: string;
  /** The connection that it is for; events are never sent to a framework without one. */
  readonly connection: string;
}

/** What a framework is told. */
export type SchedulerEvent =
  | (ToFramework & { readonly type: 'subscribed'; readonly masterId: string; readonly heartbeatIntervalMs: number })
  | (ToFramework & { readonly type: 'offers'; readonly offers: readonly Offer[] })
  | (ToFramework & { readonly type: 'rescind'; readonly offer: string })
  | (ToFramework & { readonly type: 'update'; readonly status: TaskStatus })
  | (ToFramework & {
      readonly type: 'operation-update';
      readonly operation: string;
      readonly state: 'error';
      readonly message: string;
      readonly agent?: string;
    })
  | (ToFramework & {
      readonly type: 'agent-message';
      readonly agent: string;
      readonly executor: string;
      readonly data: string;
    })
  /** An executor exited (`executor`), or an agent was lost (TASK-12). Unreliable. */
  | (ToFramework & {
      readonly type: 'failure';
      readonly agent: string;
      readonly executor?: string;
      readonly status?: number;
    })
  /** A call had no effect. The subscription goes on. */
  | {
      readonly type: 'rejected';
      readonly framework?: string;
      readonly connection: string;
      readonly call: string;
      readonly code: string;
      readonly message: string;
    }
  /** The subscription ended (FW-2, FW-3). */
  | {
      readonly type: 'error';
      readonly framework?: string;
      readonly connection: string;
      readonly code: string;
      readonly message: string;
    };

/** A policy made a mistake: the run gave nothing, the next batch tries again. For the host. */
export interface PolicyFailed {
  readonly type: 'policy-failed';
  readonly policy: string;
  readonly code: string;
  readonly message: string;
}

/** Everything `transition` can answer. */
export type Output = SchedulerEvent | Command | PolicyFailed;
