/**
 * Competitive Equilibrium from Equal Incomes: the market in which each user has its weight to spend. Its division is the one
 * of the largest product of tasks, each to the power of the weight (Eisenberg and Gale 1959; Ghodsi et al., NSDI 2011, §5.2).
 *
 * Where one kind sells out, or as many as there are users, the division is a solution of linear equations and so exact. In
 * between it is a root of polynomials, and mostly no fraction: then it is computed to a certified bound.
 */
import {
  compare,
  fraction,
  fromDouble,
  greatest,
  isPositive,
  minus,
  one,
  over,
  sumOf,
  times,
  toDouble,
  zero,
  type Fraction,
} from './fraction.js';
import { solve } from './linear.js';
import { usedOf, type Pool, type PoolUser } from './pool.js';
import { pricesOf } from './prices.js';

/** A division, and how far each user's tasks may be from the true ones, as a part of them: 0 = exact. */
export interface Balanced {
  readonly tasks: readonly Fraction[];
  readonly error: number;
}

/** The division of the market. */
export function balance(pool: Pool): Balanced {
  const buyers = pool.users.filter((user) => !user.isHopeless);
  if (buyers.length === 0) return { tasks: pool.users.map(() => zero), error: 0 };
  const market: Pool = { ...pool, users: buyers };
  const prices = pricesOf(
    {
      parts: buyers.map(({ parts }) => parts.map(toDouble)),
      budgets: buyers.map(({ weight }) => toDouble(weight)),
    },
    pool.wholes.length,
  );
  const found = exactly(market, prices) ?? nearly(market, prices);
  const rest = [...found.tasks];
  return { tasks: pool.users.map((user) => (user.isHopeless ? zero : (rest.shift() ?? zero))), error: found.error };
}

/** Prices below this part of all money are taken for 0, as a guess that is then proved or dropped. */
const worthless = 1e-6;

function exactly(market: Pool, prices: readonly number[]): Balanced | undefined {
  const wealth = prices.reduce((sum, price) => sum + price, 0);
  const sold = prices.flatMap((price, kind) => (price > worthless * wealth ? [kind] : []));
  const guesses = [ofManyKinds(market, sold), ...sold.map((kind) => ofOneKind(market, kind))];
  const tasks = guesses.find((guess) => guess !== undefined && isBalanced(market, guess));
  return tasks && { tasks, error: 0 };
}

/** If one kind alone has a price, everybody buys its weight's part of it. */
function ofOneKind({ wholes, users }: Pool, kind: number): readonly Fraction[] | undefined {
  const wealth = sumOf(users.map(({ weight }) => weight));
  const whole = wholes[kind] ?? zero;
  if (users.some(({ demand }) => !isPositive(demand[kind] ?? zero))) return undefined;
  return users.map(({ weight, demand }) => over(times(over(weight, wealth), whole), demand[kind] ?? one));
}

/** If as many kinds sell out as there are users, they alone say who has how much. */
function ofManyKinds(market: Pool, sold: readonly number[]): readonly Fraction[] | undefined {
  const equations = sold.map((kind) => ({
    row: market.users.map(({ demand }) => demand[kind] ?? zero),
    sum: market.wholes[kind] ?? zero,
  }));
  return solve(equations, market.users.length);
}

/**
 * Whether tasks are those of the market, which is so when nothing is sold twice and there are prices of 0 or more, of what
 * sells out alone, at which everybody spends all it has. If there are any, there are some of no more kinds than say it without
 * a choice.
 */
function isBalanced(market: Pool, tasks: readonly Fraction[]): boolean {
  if (tasks.some((amount) => !isPositive(amount))) return false;
  const orders = market.wholes.map((whole, kind) => compare(usedOf(market, tasks, kind), whole));
  if (orders.some((order) => order > 0)) return false;
  const soldOut = orders.flatMap((order, kind) => (order === 0 ? [kind] : []));
  return partsOf(soldOut).some((kinds) => {
    const spending = market.users.map(({ demand, weight }, user) => ({
      row: kinds.map((kind) => demand[kind] ?? zero),
      sum: over(weight, tasks[user] ?? one),
    }));
    return solve(spending, kinds.length)?.every((price) => compare(price, zero) >= 0) === true;
  });
}

/** All parts of a short list. */
function partsOf(list: readonly number[]): readonly (readonly number[])[] {
  return list.reduce<readonly (readonly number[])[]>(
    (parts, one) => [...parts, ...parts.map((part) => [...part, one])],
    [[]],
  );
}

/**
 * What everybody buys at prices near the balance, made a little less where that is more than there is.
 *
 * Let the prices of all there is add up to the money W, and let the kind that is wanted most be wanted 1 + e times. Then the
 * sum of w (u - 1 - log u) over all users is at most e W, with u the tasks found by the true ones: both are concave and dual
 * to each other. That bounds each u from both sides.
 */
function nearly(market: Pool, prices: readonly number[]): Balanced {
  const wealth = sumOf(market.users.map(({ weight }) => weight));
  const raw = prices.map((price) => fromDouble(Math.max(0, price)));
  const scale = over(wealth, sumOf(raw));
  const exact = raw.map((price) => times(price, scale));
  const wanted = market.users.map((user) => over(user.weight, costOf(user, exact)));
  const most = greatest(market.wholes.map((whole, kind) => over(usedOf(market, wanted, kind), whole)));
  const excess = toDouble(times(greatest([minus(most, one)]), wealth));
  const smallest = Math.min(...market.users.map(({ weight }) => toDouble(weight)));
  const gap = excess / smallest;
  return {
    tasks: wanted.map((amount) => rounded(over(amount, most))),
    // From above u is off by no more than this, from below by less. The last part is what rounding may add.
    error: gap + Math.sqrt(gap * gap + 2 * gap) + 1e-15,
  };
}

function costOf({ parts }: PoolUser, prices: readonly Fraction[]): Fraction {
  return sumOf(parts.map((part, kind) => times(part, prices[kind] ?? zero)));
}

/** The double: its many digits say no more than that, and are slow to reckon with. */
function rounded(value: Fraction): Fraction {
  const nearest = toDouble(value);
  return Number.isFinite(nearest) ? fromDouble(nearest) : fraction(value.above, value.below);
}
