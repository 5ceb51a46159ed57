/** Water-filling in exact numbers: everybody's measure rises at one pace until something runs out. */
import { compare, isPositive, least, minus, over, plus, sumOf, times, zero, type Fraction } from './fraction.js';
import { neededBy, type Pool, type PoolUser } from './pool.js';

/**
 * Raises everybody's tasks such that tasks times `measure`, divided by the weight, is the same for all who still rise. Who
 * needs what has run out stays where it is, the others go on (Ghodsi et al., NSDI 2011, §4.2 and appendix A). Each step
 * exhausts a kind, so there are at most as many steps as kinds.
 */
export function fill(pool: Pool, measure: (user: PoolUser) => Fraction): readonly Fraction[] {
  // How many tasks each gains while the level rises by one.
  const paces = pool.users.map((user) => (user.isHopeless ? zero : over(user.weight, measure(user))));
  const tasks = paces.map(() => zero);
  const left = [...pool.wholes];
  const rising = new Set(paces.flatMap((pace, user) => (isPositive(pace) ? [user] : [])));
  while (rising.size > 0) {
    const flows = left.map((_, kind) => flowOf(pool, paces, rising, kind));
    const rise =
      least(flows.flatMap((flow, kind) => (isPositive(flow) ? [over(left[kind] ?? zero, flow)] : []))) ?? zero;
    for (const user of rising) tasks[user] = plus(tasks[user] ?? zero, times(rise, paces[user] ?? zero));
    for (const [kind, flow] of flows.entries()) left[kind] = minus(left[kind] ?? zero, times(rise, flow));
    for (const [user, one] of pool.users.entries()) {
      if (neededBy(one).some((kind) => compare(left[kind] ?? zero, zero) === 0)) rising.delete(user);
    }
  }
  return tasks;
}

/** How fast a kind is used up. */
function flowOf(pool: Pool, paces: readonly Fraction[], rising: ReadonlySet<number>, kind: number): Fraction {
  return sumOf([...rising].map((user) => times(pool.users[user]?.demand[kind] ?? zero, paces[user] ?? zero)));
}
