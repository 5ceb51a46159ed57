/** A batch job, as a host writes it and as it is kept. */
import { fields, flag, list, nullable, oneOf, refuse, type Reader } from '../../cluster/shape.js';
import { InputError } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import { readBackOff, type BackOff, type FullBackOff } from '../common/back-off.js';
import { readConstraint, type Constraint } from '../common/constraints.js';
import { amountOf, between, duration, idText, instant, only, someOf } from '../common/reading.js';
import { readSavedSpec, taskSpecFields, taskSpecOf, type TaskSpec, type TaskSpecLike } from '../common/task-spec.js';

/** How often something that failed is tried again, and after which wait. What was lost is always tried again. */
export interface Retries {
  /** Failures that may be made good. Default 0. */
  readonly limit?: number;
  /** Default: from 1 s, doubling to 5 min. */
  readonly backOff?: BackOff;
}

/** A task of a job. */
export interface BatchTask extends TaskSpecLike {
  /** Unique within the job. */
  readonly id: string;
  /** How many of it run: each is a task of its own. Default 1. */
  readonly instances?: number;
  /** For each instance. A number is a limit. Default: those of the job. In a gang only the job has retries. */
  readonly retries?: number | Retries;
  /** Where it may run; `unique` and `spread` count the instances of this task. */
  readonly constraints?: readonly Constraint[];
}

/**
 * How a job is served: `urgent` ones get the next offer that fits, before all others; `deferrable` ones get what nobody
 * else wants, until `startBy`.
 */
export type JobClass = 'urgent' | 'normal' | 'deferrable';

/** Tasks that belong together. The job is finished when all of them are, and has failed when one has for good. */
export interface BatchJob {
  /** Unique among the jobs of the scheduler. */
  readonly id: string;
  readonly tasks: readonly BatchTask[];
  /** The higher comes first; it is also that of its tasks. Default 0. */
  readonly priority?: number;
  /** Jobs that must be finished before. If one ends otherwise, this one is skipped. */
  readonly after?: readonly string[];
  /**
   * All tasks run at once or none: nothing is launched before there is room for everything. If one fails or is lost, the
   * rest is ended and all begins anew. Default false.
   */
  readonly gang?: boolean;
  /** If it is not finished so long after it was added, its tasks are ended and it has failed, ms. */
  readonly deadlineMs?: number;
  /** The same, as an instant of the scheduler's clock, ms. */
  readonly deadline?: number;
  /** For tasks without retries of their own; for a gang, of the whole. A number is a limit. */
  readonly retries?: number | Retries;
  /** Default `normal`. */
  readonly class?: JobClass;
  /** Nothing of it starts before this instant, ms. */
  readonly notBefore?: number;
  /** From this instant on a deferrable job is a normal one, ms. */
  readonly startBy?: number;
  /** Where its tasks may run; `unique` and `spread` count all tasks of the job. */
  readonly constraints?: readonly Constraint[];
}

/** Retries with all their numbers. */
export interface FullRetries {
  readonly limit: number;
  readonly backOff: FullBackOff;
}

/** A task of a job as it is kept. */
export interface BatchTaskSpec {
  readonly id: string;
  readonly instances: number;
  readonly retries: FullRetries;
  readonly constraints: readonly Constraint[];
  readonly spec: TaskSpec;
}

/** A job as it is kept: plain JSON, complete. */
export interface JobSpec {
  readonly id: string;
  readonly tasks: readonly BatchTaskSpec[];
  readonly priority: number;
  readonly after: readonly string[];
  readonly gang: boolean;
  readonly deadlineMs: number | null;
  readonly deadline: number | null;
  readonly retries: FullRetries;
  readonly class: JobClass;
  readonly notBefore: number | null;
  readonly startBy: number | null;
  readonly constraints: readonly Constraint[];
}

const usualBackOff: FullBackOff = { firstMs: 1_000, maxMs: 300_000, factor: 2, jitter: 0.5 };
/** What a task's id may need beside those of its job and itself. */
const longestIds = 230;
const mostInstances = 100_000;

const retriesShape = only({ optional: { limit: between(0, 1e6), backOff: readBackOff } });

