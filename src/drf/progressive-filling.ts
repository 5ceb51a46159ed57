/**
 * Algorithm 1 of the paper (Ghodsi et al., NSDI 2011, §4.2), as slow and plain as it is written there: what everything
 * else is checked against. Shares are compared as exact fractions, so nothing here rests on the arithmetic of `share.ts`.
 */
import {
  InputError,
  compareText,
  noQuantities,
  quantities,
  quantitiesAdd,
  quantitiesContains,
  type Quantities,
  type QuantitiesLike,
} from '../resources/index.js';
import { dominantShare } from './share.js';
import { weightOf, type Weight } from './weight.js';

/**
 * Somebody who wants as many tasks as it can get.
 *
 * @remarks Since 0.1.0
 */
export interface FillingUser {
  readonly name: string;
  /** What one task takes. */
  readonly demand: QuantitiesLike;
  /** Divides the share; 1 if absent. */
  readonly weight?: number;
}

/**
 * What is to be divided, and among whom.
 *
 * @remarks Since 0.1.0
 */
export interface ProgressiveFillingOptions {
  readonly total: QuantitiesLike;
  readonly users: readonly FillingUser[];
  /**
   * Who comes first among equal shares and equal numbers of tasks; users that are not listed come last. Absent: by name,
   * as sorters do it (SORT-2).
   */
  readonly order?: readonly string[];
  /**
   * Go on with the others when the task of the lowest share does not fit; the paper's text allows it for users that do
   * not need the exhausted resource. Absent: stop there, as its Algorithm 1 does.
   */
  readonly continueWhenFull?: boolean;
}

/**
 * One task given: to whom, and how everybody stands then, in the order of `users`.
 *
 * @remarks Since 0.1.0
 */
export interface FillingStep {
  readonly pick: string;
  readonly tasks: readonly number[];
  /** Dominant shares, divided by the weights. */
  readonly shares: readonly number[];
}

/**
 * What one user has in the end.
 *
 * @remarks Since 0.1.0
 */
export interface FillingResult {
  readonly name: string;
  readonly tasks: number;
  readonly allocated: Quantities;
  /** Dominant share, divided by the weight. */
  readonly share: number;
}

/**
 * A division, step by step.
 *
 * @remarks Since 0.1.0
 */
export interface Filling {
  readonly steps: readonly FillingStep[];
  /** In the order of `users`. */
  readonly tasks: readonly FillingResult[];
  /** Why it ended: the task of the lowest share did not fit, or (with `continueWhenFull`) nobody's did. */
  readonly reason: 'does-not-fit' | 'nobody-fits';
}

/**
 * Divides a pool among users by giving one task after the other to the lowest dominant share.
 *
 * Work is the number of tasks times the number of users.
 *
 * @throws InputError `bad-quantities`, `bad-weight`, `bad-demand` (a task that takes nothing), `duplicate-user`.
 * @example
 * ```ts
 * progressiveFilling({
 *   total: 'cpus:9;mem:18',
 *   users: [{ name: 'A', demand: 'cpus:1;mem:4' }, { name: 'B', demand: 'cpus:3;mem:1' }],
 * }).tasks.map((user) => user.tasks); // [3, 2]
 * ```
 * @remarks Since 0.1.0
 */
export function progressiveFilling(options: ProgressiveFillingOptions): Filling {
  const total = quantities(options.total, 'total');
  const users = readUsers(options.users);
  const precedence = precedenceOf(users, options.order ?? []);
  const steps: FillingStep[] = [];
  const open = new Set(users);
  let used = noQuantities;
  for (let user = lowest(open, total, precedence); user !== undefined; user = lowest(open, total, precedence)) {
    const after = quantitiesAdd(used, user.demand);
    if (quantitiesContains(total, after)) {
      used = after;
      user.allocated = quantitiesAdd(user.allocated, user.demand);
      user.tasks += 1;
      steps.push({ pick: user.name, tasks: users.map((u) => u.tasks), shares: users.map((u) => shareOf(u, total)) });
    } else if (options.continueWhenFull === true) {
      // What is used only grows, so this user's task will never fit.
      open.delete(user);
    } else {
      return { steps, tasks: results(users, total), reason: 'does-not-fit' };
    }
  }
  return { steps, tasks: results(users, total), reason: 'nobody-fits' };
}

interface User {
  readonly name: string;
  readonly demand: Quantities;
  readonly weight: Weight;
  allocated: Quantities;
  tasks: number;
}

function readUsers(given: readonly FillingUser[]): User[] {
  const names = new Set<string>();
  return given.map(({ name, demand, weight = 1 }, i) => {
    const path = `users[${i}]`;
    const task = quantities(demand, `${path}.demand`);
    if (task.names.length === 0)
      throw new InputError('bad-demand', `${path}.demand`, `a task of '${name}' takes nothing`);
    if (names.has(name)) throw new InputError('duplicate-user', `${path}.name`, `there are two users '${name}'`);
    names.add(name);
    return { name, demand: task, weight: weightOf(weight, `${path}.weight`), allocated: noQuantities, tasks: 0 };
  });
}

/** Each user's place among equals. */
function precedenceOf(users: readonly User[], order: readonly string[]): ReadonlyMap<User, number> {
  const place = ({ name }: User): number => (order.includes(name) ? order.indexOf(name) : order.length);
  const sorted = users.toSorted((a, b) => place(a) - place(b) || compareText(a.name, b.name));
  return new Map(sorted.map((user, i) => [user, i]));
}

function lowest(users: Iterable<User>, total: Quantities, precedence: ReadonlyMap<User, number>): User | undefined {
  let first: User | undefined;
  for (const user of users) if (first === undefined || comesBefore(user, first, total, precedence)) first = user;
  return first;
}

function comesBefore(a: User, b: User, total: Quantities, precedence: ReadonlyMap<User, number>): boolean {
  const [aboveA, belowA] = exactShare(a, total);
  const [aboveB, belowB] = exactShare(b, total);
  const left = aboveA * belowB;
  const right = aboveB * belowA;
  if (left !== right) return left < right;
  if (a.tasks !== b.tasks) return a.tasks < b.tasks;
  return (precedence.get(a) ?? 0) < (precedence.get(b) ?? 0);
}

/** The dominant share divided by the weight as a fraction: the largest allocated * q / (total * p). */
function exactShare({ allocated, weight }: User, total: Quantities): readonly [above: bigint, below: bigint] {
  let above = 0n;
  let below = 1n;
  for (const [i, name] of allocated.names.entries()) {
    const whole = total.millis[total.names.indexOf(name)];
    if (whole === undefined) continue;
    const a = BigInt(allocated.millis[i] ?? 0) * BigInt(weight.q);
    const b = BigInt(whole) * BigInt(weight.p);
    if (a * below > above * b) [above, below] = [a, b];
  }
  return [above, below];
}

function shareOf(user: User, total: Quantities): number {
  return dominantShare(user.allocated, total, { weight: user.weight });
}

function results(users: readonly User[], total: Quantities): FillingResult[] {
  return users.map((user) => {
    const { name, tasks, allocated } = user;
    return { name, tasks, allocated, share: shareOf(user, total) };
  });
}
