/**
 * The cron scheduler as a pure machine. Each run is a job of a batch scheduler within it, under an id made of its job and
 * the instant at which it was due; up to which instant due times were dealt with is part of the state. So no run ever
 * happens twice, whoever dies.
 *
 * Inputs are those of the batch scheduler, but for what its host says: `set` (a job comes, or is another), `remove`, and
 * `cancel` (its runs end, and it will be due again).
 * The calendar that says when a schedule is due is one of the settings.
 */
import { sameJson } from '../common/reading.js';
import { Edit } from '../../resources/index.js';
import { nextBatchDeadline } from '../batch/machine.js';
import { jobOf } from '../batch/jobs.js';
import type { DeskCall } from '../desk/desk.js';
import type { DeskInput } from '../desk/input.js';
import { latestDues } from './dues.js';
import type { CronSpec } from './job.js';
import { endLate, endOpen, fall, hearBatch, miss, tellBatch } from './runs.js';
import {
  runId,
  setCronJob,
  setNext,
  type CronMachine,
  type CronNews,
  type CronRow,
  type CronSettings,
  type CronStep,
} from './state.js';

/** What only the host of a cron scheduler can say. */
export type CronOwnInput =
  { readonly type: 'set'; readonly job: CronSpec } | { readonly type: 'remove' | 'cancel'; readonly job: string };

/** What can happen to a cron scheduler. */
export type CronInput = DeskInput | CronOwnInput;

/** What is owed after an input, in order. */
export type CronOutput = DeskCall | CronNews;

/**
 * One step of a cron scheduler.
 *
 * @param when.at the time, ms.
 */
export function cronTransition(
  machine: CronMachine,
  input: CronInput,
  { at, settings }: { readonly at: number; readonly settings: CronSettings },
): readonly [CronMachine, readonly CronOutput[]] {
  const now = Math.max(machine.batch.desk.now, at);
  const step: CronStep = { machine, at: now, edit: new Edit(), settings, calls: [], changed: new Set(), heard: [] };
  // Time first: what is due now is due before anything else happens.
  tellBatch(step, { type: 'tick' });
  hearBatch(step);
  expireLate(step);
  for (const { spec } of inOrder(step.machine)) comeDue(step, spec.id);
  act(step, input);
  hearBatch(step);
  const changed = [...step.changed].map((job) => ({ type: 'changed', job }) as const);
  return [step.machine, [...step.calls, ...changed]];
}

/** When something will happen by itself, ms; `Infinity` = never. */
export function nextCronDeadline(machine: CronMachine, settings: CronSettings): number {
  let first = nextBatchDeadline(machine.batch, settings);
  machine.next.forEach((due) => (first = Math.min(first, due)));
  for (const row of machine.jobs.values()) for (const at of lateAt(machine, row).values()) first = Math.min(first, at);
  return first;
}

function inOrder({ jobs }: CronMachine): readonly CronRow[] {
  return jobs.values().sort((one, other) => one.number - other.number);
}

function act(step: CronStep, input: CronInput): void {
  switch (input.type) {
    case 'set':
      return set(step, input.job);
    case 'remove':
      return remove(step, input.job);
    case 'cancel':
      return cancel(step, input.job);
    default:
      return tellBatch(step, input);
  }
}

/** Deals with all due times up to now. */
function comeDue(step: CronStep, id: string): void {
  const row = step.machine.jobs.get(id);
  const next = step.machine.next.get(id);
  if (row?.spec.schedule == null || next === undefined || next > step.at) return;
  const { schedule, epsilonMs, catchUp, maxCatchUp } = row.spec;
  const { calendar } = step.settings;
  // Instants are whole, so what is late by just epsilon is not yet missed.
  const timely = Math.max(row.last, step.at - epsilonMs - 1);
  if (next <= timely) {
    const count = catchUp === 'all' ? maxCatchUp : 1;
    const missed = latestDues(calendar, schedule, { from: row.last, to: timely, count });
    for (const due of missed) (catchUp === 'none' ? miss : fall)(step, { job: id, due });
  }
  const onTime = { from: timely, to: step.at, count: Number.MAX_SAFE_INTEGER };
  for (const due of latestDues(calendar, schedule, onTime)) fall(step, { job: id, due });
  const after = step.machine.jobs.get(id);
  if (after !== undefined) setCronJob(step, { ...after, last: Math.max(after.last, step.at) });
  setNext(step, id, calendar.next(schedule, step.at));
}

/** Of runs that have not begun and may not begin late: from when they may not, ms. By the due time. */
function lateAt({ batch }: CronMachine, { spec, open }: CronRow): ReadonlyMap<number, number> {
  const late = new Map<number, number>();
  if (spec.catchUp !== 'none') return late;
  for (const due of open) {
    const run = jobOf(batch, runId({ job: spec.id, due }));
    if (run?.outcome === null && run.startedAt === null) late.set(due, due + spec.epsilonMs + 1);
  }
  return late;
}

/** Lets go of runs that did not begin in time, where late is too late. */
function expireLate(step: CronStep): void {
  for (const row of inOrder(step.machine)) {
    for (const [due, at] of lateAt(step.machine, row)) {
      if (at <= step.at) endLate(step, { job: row.spec.id, due });
    }
  }
  hearBatch(step);
}

function set(step: CronStep, spec: CronSpec): void {
  const known = step.machine.jobs.get(spec.id);
  const isScheduledAnew = known !== undefined && !sameJson(known.spec.schedule, spec.schedule);
  if (known !== undefined) {
    // A new schedule was never missed.
    const last = isScheduledAnew ? Math.max(known.last, step.at) : known.last;
    const after = new Set(spec.after);
    const finished = known.finished.filter(([job]) => after.has(job));
    setCronJob(step, { ...known, spec, last, finished });
  } else {
    const number = step.machine.numbers + 1;
    step.machine = { ...step.machine, numbers: number };
    // Not even right now: if it was there before and removed, that may have been dealt with.
    setCronJob(step, { spec, number, last: step.at, queue: [], open: [], past: [], finished: [], counted: [] });
  }
  const last = step.machine.jobs.get(spec.id)?.last ?? step.at;
  setNext(step, spec.id, spec.schedule === null ? null : step.settings.calendar.next(spec.schedule, last));
}

/** Ends the runs of a job and forgets it. */
function remove(step: CronStep, id: string): void {
  const row = step.machine.jobs.get(id);
  if (row === undefined) return;
  step.machine = { ...step.machine, jobs: step.machine.jobs.remove(id, step.edit) };
  setNext(step, id, null);
  step.changed.add(id);
  endOpen(step, row, 'Its job was removed');
}

/** Ends the runs of a job; it will be due again. */
function cancel(step: CronStep, id: string): void {
  const row = step.machine.jobs.get(id);
  if (row === undefined) return;
  setCronJob(step, { ...row, queue: [] });
  endOpen(step, row, 'It was cancelled');
}
