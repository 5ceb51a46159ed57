/** A batch scheduler as plain immutable data. */
import { Edit, InvariantError, Table } from '../../resources/index.js';
import type { TaskState, TaskStatus } from '../../tasks/index.js';
import { emptyDesk, type Desk, type DeskSettings, type DeskStep } from '../desk/desk.js';
import type { BackOff } from '../common/back-off.js';
import type { Packing } from '../common/bins.js';
import type { BatchTaskSpec, JobSpec } from './job.js';

/** What was last heard of an instance. */
export interface LastWord {
  /** The id of the attempt that it was. */
  readonly task: string;
  readonly agent: string;
  readonly state: TaskState;
  readonly message: string | null;
  /** When it was heard, ms. */
  readonly at: number;
}

/**
 * How an instance stands: `waiting` for an offer or its time, `live` as far as is known, `finished`, `failed` for good,
 * or `dropped`, because its job has ended without it.
 */
export type SlotState = 'waiting' | 'live' | 'finished' | 'failed' | 'dropped';

/** One instance of a task of a job. */
export interface Slot {
  readonly state: SlotState;
  /** The attempt that is live; null = none. */
  readonly attempt: string | null;
  /** Launched so far. */
  readonly attempts: number;
  /** Attempts that failed: what its retries count. */
  readonly failures: number;
  /** Attempts that ended without their own fault since one last ended by itself. */
  readonly losses: number;
  /** Not launched before, ms; null = at once. */
  readonly notBefore: number | null;
  readonly last: LastWord | null;
}

/** How a job ended. */
export type Outcome = 'finished' | 'failed' | 'skipped' | 'cancelled';

/** A job, in the form in which it is saved. */
export interface JobRow {
  readonly spec: JobSpec;
  /** In which order jobs came. */
  readonly number: number;
  readonly addedAt: number;
  /** When it must be finished, ms; null = never. */
  readonly deadline: number | null;
  /** The instances of all its tasks, in their order. */
  readonly slots: readonly Slot[];
  /** How many of them wait, and how many are live. */
  readonly waiting: number;
  readonly live: number;
  /** When its first task was launched, ms. */
  readonly startedAt: number | null;
  /** How it ends; there may still be tasks to end then. null = that is open. */
  readonly outcome: Outcome | null;
  /** Why, where it did not finish. */
  readonly why: string | null;
  /** When nothing of it was left, ms. */
  readonly endedAt: number | null;
  /** A gang: it is being ended so as to begin anew. */
  readonly restarting: boolean;
  /** A gang: how often it failed, and how often it was lost since it last failed. */
  readonly failures: number;
  readonly losses: number;
  /** A gang: how often in a row it held offers in vain. */
  readonly holds: number;
  /** A gang: until when it does not try, ms. */
  readonly notBefore: number | null;
}

/** A gang that holds offers until it has all that it needs. */
export interface Hold {
  readonly job: string;
  /** When it gives them back, ms. */
  readonly until: number;
  /** Ids of the offers. */
  readonly offers: readonly string[];
}

/** A batch scheduler. */
export interface BatchMachine {
  readonly desk: Desk;
  /** Jobs of which something is left, and those that have ended; by id. */
  readonly open: Table<JobRow>;
  readonly done: Table<JobRow>;
  /** Jobs made so far. */
  readonly numbers: number;
  /** By job: the open jobs that wait for its end. Not saved, it follows from them. */
  readonly dependents: Table<readonly string[]>;
  /** Not saved: offers end with the process. */
  readonly hold: Hold | null;
}

/** How a batch scheduler behaves. */
export interface BatchSettings extends DeskSettings {
  readonly packing: Packing;
  /** How long a gang may hold offers, ms. */
  readonly gangHoldMs: number;
  /** How long a gang waits after it held offers in vain. */
  readonly gangBackOff: BackOff;
}

/** What a batch scheduler tells its host. */
export type BatchNews =
  | { readonly type: 'changed'; readonly job: string }
  | { readonly type: 'status'; readonly status: TaskStatus; readonly job: string; readonly slot: number };

/** One transition under way. */
export interface BatchStep extends DeskStep {
  machine: Omit<BatchMachine, 'desk'>;
  readonly settings: BatchSettings;
  readonly statuses: Extract<BatchNews, { type: 'status' }>[];
  /** Jobs that are another than before. */
  readonly changed: Set<string>;
  /** A task ended that a constraint of others looked at: what was refused before may do now. */
  looser: boolean;
}

/** A scheduler without jobs. */
export function emptyBatch(seed: number): BatchMachine {
  return {
    desk: emptyDesk(seed),
    open: Table.empty(),
    done: Table.empty(),
    numbers: 0,
    dependents: Table.empty(),
    hold: null,
  };
}

/** Begins a transition. Time that goes back stands still. */
export function beginBatchStep(machine: BatchMachine, at: number, settings: BatchSettings): BatchStep {
  const { desk, ...rest } = machine;
  const now = Math.max(desk.now, at);
  return {
    desk: now === desk.now ? desk : { ...desk, now },
    machine: rest,
    at: now,
    edit: new Edit(),
    settings,
    calls: [],
    statuses: [],
    changed: new Set(),
    looser: false,
  };
}

/** Writes a job that is open. */
export function setJob(step: BatchStep, job: JobRow): void {
  const { id } = job.spec;
  step.machine = { ...step.machine, open: step.machine.open.set(id, job, step.edit) };
  step.changed.add(id);
}

/** Writes one instance of a job, and gives the job as it is then. */
export function setSlot(step: BatchStep, job: JobRow, index: number, changes: Partial<Slot>): JobRow {
  const before = job.slots[index];
  if (before === undefined) return job;
  const after = { ...before, ...changes };
  const slots = [...job.slots];
  slots[index] = after;
  const changed: JobRow = {
    ...job,
    slots,
    waiting: job.waiting + Number(after.state === 'waiting') - Number(before.state === 'waiting'),
    live: job.live + Number(after.state === 'live') - Number(before.state === 'live'),
  };
  setJob(step, changed);
  return changed;
}

/** An instance that has not been tried. */
export const untried: Slot = {
  state: 'waiting',
  attempt: null,
  attempts: 0,
  failures: 0,
  losses: 0,
  notBefore: null,
  last: null,
};

/** Which task of its job an instance is of, by index, and which instance of it, from 0. */
export interface SlotPlace {
  readonly task: number;
  readonly instance: number;
}

const places = new WeakMap<JobSpec, readonly SlotPlace[]>();

/** Of each instance of a job. */
export function slotPlaces(spec: JobSpec): readonly SlotPlace[] {
  const known = places.get(spec);
  if (known !== undefined) return known;
  const found = spec.tasks.flatMap(({ instances }, task) =>
    Array.from({ length: instances }, (_, instance) => ({ task, instance })),
  );
  places.set(spec, found);
  return found;
}

/** The task of a job that an instance is of. */
export function taskAt(spec: JobSpec, slot: number): BatchTaskSpec {
  const task = spec.tasks[slotPlaces(spec)[slot]?.task ?? -1];
  if (task === undefined) throw new InvariantError(`Job ${spec.id} has no instance ${slot}`);
  return task;
}
