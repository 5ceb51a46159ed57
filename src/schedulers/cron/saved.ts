/** A cron scheduler as plain JSON, and back. */
import { Table } from '../../resources/index.js';
import {
  damaged,
  integer,
  list,
  name,
  nullable,
  oneOf,
  readSaved,
  row,
  text,
  whole,
  type Reader,
} from '../../resources/reading.js';
import { isSameSaved as isSameBatch, readBatch, saveBatch, type BatchState } from '../batch/saved.js';
import { jobOf } from '../batch/jobs.js';
import type { BatchMachine } from '../batch/state.js';
import type { Calendar } from './calendar.js';
import { readSavedCronJob } from './job.js';
import { runId, type CronMachine, type CronRow, type PastRun, type RunRef } from './state.js';

/** The state of a cron scheduler as plain JSON. What is in it is not to be relied on, but for `version`. */
export interface CronState {
  readonly version: 1;
  readonly kind: 'cron';
  /** The batch scheduler that runs its runs. */
  readonly batch: BatchState;
  /** Jobs made so far. */
  readonly numbers: number;
  readonly jobs: readonly CronRow[];
}

/** What of a scheduler outlives its process. */
export function saveCron({ batch, numbers, jobs }: CronMachine): CronState {
  return { version: 1, kind: 'cron', batch: saveBatch(batch), numbers, jobs: jobs.values() };
}

/** Whether nothing would be saved but what is saved already. */
export function isSameSaved(one: CronMachine, other: CronMachine): boolean {
  return one.jobs === other.jobs && isSameBatch(one.batch, other.batch);
}

const past = row<PastRun>({
  due: integer,
  outcome: oneOf(['finished', 'failed', 'skipped', 'cancelled', 'missed', 'overlapped']),
  why: nullable(text),
  startedAt: nullable(integer),
  endedAt: integer,
});

const due: Reader<readonly [string, number]> = (value) => {
  if (!Array.isArray(value) || value.length !== 2) return damaged('is no pair');
  const [job, at]: readonly unknown[] = value;
  return [name(job), integer(at)];
};

const cronRow = row<CronRow>({
  spec: (value) => readSavedCronJob(value, ''),
  number: whole,
  last: integer,
  queue: list(integer),
  open: list(integer),
  past: list(past),
  finished: list(due),
  counted: list(due),
});

const batch: Reader<BatchMachine> = (value) => readBatch(value);

const saved = row<{ readonly [K in keyof CronState]: K extends 'batch' ? BatchMachine : CronState[K] }>({
  version: (value) => (value === 1 ? 1 : damaged('is no version that is known here')),
  kind: (value) => (value === 'cron' ? 'cron' : damaged('is not that of a cron scheduler')),
  batch,
  numbers: whole,
  jobs: list(cronRow),
});

/**
 * Reads a state that was saved.
 *
 * @throws InputError `bad-state` with the path of what is damaged; `bad-schedule` for a schedule that is none any more.
 */
export function readCron(value: unknown, calendar: Calendar): CronMachine {
  const found = readSaved((state) => agreeing(saved(state)), value, 'The saved state');
  const jobs = Table.from(found.jobs.map((each) => [each.spec.id, each] as const));
  const next = found.jobs.flatMap(({ spec, last }): [string, number][] => {
    const at = spec.schedule === null ? null : calendar.next(spec.schedule, last);
    return at === null ? [] : [[spec.id, at]];
  });
  return {
    batch: found.batch,
    numbers: found.numbers,
    jobs,
    runs: Table.from(runsOf(found.jobs)),
    next: Table.from(next),
  };
}

/** The parts agree: each job is there once, and each run that is not over is a job of the batch scheduler. */
function agreeing(found: ReturnType<typeof saved>): ReturnType<typeof saved> {
  const ids = new Set(found.jobs.map(({ spec }) => spec.id));
  if (ids.size !== found.jobs.length) damaged('has two jobs of one id');
  for (const [id] of runsOf(found.jobs)) if (jobOf(found.batch, id) === undefined) damaged(`has no run '${id}'`);
  return found;
}

function runsOf(jobs: readonly CronRow[]): [string, RunRef][] {
  return jobs.flatMap(({ spec, open }) =>
    open.map((at): [string, RunRef] => [runId({ job: spec.id, due: at }), { job: spec.id, due: at }]),
  );
}
