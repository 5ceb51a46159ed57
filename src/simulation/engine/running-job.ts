import { hashText } from '../../resources/index.js';
import type { Job, TaskGroup } from '../workloads/workload.js';
import type { Shape } from './shapes.js';

/** Tasks of one group of a job that have not started. */
export interface Waiting {
  readonly job: RunningJob;
  readonly group: TaskGroup;
  readonly shape: Shape;
  /** For the luck of its tasks. */
  readonly number: number;
  /** How many are left, and the number of the next. */
  left: number;
  next: number;
  /** Since when they could start, ms. */
  readonly since: number;
  /** Among all that ever waited. */
  readonly order: number;
  /** Where the data of its tasks lies; absent until somebody asks (delay scheduling). */
  homes?: Homes;
}

/** So many tasks of a group start on a machine. */
export interface Placement {
  readonly waiting: Waiting;
  readonly tasks: number;
}

/** The machines that hold the data of tasks. */
export interface Homes {
  /** By machine: numbers of tasks with data there. Some of them may have started meanwhile. */
  readonly at: ReadonlyMap<number, number[]>;
  readonly started: Uint8Array<ArrayBuffer>;
  /** When one of them last started where its data is, or began to wait, ms. */
  localAt: number;
  /** Of those that started last. */
  localJustNow: number;
  /** None before this one is left. */
  first: number;
}

/** A job that was submitted and has not ended. */
export class RunningJob {
  readonly job: Job;
  /** When this one was submitted, ms: one that was submitted again has the time of that. */
  readonly at: number;
  /** How often it was submitted before. */
  readonly round: number;
  readonly hash: number;
  /** Tasks that run now, and that have not ended. */
  running = 0;
  unended: number;
  /** The machines on which it has tasks, where that matters. */
  readonly machines: Set<number> = new Set();
  /** The group that waits for others to end, by its number. */
  #nextGroup = 0;

  constructor(job: Job, at: number, round: number) {
    this.job = job;
    this.at = at;
    this.round = round;
    this.hash = hashText(round === 0 ? job.id : `${job.id}#${round}`);
    this.unended = job.groups.reduce((sum, { count }) => sum + count, 0);
  }

  /** Groups that may start now, each told once: up to the next that waits for all others to end. */
  startable(): readonly { readonly group: TaskGroup; readonly number: number }[] {
    const { groups } = this.job;
    const found: { readonly group: TaskGroup; readonly number: number }[] = [];
    for (; this.#nextGroup < groups.length; this.#nextGroup += 1) {
      const group = groups[this.#nextGroup];
      if (group === undefined) break;
      if (group.afterOthers === true && this.#hasUnendedBefore(this.#nextGroup)) break;
      if (group.count > 0) found.push({ group, number: this.#nextGroup });
    }
    return found;
  }

  /** Nothing more of it may start. @returns how many tasks would have been able to later */
  close(): number {
    const later = this.job.groups.slice(this.#nextGroup).reduce((sum, { count }) => sum + count, 0);
    this.#nextGroup = this.job.groups.length;
    return later;
  }

  #hasUnendedBefore(number: number): boolean {
    const after = this.job.groups.slice(number).reduce((sum, { count }) => sum + count, 0);
    return this.unended > after;
  }
}
