import { contains, resources, type Scheduler, type SchedulerDriver, type TaskLike } from 'proffer';
import type { SubscriptionInfo } from 'proffer/framework-api';
import { subtract, type Resources } from 'proffer/resources';

/** A pile of work of one kind, and how each piece is done. */
export interface BatchOptions {
  /** What the ids of its tasks begin with. */
  readonly name: string;
  /** What one task takes. */
  readonly resources: string;
  /** One task each: what is to be done, in the words of whoever does it. */
  readonly pieces: readonly Pick<TaskLike, 'payload' | 'executor' | 'data'>[];
  /** How often a piece is tried before the whole batch is given up. */
  readonly attempts: number;
  /** Takes what a task answered. A throw counts as a failure of that task. */
  take(data: string): void;
}

/** How far a batch is. */
export interface Progress {
  readonly name: string;
  readonly total: number;
  readonly done: number;
  /** Attempts that failed and were repeated. */
  readonly retried: number;
}

/** A batch could not be completed. */
export class BatchError extends Error {
  override readonly name = 'BatchError';
}

/** One piece of work and its attempts so far. */
interface Piece {
  readonly id: string;
  readonly task: BatchOptions['pieces'][number];
  attempts: number;
}

/**
 * Longer than any run. What is left of an offer is smaller than a task, and a filter hides an agent only until it has
 * more than what was refused, so a long filter hides nothing that could be used.
 */
const refuseSeconds = 24 * 3600;

/**
 * The second level: puts as many tasks on each offer as fit, tries again what failed or was lost, and wants no offers
 * while nothing waits.
 */
export class Batch implements Scheduler, Progress {
  readonly name: string;
  readonly total: number;
  /** Resolves when every piece is done; rejects with a `BatchError` when one cannot be, or the master refuses. */
  readonly finished: Promise<void>;
  done = 0;
  retried = 0;
  readonly #options: BatchOptions;
  readonly #need: Resources;
  readonly #waiting: Piece[];
  readonly #running = new Map<string, Piece>();
  #finish: () => void = () => {};
  #giveUp: (error: BatchError) => void = () => {};

  constructor(options: BatchOptions) {
    const { name, pieces } = options;
    this.name = name;
    this.total = pieces.length;
    this.#options = options;
    this.#need = resources(options.resources);
    const digits = String(this.total).length;
    const idOf = (at: number): string => `${name}-${String(at + 1).padStart(digits, '0')}`;
    this.#waiting = pieces.map((task, at) => ({ id: idOf(at), task, attempts: 0 }));
    this.finished = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#giveUp = reject;
    });
    if (this.total === 0) this.#finish();
  }

  /** What to subscribe with: one role, and no offers that hold less than a task. */
  get info(): SubscriptionInfo {
    const { name, resources: need } = this.#options;
    return { name, roles: [name], offerFilters: { [name]: { minAllocatable: [need] } } };
  }

  readonly offers: NonNullable<Scheduler['offers']> = (offers, driver) => {
    for (const offer of offers) {
      const tasks = this.#tasksFor(offer.resources);
      if (tasks.length > 0) driver.launch(offer, tasks, { refuseSeconds });
      else driver.decline(offer, { refuseSeconds });
    }
    // Others may have what comes from now on; `#retry` asks again if it must.
    if (this.#waiting.length === 0) driver.suppress();
  };

  readonly update: NonNullable<Scheduler['update']> = (status, driver) => {
    // An unreachable agent may come back with its task, but nobody waits for that.
    if (!status.terminal && status.state !== 'unreachable') return;
    const piece = this.#running.get(status.task);
    // What was told already, or is done elsewhere by now.
    if (piece === undefined) return;
    this.#running.delete(status.task);
    if (status.state !== 'finished') return this.#retry(piece, status.message ?? status.state, driver);
    try {
      this.#options.take(status.data ?? '');
    } catch (error) {
      return this.#retry(piece, error instanceof Error ? error.message : String(error), driver);
    }
    this.done += 1;
    if (this.done === this.total) this.#finish();
  };

  readonly rejected: NonNullable<Scheduler['rejected']> = ({ call, message }) => {
    this.#giveUp(new BatchError(`${this.name}: the master rejected '${call}': ${message}`));
  };

  readonly error: NonNullable<Scheduler['error']> = ({ message }) => {
    this.#giveUp(new BatchError(`${this.name}: the subscription ended: ${message}`));
  };

  #tasksFor(offered: Resources): readonly TaskLike[] {
    const tasks: TaskLike[] = [];
    for (let rest = offered; contains(rest, this.#need); rest = subtract(rest, this.#need)) {
      const piece = this.#waiting.shift();
      if (piece === undefined) break;
      piece.attempts += 1;
      // An attempt is a task of its own: the last one's id may still be in use where it was lost.
      const id = piece.attempts === 1 ? piece.id : `${piece.id}.${piece.attempts}`;
      this.#running.set(id, piece);
      tasks.push({ id, resources: this.#need, ...piece.task });
    }
    return tasks;
  }

  #retry(piece: Piece, why: string, driver: SchedulerDriver): void {
    if (piece.attempts >= this.#options.attempts) {
      return this.#giveUp(new BatchError(`${piece.id} failed ${piece.attempts} times, the last time because ${why}`));
    }
    this.retried += 1;
    this.#waiting.push(piece);
    driver.revive();
  }
}
