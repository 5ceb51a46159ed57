import type { Clock } from '../../master/index.js';

/** An order with the clock, and what takes it back at the clock below. */
interface Order {
  readonly at: number;
  readonly run: () => void;
  cancel: () => void;
}

/** The clock of a master whose process may sleep, and whose time somebody sets: another clock below it is the true one. */
export class MasterClock implements Clock {
  readonly #true: Clock;
  readonly #orders = new Set<Order>();
  #aheadMs = 0;
  #asleepUntil = -Infinity;

  constructor(truth: Clock) {
    this.#true = truth;
  }

  /** Whether the process sleeps now. */
  get asleep(): boolean {
    return this.#true.now() < this.#asleepUntil;
  }

  /** When the process wakes up, by the true clock. */
  get asleepUntil(): number {
    return this.#asleepUntil;
  }

  now(): number {
    return Math.max(0, this.#true.now() + this.#aheadMs);
  }

  wake(at: number, run: () => void): () => void {
    const order: Order = { at, run, cancel: () => {} };
    this.#orders.add(order);
    this.#arm(order);
    return () => {
      order.cancel();
      this.#orders.delete(order);
    };
  }

  /** Somebody sets the time: ahead, or back if less than 0. */
  jump(byMs: number): void {
    this.#aheadMs += byMs;
    this.#armAll();
  }

  /** The process sleeps for a while: its timers are late. */
  sleep(forMs: number): void {
    this.#asleepUntil = Math.max(this.#asleepUntil, this.#true.now() + forMs);
    this.#armAll();
  }

  /** The process is wide awake. */
  rouse(): void {
    this.#asleepUntil = -Infinity;
    this.#armAll();
  }

  #armAll(): void {
    for (const order of [...this.#orders]) {
      order.cancel();
      this.#arm(order);
    }
  }

  #arm(order: Order): void {
    order.cancel = this.#true.wake(Math.max(order.at - this.#aheadMs, this.#asleepUntil), () => {
      this.#orders.delete(order);
      order.run();
    });
  }
}
