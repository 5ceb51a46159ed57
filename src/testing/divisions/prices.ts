/**
 * Prices of a market in floating point: every user spends what its weight is, wants its kinds in fixed proportions, and
 * nothing is sold beyond what there is. They minimise a convex function, whose minimum a barrier method walks to.
 */

/** By user and kind: which part of all there is one task takes; and the budgets. */
export interface Market {
  readonly parts: readonly (readonly number[])[];
  readonly budgets: readonly number[];
}

const steps = 200;
const firstBarrier = 1;
const lastBarrier = 1e-15;

/**
 * The price of all there is of each kind, near the balance.
 *
 * @param market - every user needs some kind.
 */
export function pricesOf(market: Market, kinds: number): number[] {
  const wealth = market.budgets.reduce((sum, budget) => sum + budget, 0);
  let prices = Array<number>(kinds).fill(wealth / kinds);
  let barrier = firstBarrier * wealth;
  for (let step = 0; step < steps; step += 1) {
    const { slope, direction } = newtonStep(market, prices, barrier);
    prices = moved(market, prices, direction, slope, barrier);
    // Near the middle of the path for this barrier: on to the next.
    if (Math.abs(slope) < 1e-3 * barrier * kinds || step % 8 === 7) {
      if (barrier <= lastBarrier * wealth) break;
      barrier /= 10;
    }
  }
  return prices;
}

/** What the prices are a minimum of: income left over less what budgets buy, and a wall before prices of 0. */
function worth({ parts, budgets }: Market, prices: readonly number[], barrier: number): number {
  let sum = 0;
  for (const price of prices) sum += price - barrier * Math.log(price);
  for (const [user, budget] of budgets.entries()) sum -= budget * Math.log(costOf(parts[user] ?? [], prices));
  return sum;
}

function costOf(parts: readonly number[], prices: readonly number[]): number {
  return parts.reduce((sum, part, kind) => sum + part * (prices[kind] ?? 0), 0);
}

function newtonStep(
  { parts, budgets }: Market,
  prices: readonly number[],
  barrier: number,
): { readonly direction: readonly number[]; readonly slope: number } {
  const gradient = prices.map((price) => 1 - barrier / price);
  const curvature = prices.map((price, i) => prices.map((_, j) => (i === j ? barrier / price ** 2 : 0)));
  for (const [user, budget] of budgets.entries()) {
    const own = parts[user] ?? [];
    const cost = costOf(own, prices);
    for (const [i, part] of own.entries()) {
      gradient[i] = (gradient[i] ?? 0) - (budget * part) / cost;
      const row = curvature[i] ?? [];
      for (const [j, other] of own.entries()) row[j] = (row[j] ?? 0) + (budget * part * other) / cost ** 2;
    }
  }
  const direction = eliminate(
    curvature,
    gradient.map((value) => -value),
  );
  return { direction, slope: direction.reduce((sum, move, i) => sum + move * (gradient[i] ?? 0), 0) };
}

/** Goes as far along a direction as helps, and not beyond a price of 0. */
function moved(
  market: Market,
  prices: readonly number[],
  direction: readonly number[],
  slope: number,
  barrier: number,
): number[] {
  let length = 1;
  for (const [i, move] of direction.entries()) {
    if (move < 0) length = Math.min(length, (-0.99 * (prices[i] ?? 0)) / move);
  }
  const start = worth(market, prices, barrier);
  for (let tries = 0; tries < 40; tries += 1) {
    const next = prices.map((price, i) => price + length * (direction[i] ?? 0));
    if (worth(market, next, barrier) <= start + 1e-4 * length * slope + 1e-15 * Math.abs(start)) return next;
    length /= 2;
  }
  return [...prices];
}

/** Solves linear equations by elimination with pivots. */
function eliminate(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] {
  const rows = matrix.map((row, i) => [...row, right[i] ?? 0]);
  const size = rows.length;
  for (let column = 0; column < size; column += 1) {
    let best = column;
    for (let i = column; i < size; i += 1) if (magnitude(rows[i], column) > magnitude(rows[best], column)) best = i;
    const pivot = rows[best] ?? [];
    rows[best] = rows[column] ?? [];
    rows[column] = pivot;
    for (const [i, row] of rows.entries()) {
      if (i === column) continue;
      const factor = (row[column] ?? 0) / (pivot[column] ?? 1);
      for (let j = column; j <= size; j += 1) row[j] = (row[j] ?? 0) - factor * (pivot[j] ?? 0);
    }
  }
  return rows.map((row, i) => (row[size] ?? 0) / (row[i] ?? 1));
}

function magnitude(row: readonly number[] | undefined, column: number): number {
  return Math.abs(row?.[column] ?? 0);
}
