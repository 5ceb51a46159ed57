import { InvariantError } from '../../resources/index.js';
import type { RunningJob } from './running-job.js';
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

  #take(row: RunningTask | (() => void)): number {
    const number = this.#free.pop() ?? this.#rows.length;
    this.#rows[number] = row;
    return number;
  }
}
