/** The three divisions of the paper on what can be divided at will, as functions that `checkDivision` takes. */
import { InputError, type Quantities, type QuantitiesLike } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import { fill } from './filling.js';
import { textOf, toDouble, type Fraction } from './fraction.js';
import { balance } from './market.js';
import { dominantPart, readPool, summedParts, type DivisionUser, type Pool } from './pool.js';

/**
 * The names of the divisions that are solved here.
 *
 * @remarks Since 0.1.0
 */
export type DivisionName = 'drf' | 'asset-fairness' | 'ceei';

/**
 * Who gets how many tasks, in full.
 *
 * @remarks Since 0.1.0
 */
export interface SolvedDivision {
  /** Tasks, not rounded to whole ones, in the order of the users. */
  readonly tasks: readonly number[];
  /** The same as fractions, `54/13`; absent where they are not fractions (only ceei, and only with three users or more). */
  readonly fractions?: readonly string[];
  /** No user's true number of tasks is further from `tasks` than this part of it. 0 = `fractions` are exact. */
  readonly error: number;
}

/**
 * Divides a pool that can be cut at will among users who want as much as they can get, in exact numbers:
 *
 * - `drf`: all dominant shares, divided by the weights, rise together; who needs what has run out stays, the others go on
 *   (Ghodsi et al., NSDI 2011, §4.2, §4.3 and appendix A);
 * - `asset-fairness`: the same with the sum of the shares of all kinds (§5.1);
 * - `ceei`: everybody has its weight to spend on a market; the division with the largest product of tasks (§5.2). Exact where
 *   it is made of fractions, else to a certified `error`, mostly below one in a million.
 *
 * Who needs a kind of which there is none gets nothing.
 *
 * @throws InputError `bad-quantities`, `bad-weight`, `bad-demand` (a task that takes nothing), `unknown-division`.
 * @example
 * ```ts
 * solveDivision('ceei', 'cpus:9;mem:18', [{ demand: 'cpus:1;mem:4' }, { demand: 'cpus:3;mem:1' }]).fractions; // ['45/11', '18/11']
 * ```
 * @remarks Since 0.1.0
 */
export function solveDivision(
  name: DivisionName,
  total: QuantitiesLike,
  users: readonly DivisionUser[],
): SolvedDivision {
  const pool = readPool(total, users);
  const { tasks, error } = solved(name, pool);
  const numbers = tasks.map(toDouble);
  return error === 0 ? { tasks: numbers, fractions: tasks.map(textOf), error } : { tasks: numbers, error };
}

function solved(name: DivisionName, pool: Pool): { readonly tasks: readonly Fraction[]; readonly error: number } {
  switch (name) {
    case 'drf':
      return { tasks: fill(pool, dominantPart), error: 0 };
    case 'asset-fairness':
      return { tasks: fill(pool, summedParts), error: 0 };
    case 'ceei':
      return balance(pool);
  }
  name satisfies never;
  throw new InputError('unknown-division', 'name', `there is no division ${quote(name)}`);
}

/**
 * One of those among whom a {@link Divide} divides.
 *
 * @remarks Since 0.1.0
 */
export interface DividedUser {
  /** What one task takes. */
  readonly demand: Quantities;
  readonly weight: number;
}

/**
 * How to divide a pool: tasks for each user, which need not be whole, in the order of the users.
 *
 * @remarks Since 0.1.0
 */
export type Divide = (total: Quantities, users: readonly DividedUser[]) => readonly number[];

/**
 * The divisions of {@link solveDivision} as `checkDivision` takes them.
 *
 * @example
 * ```ts
 * checkDivision(divisions.ceei).laws['strategy-proofness']?.verdict; // 'violated'
 * ```
 * @remarks Since 0.1.0
 */
export const divisions: { readonly drf: Divide; readonly assetFairness: Divide; readonly ceei: Divide } = Object.freeze(
  {
    drf: (total: Quantities, users: readonly DividedUser[]) => solveDivision('drf', total, users).tasks,
    assetFairness: (total: Quantities, users: readonly DividedUser[]) =>
      solveDivision('asset-fairness', total, users).tasks,
    ceei: (total: Quantities, users: readonly DividedUser[]) => solveDivision('ceei', total, users).tasks,
  },
);
