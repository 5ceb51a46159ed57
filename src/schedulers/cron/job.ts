/** A cron job, as a host writes it and as it is kept. */
import { list, oneOf, refuse, text, type Reader } from '../../cluster/shape.js';
import { InputError } from '../../resources/index.js';
import { readJob, readSavedJob, type JobClass, type JobSpec, type Retries } from '../batch/job.js';
import type { Constraint } from '../common/constraints.js';
import { between, duration, idText, only } from '../common/reading.js';
import { taskSpecFields, type TaskSpecLike } from '../common/task-spec.js';
import type { Schedule } from './calendar.js';

/**
 * What happens when a job is due while a run of it is not over: the new one is skipped, waits for its turn, runs beside the
 * other, or ends the other and takes its place.
 */
export type Overlap = 'skip' | 'queue' | 'allow' | 'replace';

/** Which of the runs that were missed, because nobody was there to start them, are made up for. */
export type CatchUp = 'none' | 'last' | 'all';

/** Something that is to run again and again: by a schedule, or after others. Exactly one of both is there. */
export interface CronJob {
  /** Unique among the jobs of the scheduler. */
  readonly id: string;
  /**
   * A cron expression of five parts, or of six that begin with seconds: `30 2 * * *` is half past two each night. Also
   * `@daily` and the like.
   */
  readonly schedule?: string;
  /** In which the schedule is meant, such as `Europe/Berlin`. Default `UTC`. */
  readonly timezone?: string;
  /** Runs each time when all of these have finished a run anew. */
  readonly after?: readonly string[];
  readonly task: TaskSpecLike;
  /** Default `skip`. */
  readonly overlap?: Overlap;
  /** Default `last`. */
  readonly catchUp?: CatchUp;
  /** How many missed runs are made up for with `catchUp: 'all'`, the latest ones, and how many wait with `overlap: 'queue'`. Default 100. */
  readonly maxCatchUp?: number;
  /**
   * A run that has not begun so long after it was due is a missed one, ms. With `catchUp: 'none'` it does not begin then.
   * Default 1 min.
   */
  readonly epsilonMs?: number;
  /** Of each run: failures that may be made good. Default 0. */
  readonly retries?: number | Retries;
  /** As for a batch job. */
  readonly priority?: number;
  readonly class?: JobClass;
  readonly constraints?: readonly Constraint[];
}

/** A cron job as it is kept: plain JSON, complete. */
export interface CronSpec {
  readonly id: string;
  readonly schedule: Schedule | null;
  readonly after: readonly string[];
  readonly overlap: Overlap;
  readonly catchUp: CatchUp;
  readonly maxCatchUp: number;
  readonly epsilonMs: number;
  /** What each run is, but for its id. */
  readonly run: JobSpec;
}

/** The instant of a run and the number of a launch follow in the ids of tasks. */
const longestId = 150;
const overlaps = ['skip', 'queue', 'allow', 'replace'] as const;
const catchUps = ['none', 'last', 'all'] as const;
const unread: Reader<unknown> = (value) => value;

const shape = only({
  required: { id: idText, task: only(taskSpecFields) },
  optional: {
    schedule: text,
    timezone: text,
    after: list(idText),
    overlap: oneOf(overlaps),
    catchUp: oneOf(catchUps),
    maxCatchUp: between(1, 10_000),
    epsilonMs: duration,
    retries: unread,
    priority: unread,
    class: unread,
    constraints: unread,
  },
});

/**
 * Reads a cron job; whether its schedule is one is for a calendar to say.
 *
 * @throws InputError with the path of what is wrong.
 */
export const readCronJob: Reader<CronSpec> = (value, path) => {
  const found = shape(value, path);
  const {
    id,
    schedule,
    timezone,
    after,
    overlap = 'skip',
    catchUp = 'last',
    maxCatchUp = 100,
    epsilonMs = 60_000,
  } = found;
  if (id.length > longestId) refuse('bad-id', `${path}.id`, `must not have more than ${longestId} characters`);
  const isChained = after !== undefined && after.length > 0;
  if ((schedule === undefined) === !isChained)
    refuse('bad-schedule', path, 'must have exactly one of schedule and after');
  if (timezone !== undefined && schedule === undefined) {
    refuse('bad-schedule', `${path}.timezone`, 'is for a job with a schedule');
  }
  return {
    id,
    schedule: schedule === undefined ? null : { expression: schedule, timezone: timezone ?? 'UTC' },
    after: [...new Set(after ?? [])],
    overlap,
    catchUp,
    maxCatchUp,
    epsilonMs,
    run: readRun(found, value, path),
  };
};

/** What each run is: a batch job of one task. Mistakes in it are told of the cron job. */
function readRun(found: ReturnType<typeof shape>, value: unknown, path: string): JobSpec {
  const { id, retries, priority, class: kind, constraints } = found;
  const { task } = value as { readonly task: object };
  const job = {
    id,
    tasks: [{ ...task, id: 'run' }],
    ...(retries !== undefined && { retries }),
    ...(priority !== undefined && { priority }),
    ...(kind !== undefined && { class: kind }),
    ...(constraints !== undefined && { constraints }),
  };
  try {
    return readJob(job, path);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const inner = `${path}.tasks[0]`;
    throw new InputError(
      error.code,
      error.path.replace(inner, `${path}.task`),
      error.message.replace(inner, `${path}.task`),
    );
  }
}

/** Reads a cron job that was saved. */
export const readSavedCronJob: Reader<CronSpec> = only({
  required: {
    id: idText,
    schedule: (value, path) =>
      value === null ? null : only({ required: { expression: text, timezone: text } })(value, path),
    after: list(idText),
    overlap: oneOf(overlaps),
    catchUp: oneOf(catchUps),
    maxCatchUp: between(1, 10_000),
    epsilonMs: duration,
    run: readSavedJob,
  },
});
