/** What the offers of one accept hold together, while its operations use it up. */
import { add, noResources, shared, subtract, type Conversion, type Resources } from '../../resources/index.js';
import type { ExecutorInfo } from '../../tasks/index.js';

/** The offers of one call, merged: one agent, one role (ACC-3). All of it is held by the framework until it comes back. */
export interface Pool {
  readonly agent: string;
  readonly role: string;
  /** What was offered. */
  readonly offered: Resources;
  /** What is not used yet; operations change what it is. */
  remaining: Resources;
  /** What resized volumes became: no later operation of the call may touch it (VOL-3). */
  withheld: Resources;
  /** Copies of shared things that tasks may use, be they used already (SHARE-1). */
  copies: Resources;
  /** The framework's executors on the agent, by id; those that the call starts are added. */
  readonly executors: Map<string, ExecutorInfo>;
}

/** A pool of everything that was offered. */
export function poolOf(agent: string, role: string, offered: Resources, executors: readonly ExecutorInfo[]): Pool {
  const known = new Map(executors.map((info) => [info.id, info]));
  return { agent, role, offered, remaining: offered, withheld: noResources, copies: shared(offered), executors: known };
}

/** Takes what an operation uses out of the pool. It stays held: offered becomes used. */
export function useUp(pool: Pool, resources: Resources): void {
  pool.remaining = subtract(pool.remaining, resources);
}

/** The pool after an operation on resources that it has; with `withhold`, what comes of it is put aside. */
export function convertPool(pool: Pool, conversions: readonly Conversion[], withhold: boolean): void {
  for (const { consumed, converted } of conversions) {
    const rest = subtract(pool.remaining, consumed);
    pool.remaining = withhold ? rest : add(rest, converted);
    if (withhold) pool.withheld = add(pool.withheld, converted);
    pool.copies = add(subtract(pool.copies, shared(consumed)), shared(converted));
  }
}

/**
 * What goes back at the end: what operations made and nothing used, and what was not wanted. Only the second hides the
 * agent for a while (ACC-11, FILT-4).
 */
export function leftOver(pool: Pool): { readonly made: Resources; readonly declined: Resources } {
  const made = subtract(pool.remaining, pool.offered);
  return { made: add(made, pool.withheld), declined: subtract(pool.remaining, made) };
}
