import { InputError } from '../resources/index.js';
import type { Clock } from '../master/clock.js';
import { settle } from './settle.js';

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /**
   * Goes on by `ms` and runs everything that falls due on the way, each thing at its own time, at one time in the order
   * in which it was ordered. Before the first, after each instant and at the end it waits until promises have settled,
   * so what follows from a timer happens at the time of that timer.
   *
   * Calls while one is under way follow it, one after the other.
   *
   * @throws InputError `bad-number` (as a rejection) when `ms` is negative or not finite.
   * @example
   * const clock = manualClock();
   * clock.wake(1_000, () => console.log(clock.now())); // 1000
   * await clock.advance(5_000);
   */
  advance(ms: number): Promise<void>;
  /** Waits until promises have settled; the time stays. */
  settle(): Promise<void>;
}

interface Order {
  readonly at: number;
  readonly run: () => void;
}

/**
 * A clock for tests and simulations: nothing happens by itself.
 *
 * @param start the time to begin with, ms.
 */
export function manualClock(start = 0): ManualClock {
  let now = start;
  // In the order in which they were made; few enough that the earliest is found by looking.
  const orders = new Set<Order>();
  let under: Promise<void> = Promise.resolve();

  const advanceTo = async (target: number): Promise<void> => {
    await settle();
    for (let due = earliest(orders, target); due !== undefined; due = earliest(orders, target)) {
      now = Math.max(now, due);
      runDue(orders, now);
      await settle();
    }
    now = target;
    await settle();
  };

  return {
    now: () => now,
    wake(at, run) {
      const order = { at, run };
      orders.add(order);
      return () => void orders.delete(order);
    },
    advance(ms) {
      if (!(ms >= 0 && ms < Infinity)) {
        return Promise.reject(new InputError('bad-number', 'ms', `A clock goes on by a number of ms, not by ${ms}`));
      }
      const next = under.then(() => advanceTo(now + ms));
      under = next.catch(() => undefined);
      return next;
    },
    settle,
  };
}

/** When the first falls due, if that is not after `until`. */
function earliest(orders: Iterable<Order>, until: number): number | undefined {
  let first: number | undefined;
  for (const { at } of orders) if (at <= until && (first === undefined || at < first)) first = at;
  return first;
}

/** Runs what is due now, but not what that orders anew, which comes after a pause; what was taken back is not run. */
function runDue(orders: Set<Order>, now: number): void {
  const due = [...orders].filter((order) => order.at <= now).sort((one, other) => one.at - other.at);
  for (const order of due) if (orders.delete(order)) order.run();
}
