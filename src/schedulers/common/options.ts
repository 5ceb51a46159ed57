/** What all schedulers here can be told about how they behave. */
import type { SubscriptionInfo } from '../../framework-api/index.js';
import { text, type Reader } from '../../cluster/shape.js';
import { InputError, validateRole } from '../../resources/index.js';
import type { FrameworkCapability } from '../../tasks/index.js';
import type { Clock } from '../../master/clock.js';
import type { DeskSettings } from '../desk/desk.js';
import { readBackOff } from './back-off.js';
import { usualReconcileTimes, type ReconcileTimes } from './reconciliation.js';
import { duration, instant, only, period } from './reading.js';

/** Options of every scheduler. */
export interface SchedulerOptions {
  /** Name of the framework. Default: the kind of the scheduler. */
  readonly name?: string;
  /** The one role that it is offered resources in. Default `*`. */
  readonly role?: string;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Of waits and choices; mixed with the id of the framework. A restored scheduler goes on with its own. Default 1. */
  readonly seed?: number;
  /** How long the master keeps the tasks of a scheduler that is away, ms. Default 7 days. */
  readonly failoverTimeoutMs?: number;
  /** A task that is unreachable, or unknown to the master, is given up and replaced after this, ms. Default 10 min. */
  readonly unreachableAfterMs?: number;
  /** How long what is not used of an offer stays hidden, ms; half as long to one and a half times as long. Default 10 min. */
  readonly refuseMs?: number;
  /** How often is asked what became of tasks. */
  readonly reconcile?: ReconcileTimes;
  /**
   * Saves are at least so far apart, ms: for many tasks that are short. What depends on a save waits for it, so each answer
   * takes up to as much longer. Default 0: what happens at once is saved as soon as it has happened.
   */
  readonly saveEveryMs?: number;
  /** More of what the framework says of itself. */
  readonly framework?: Omit<SubscriptionInfo, 'framework' | 'name' | 'role' | 'roles' | 'failoverTimeoutMs'>;
  /** Hears what callbacks threw, and what the master rejected. Absent = thrown on a microtask. */
  readonly onError?: (error: unknown) => void;
}

const roleName: Reader<string> = (value, path) => {
  const role = text(value, path);
  const problem = validateRole(role);
  if (problem !== undefined) throw new InputError(problem.code, path, problem.message);
  return role;
};

const reconcileTimes = only({ optional: { backOff: readBackOff, everyMs: period } });

/** Reads what the desk is kept by. @throws InputError with the path of the option. */
export function deskSettings(options: SchedulerOptions): DeskSettings {
  const { role = '*', refuseMs = 600_000, unreachableAfterMs = 600_000, reconcile = {} } = options;
  const { backOff, everyMs } = reconcileTimes(reconcile, 'reconcile');
  return {
    role: roleName(role, 'role'),
    refuseMs: duration(refuseMs, 'refuseMs'),
    unreachableAfterMs: duration(unreachableAfterMs, 'unreachableAfterMs'),
    reconcile: { backOff: backOff ?? usualReconcileTimes.backOff, everyMs: everyMs ?? usualReconcileTimes.everyMs },
  };
}

/** Reads the seed. @throws InputError */
export function seedOf({ seed = 1 }: SchedulerOptions): number {
  return instant(seed, 'seed');
}

const ownCapabilities: readonly FrameworkCapability[] = ['multi-role', 'partition-aware', 'task-killing-state'];

/** What to subscribe with, so that a restarted scheduler takes over what it left. */
export function subscriptionInfo(
  { name, role = '*', failoverTimeoutMs = 604_800_000, framework: more = {} }: SchedulerOptions,
  kind: string,
  kept: { readonly framework: string | null; readonly capabilities: readonly FrameworkCapability[] },
): SubscriptionInfo {
  const { framework } = kept;
  return {
    checkpoint: true,
    ...more,
    name: name ?? kind,
    roles: [role],
    failoverTimeoutMs,
    capabilities: [...new Set([...ownCapabilities, ...kept.capabilities, ...(more.capabilities ?? [])])],
    ...(framework !== null && { framework }),
  };
}
