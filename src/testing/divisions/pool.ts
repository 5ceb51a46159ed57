/** What is divided, and among whom, in exact numbers. */
import { weightOf } from '../../drf/index.js';
import { InputError, quantities, type Quantities, type QuantitiesLike } from '../../resources/index.js';
import { fraction, greatest, isPositive, over, sumOf, times, zero, type Fraction } from './fraction.js';

/**
 * One of those among whom a pool is divided. It wants as many tasks as it can get; a part of a task is worth that part.
 *
 * @remarks Since 0.1.0
 */
export interface DivisionUser {
  /** What one task takes. What is not named is not needed. */
  readonly demand: QuantitiesLike;
  /** Its claim beside those of the others; 1 if absent. */
  readonly weight?: number;
}

/** A pool in fractions. Only what the pool has some of is in `wholes`. */
export interface Pool {
  /** Of each kind, how much there is. */
  readonly wholes: readonly Fraction[];
  readonly users: readonly PoolUser[];
}

export interface PoolUser {
  readonly weight: Fraction;
  /** By kind: what one task takes of it. */
  readonly demand: readonly Fraction[];
  /** By kind: which part of all there is one task takes. */
  readonly parts: readonly Fraction[];
  /** Whether it needs something of which there is none: then it can run nothing. */
  readonly isHopeless: boolean;
}

/**
 * Reads a pool.
 *
 * @throws InputError `bad-quantities`, `bad-weight`, `bad-demand` for a task that takes nothing.
 */
export function readPool(total: QuantitiesLike, users: readonly DivisionUser[]): Pool {
  const all = quantities(total, 'total');
  const wholes = all.millis.map((milli) => fraction(BigInt(milli), 1000n));
  return { wholes, users: users.map((user, i) => readUser(user, all, wholes, `users[${i}]`)) };
}

function readUser(user: DivisionUser, total: Quantities, wholes: readonly Fraction[], path: string): PoolUser {
  const { p, q } = weightOf(user.weight ?? 1, `${path}.weight`);
  const task = quantities(user.demand, `${path}.demand`);
  if (task.names.length === 0) throw new InputError('bad-demand', `${path}.demand`, 'a task takes nothing');
  const millis = task.millis;
  const demand = total.names.map((name) => fraction(BigInt(millis[task.names.indexOf(name)] ?? 0), 1000n));
  return {
    weight: fraction(BigInt(p), BigInt(q)),
    demand,
    parts: demand.map((amount, kind) => over(amount, wholes[kind] ?? zero)),
    isHopeless: task.names.some((name) => !total.names.includes(name)),
  };
}

/** What a task counts: its largest part of anything, as in Dominant Resource Fairness. */
export function dominantPart({ parts }: PoolUser): Fraction {
  return greatest(parts);
}

/** What a task counts where all kinds have a price: the sum of its parts, as in Asset Fairness. */
export function summedParts({ parts }: PoolUser): Fraction {
  return sumOf(parts);
}

/** How much of a kind is in use when everybody has so many tasks. */
export function usedOf(pool: Pool, tasks: readonly Fraction[], kind: number): Fraction {
  return sumOf(pool.users.map(({ demand }, user) => times(demand[kind] ?? zero, tasks[user] ?? zero)));
}

/** Which kinds a user needs. */
export function neededBy({ demand }: PoolUser): readonly number[] {
  return demand.flatMap((amount, kind) => (isPositive(amount) ? [kind] : []));
}
