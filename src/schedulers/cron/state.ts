/** A cron scheduler as plain immutable data: jobs, and a batch scheduler that runs each of their runs as a job. */
import { Edit, Table } from '../../resources/index.js';
import type { TaskStatus } from '../../tasks/index.js';
import type { Outcome, BatchMachine, BatchSettings } from '../batch/state.js';
import { emptyBatch } from '../batch/state.js';
import type { BatchOutput } from '../batch/machine.js';
import type { DeskCall } from '../desk/desk.js';
import type { Calendar } from './calendar.js';
import type { CronSpec } from './job.js';

/** How a run was over; `missed` = it did not begin in time, `overlapped` = another was not over. */
export type RunOutcome = Outcome | 'missed' | 'overlapped';

/** A run that is over. */
export interface PastRun {
  /** When it was due, ms. */
  readonly due: number;
  readonly outcome: RunOutcome;
  readonly why: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number;
}

/** A cron job, in the form in which it is saved. */
export interface CronRow {
  readonly spec: CronSpec;
  /** In which order jobs came. */
  readonly number: number;
  /** The latest due time that was dealt with, ms: none up to it is dealt with again. */
  readonly last: number;
  /** Due times of runs that wait for their turn, oldest first. */
  readonly queue: readonly number[];
  /** Due times of runs that are not over, oldest first. */
  readonly open: readonly number[];
  /** The runs that are over, oldest first; the latest few. */
  readonly past: readonly PastRun[];
  /** Of a job that runs after others: what they have finished since it ran last, as pairs of the job and when its run was due. */
  readonly finished: readonly (readonly [job: string, due: number])[];
  /** Of a job that runs after others: up to which due time a run of each has counted. */
  readonly counted: readonly (readonly [job: string, due: number])[];
}

/** A cron scheduler. */
export interface CronMachine {
  readonly batch: BatchMachine;
  /** By id. */
  readonly jobs: Table<CronRow>;
  /** Jobs made so far. */
  readonly numbers: number;
  /** By the id of a run that is not over, whose it is. Not saved, it follows from the jobs. */
  readonly runs: Table<RunRef>;
  /** When each job is due next, ms. Not saved, it follows from the jobs. */
  readonly next: Table<number>;
}

/** Which run of which job. */
export interface RunRef {
  readonly job: string;
  readonly due: number;
}

/** How a cron scheduler behaves. */
export interface CronSettings extends BatchSettings {
  readonly calendar: Calendar;
}

/** What a cron scheduler tells its host. */
export type CronNews =
  | { readonly type: 'changed'; readonly job: string }
  | { readonly type: 'status'; readonly status: TaskStatus; readonly job: string; readonly due: number }
  | { readonly type: 'over'; readonly job: string; readonly run: PastRun };

/** One transition under way. */
export interface CronStep {
  machine: CronMachine;
  readonly at: number;
  readonly edit: Edit;
  readonly settings: CronSettings;
  readonly calls: (DeskCall | CronNews)[];
  readonly changed: Set<string>;
  /** What the batch scheduler said and was not heard yet. */
  heard: readonly BatchOutput[];
}

/** So many runs that are over are remembered for each job. */
export const mostPast = 20;

/** A scheduler without jobs. */
export function emptyCron(seed: number): CronMachine {
  return { batch: emptyBatch(seed), jobs: Table.empty(), numbers: 0, runs: Table.empty(), next: Table.empty() };
}

/** The id of a run: no other ever has it. */
export function runId({ job, due }: RunRef): string {
  return `${job}@${new Date(due).toISOString()}`;
}

/** Writes a job. */
export function setCronJob(step: CronStep, row: CronRow): void {
  const { id } = row.spec;
  step.machine = { ...step.machine, jobs: step.machine.jobs.set(id, row, step.edit) };
  step.changed.add(id);
}

/** Notes when a job is due next. */
export function setNext(step: CronStep, id: string, at: number | null): void {
  const { next } = step.machine;
  const changed = at === null ? next.remove(id, step.edit) : next.set(id, at, step.edit);
  step.machine = { ...step.machine, next: changed };
}
