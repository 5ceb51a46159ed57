import type { Quantities } from '../resources/index.js';

/**
 * Whom an order rule ranks: a role, or a framework in a role. Amounts of a role include those of the roles below it.
 *
 * A snapshot that costs nothing for what is not read: read the fields that you need, do not copy it with a spread.
 *
 * @remarks Since 0.1.0
 */
export interface Client {
  /**
   * The role's path, or the framework's id. What a role with sub-roles holds itself is ranked among its children, under
   * the path `role/.` (SORT-6).
   */
  readonly path: string;
  /**
   * The weight as a plain number, 1 if it was given none. For a `flat` rule the relative weight: of each node down the
   * path its part of the weights of its active siblings, multiplied (SORT-12).
   */
  readonly weight: number;
  /** What the framework subscribed with or the role was given; 0 if nothing. Larger is more urgent, if a rule says so. */
  readonly priority: number;
  /** How many allocations it ever got; never goes down (SORT-2). */
  readonly count: number;
  /** Scalars that are offered to it or used by it. */
  readonly allocated: Quantities;
  /** Scalars of all agents. */
  readonly total: Quantities;
  /** The largest of allocated / total, already divided by `weight` (SORT-1). */
  readonly dominantShare: number;
  /** A counter: who subscribed earlier has the smaller one. */
  readonly since: number;
  /** A counter: who was last granted something earlier has the smaller one; 0 = never. */
  readonly servedAt: number;
  /** The machine's clock, ms. */
  readonly now: number;
  /** A unit exponential variate of seed, run, agent and path: with the rank `draw / weight` the order is a weighted shuffle. */
  readonly draw: number;
}

/**
 * Who comes first among siblings: the smaller rank; ties by allocation count, then path (SORT-2).
 *
 * `rank` must be pure: the same client, the same number. NaN is the policy's mistake and fails the run.
 *
 * @example
 * ```ts
 * const byPriority: OrderRule = {
 *   name: 'by-priority',
 *   rank: (client) => -client.priority,
 * };
 * ```
 * @remarks Since 0.1.0
 */
export interface OrderRule {
  readonly name: string;
  rank(client: Client): number;
  /**
   * When a rank must be asked again. Absent: when the client's numbers, its weight or the totals change. `allocation`:
   * after any allocation, to whomever. `run`: once a run. `sort`: each time the order is asked for.
   */
  readonly changesWith?: 'allocation' | 'run' | 'sort';
  /** Ranks all clients in one list, instead of siblings against siblings down the tree. */
  readonly flat?: boolean;
}

/**
 * A policy broke its contract. It never leaves the cluster machine, which answers it with a `policy-failed` output;
 * a sorter of its own throws it.
 *
 * @remarks Since 0.1.0
 */
export class PolicyError extends Error {
  override readonly name: string = 'PolicyError';
  /** `bad-rank`: a rank was not a number. */
  readonly code: string;
  /** The name of the policy. */
  readonly policy: string;

  constructor(code: string, policy: string, message: string) {
    super(message);
    this.code = code;
    this.policy = policy;
  }
}