const readRetries: Reader<FullRetries> = (value, path) => {
  const { limit = 0, backOff = usualBackOff } =
    typeof value === 'number' ? { limit: between(0, 1e6)(value, path) } : retriesShape(value, path);
  return { limit, backOff };
};

const taskShape = only({
  required: { ...taskSpecFields.required, id: idText },
  optional: {
    ...taskSpecFields.optional,
    instances: between(1, mostInstances),
    retries: readRetries,
    constraints: list(readConstraint),
  },
});

const classes = ['urgent', 'normal', 'deferrable'] as const;

const jobShape = only({
  required: { id: idText, tasks: someOf(taskShape) },
  optional: {
    priority: amountOf,
    after: list(idText),
    gang: flag,
    deadlineMs: duration,
    deadline: instant,
    retries: readRetries,
    class: oneOf(classes),
    notBefore: instant,
    startBy: instant,
    constraints: list(readConstraint),
  },
});

/**
 * Reads a job.
 *
 * @throws InputError with the path of what is wrong.
 */
export const readJob: Reader<JobSpec> = (value, path) => {
  const job = jobShape(value, path);
  const { id, tasks, priority = 0, after = [], gang = false, retries = { limit: 0, backOff: usualBackOff } } = job;
  const spec: JobSpec = {
    id,
    tasks: tasks.map((task, index) => ({
      id: task.id,
      instances: task.instances ?? 1,
      retries: task.retries ?? retries,
      constraints: task.constraints ?? [],
      spec: taskSpecOf(task, `${path}.tasks[${index}]`),
    })),
    priority,
    after: [...new Set(after)],
    gang,
    deadlineMs: job.deadlineMs ?? null,
    deadline: job.deadline ?? null,
    retries,
    class: job.class ?? 'normal',
    notBefore: job.notBefore ?? null,
    startBy: job.startBy ?? null,
    constraints: job.constraints ?? [],
  };
  checkJob(spec, job, path);
  return spec;
};

function checkJob(spec: JobSpec, written: ReturnType<typeof jobShape>, path: string): void {
  const seen = new Set<string>();
  let instances = 0;
  for (const [index, task] of spec.tasks.entries()) {
    const where = `${path}.tasks[${index}]`;
    if (seen.has(task.id)) refuse('duplicate-task', `${where}.id`, `names the task ${quote(task.id)} twice`);
    seen.add(task.id);
    instances += task.instances;
    if (spec.id.length + task.id.length > longestIds) {
      refuse(
        'bad-id',
        `${where}.id`,
        `and the id of its job must not have more than ${longestIds} characters together`,
      );
    }
    if (spec.gang && written.tasks[index]?.retries !== undefined) {
      refuse('bad-retries', `${where}.retries`, 'cannot be there: a gang is only retried as a whole');
    }
  }
  if (instances > mostInstances)
    refuse('bad-count', `${path}.tasks`, `must not have more than ${mostInstances} instances`);
  if (spec.after.includes(spec.id)) throw cycle(`${path}.after`, [spec.id, spec.id]);
  if (spec.deadlineMs !== null && spec.deadline !== null) {
    refuse('two-deadlines', `${path}.deadline`, 'must not be there beside deadlineMs');
  }
  if (spec.startBy !== null && spec.class !== 'deferrable') {
    refuse('bad-class', `${path}.startBy`, 'is for deferrable jobs');
  }
}

/** Jobs that wait for each other. */
export function cycle(path: string, ids: readonly string[]): InputError {
  return new InputError(
    'dependency-cycle',
    path,
    `${path}: jobs wait for each other: ${ids.map(quote).join(' after ')}`,
  );
}

const savedTask = only({
  required: {
    id: idText,
    instances: between(1, mostInstances),
    retries: readRetries,
    constraints: list(readConstraint),
    spec: readSavedSpec,
  },
});

/** Reads a job that was saved. */
export const readSavedJob: Reader<JobSpec> = fields({
  required: {
    id: idText,
    tasks: someOf(savedTask),
    priority: amountOf,
    after: list(idText),
    gang: flag,
    deadlineMs: nullable(duration),
    deadline: nullable(instant),
    retries: readRetries,
    class: oneOf(classes),
    notBefore: nullable(instant),
    startBy: nullable(instant),
    constraints: list(readConstraint),
  },
});
