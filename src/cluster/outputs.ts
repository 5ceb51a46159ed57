/** What the caller of `transition` now owes, in order. */
import type { Attributes, Resources } from '../resources/index.js';
import type { Command, Domain, OperationState, TaskStatus } from '../tasks/index.js';
import type { Unavailability } from '../offers/index.js';

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
  /** When the machine will be away for maintenance (MNT-3). */
  readonly unavailability?: Unavailability;
  /** When it was made, ms. */
  readonly at: number;
}

/**
 * The cluster would like something back: a machine of which the framework holds something will be away (INV-1), or tasks of
 * it make room for somebody else. To accept it is a promise to be gone in time, to decline it says that it will not; neither
 * moves anything by itself.
 */
export interface InverseOffer {
  readonly id: string;
  readonly framework: string;
  readonly agent: string;
  readonly hostname: string;
  /** When the machine will be away; with `tasks`, when those are ended that may be. */
  readonly unavailability: Unavailability;
  /** Ids of the tasks that are asked back; absent = the machine will be away. */
  readonly tasks?: readonly string[];
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
  | (ToFramework & { readonly type: 'inverse-offers'; readonly offers: readonly InverseOffer[] })
  | (ToFramework & { readonly type: 'rescind-inverse-offer'; readonly offer: string })
  | (ToFramework & { readonly type: 'update'; readonly status: TaskStatus })
  | (ToFramework & {
      readonly type: 'operation-update';
      /** What the framework called it. */
      readonly operation: string;
      readonly state: OperationState;
      readonly message?: string;
      readonly agent?: string;
      /** What to acknowledge; absent = it wants no acknowledgement (OP-2). */
      readonly uuid?: string;
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

/**
 * A registered agent said of itself what cannot be: it had no effect, and the agent stays registered as it was. For the
 * host: the agent is told nothing, since all that it could be told is `registration-refused`, at which it falls silent
 * while the master goes on counting on it.
 */
export interface ReportRefused {
  readonly type: 'report-refused';
  readonly agent: string;
  readonly report: 'register' | 'reregister' | 'update-agent';
  readonly code: string;
  readonly message: string;
}

/** Everything `transition` can answer. */
export type Output = SchedulerEvent | Command | PolicyFailed | ReportRefused;
