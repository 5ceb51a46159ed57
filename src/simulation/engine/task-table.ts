import { InvariantError } from '../../resources/index.js';
import type { RunningJob, Waiting } from './running-job.js';
import type { Shape } from './shapes.js';
import type { TenantScheduler } from './tenant.js';

/** A task that runs. */
export interface RunningTask {
  readonly id: string;
  readonly machine: number;
  readonly tenant: TenantScheduler;
  readonly job: RunningJob;
  readonly shape: Shape;
  /** Whether it ends by itself. */
  readonly ends: boolean;
  /** What it was started from, and as which of that: it may have to start again. */
  readonly waiting: Waiting;
  readonly place: number;
}

/** What the numbers in the heap stand for: tasks that run, and whatever else is to be done. Numbers are used again. */
export class TaskTable {
  /** How many tasks run that end by themselves. */
  ending = 0;
  readonly #rows: (RunningTask | (() => void) | undefined)[] = [];
  readonly #free: number[] = [];

  add(task: RunningTask): number {
    if (task.ends) this.ending += 1;
    return this.#take(task);
  }

  /** Something else to be done. */
  order(run: () => void): number {
    return this.#take(run);
  }

  /** What is under a number, which is free from now on. */
  remove(number: number): RunningTask | (() => void) {
    const row = this.#rows[number];
    if (row === undefined) throw new InvariantError(`nothing is under number ${number}`);
    this.#rows[number] = undefined;
    this.#free.push(number);
    if (typeof row !== 'function' && row.ends) this.ending -= 1;
    return row;
  }

  /** A task is over before its end: nothing is to be done under its number any more. */
  cancel(number: number): RunningTask | undefined {
    const row = this.#rows[number];
    if (row === undefined || typeof row === 'function') return undefined;
    if (row.ends) this.ending -= 1;
    this.#rows[number] = row.ends ? () => undefined : undefined;
    if (!row.ends) this.#free.push(number);
    return row;
  }

  #take(row: RunningTask | (() => void)): number {
    const number = this.#free.pop() ?? this.#rows.length;
    this.#rows[number] = row;
    return number;
  }
}
