/** Runs: how they begin, how they wait for each other, and what follows when they are over. */
import { InvariantError } from '../../resources/index.js';
import { batchTransition, type BatchInput } from '../batch/machine.js';
import { jobOf } from '../batch/jobs.js';
import type { JobRow } from '../batch/state.js';
import {
  mostPast,
  runId,
  setCronJob,
  type CronRow,
  type CronStep,
  type PastRun,
  type RunOutcome,
  type RunRef,
} from './state.js';

/** Tells the batch scheduler something. */
export function tellBatch(step: CronStep, input: BatchInput): void {
  const [batch, outputs] = batchTransition(step.machine.batch, input, { at: step.at, settings: step.settings });
  step.machine = { ...step.machine, batch };
  step.heard = [...step.heard, ...outputs];
}

/** A job is due: its run begins, waits, or is let go. */
export function fall(step: CronStep, { job, due }: RunRef): void {
  const row = rowOf(step, job);
  const { overlap, maxCatchUp } = row.spec;
  const fallen: CronRow = { ...row, last: Math.max(row.last, due) };
  if (row.open.length === 0 && row.queue.length === 0) return begin(step, fallen, due);
  switch (overlap) {
    case 'allow':
      return begin(step, fallen, due);
    case 'skip':
      return letGo(step, fallen, due, ['overlapped', 'Another run was not over']);
    case 'queue': {
      const queue = [...row.queue, due];
      setCronJob(step, { ...fallen, queue: queue.slice(-maxCatchUp) });
      for (const old of queue.slice(0, -maxCatchUp)) {
        letGo(step, rowOf(step, job), old, ['overlapped', 'Too many runs were not over']);
      }
      return;
    }
    case 'replace': {
      setCronJob(step, { ...fallen, queue: [due] });
      for (const old of row.queue) letGo(step, rowOf(step, job), old, ['overlapped', 'A later run took its place']);
      endOpen(step, row, 'A later run took its place');
      return;
    }
  }
  overlap satisfies never;
}

/** Ends all runs of a job that are not over. */
export function endOpen(step: CronStep, { spec, open }: CronRow, why: string): void {
  for (const due of open) tellBatch(step, { type: 'cancel', job: runId({ job: spec.id, due }), why });
}

/** Ends a run that has not begun in time. */
export function endLate(step: CronStep, ref: RunRef): void {
  tellBatch(step, { type: 'cancel', job: runId(ref), why: tooLate });
}

const tooLate = 'It did not begin in time';

function begin(step: CronStep, row: CronRow, due: number): void {
  const ref = { job: row.spec.id, due };
  const id = runId(ref);
  setCronJob(step, { ...row, open: [...row.open, due] });
  step.machine = { ...step.machine, runs: step.machine.runs.set(id, ref, step.edit) };
  tellBatch(step, { type: 'add', jobs: [{ ...row.spec.run, id }] });
}

/** A run that never begins. */
function letGo(step: CronStep, row: CronRow, due: number, [outcome, why]: readonly [RunOutcome, string]): void {
  remember(step, row, { due, outcome, why, startedAt: null, endedAt: step.at });
}

/** A due time at which nobody was there. */
export function miss(step: CronStep, { job, due }: RunRef): void {
  const row = rowOf(step, job);
  letGo(step, { ...row, last: Math.max(row.last, due) }, due, ['missed', 'Nobody was there to begin it']);
}

function remember(step: CronStep, row: CronRow, run: PastRun): void {
  setCronJob(step, { ...row, past: [...row.past, run].slice(-mostPast) });
  step.calls.push({ type: 'over', job: row.spec.id, run });
}

/** Hears what the batch scheduler has said, until it says nothing more: what is over is remembered, what waits begins. */
export function hearBatch(step: CronStep): void {
  while (step.heard.length > 0) {
    const { heard } = step;
    step.heard = [];
    for (const output of heard) {
      if (output.type === 'status') {
        const ref = step.machine.runs.get(output.job);
        if (ref !== undefined) step.calls.push({ type: 'status', status: output.status, ...ref });
      } else if (output.type === 'changed') changed(step, output.job);
      else step.calls.push(output);
    }
  }
}

function changed(step: CronStep, id: string): void {
  const ref = step.machine.runs.get(id);
  if (ref !== undefined) step.changed.add(ref.job);
  const run = jobOf(step.machine.batch, id);
  if (run === undefined || run.endedAt === null) return;
  // Those of a job that was removed are nobody's any more.
  if (ref !== undefined) over(step, ref, run);
  step.machine = { ...step.machine, runs: step.machine.runs.remove(id, step.edit) };
  tellBatch(step, { type: 'forget', job: id });
}

function over(step: CronStep, { job, due }: RunRef, { outcome, why, startedAt, endedAt }: JobRow): void {
  const known = step.machine.jobs.get(job);
  if (known === undefined) return;
  const how = why === tooLate ? 'missed' : (outcome ?? 'cancelled');
  const end: PastRun = { due, outcome: how, why, startedAt, endedAt: endedAt ?? step.at };
  const open = known.open.filter((each) => each !== due);
  remember(step, { ...known, open }, end);
  if (outcome === 'finished') trigger(step, { job, due });
  const row = rowOf(step, job);
  const [first, ...rest] = row.queue;
  if (first !== undefined && row.open.length === 0) begin(step, { ...row, queue: rest }, first);
}

/** A run of a job has finished: jobs that run after it may be due. */
function trigger(step: CronStep, { job, due }: RunRef): void {
  for (const child of step.machine.jobs.values()) {
    const { spec, counted } = child;
    if (!spec.after.includes(job) || due <= dueOf(counted, job)) continue;
    const finished = withDue(child.finished, job, due);
    if (finished.length < spec.after.length) {
      setCronJob(step, { ...child, finished });
      continue;
    }
    // Due as what it waits for, at the latest of them: so it is never due twice for the same runs.
    const latest = Math.max(...finished.map(([, each]) => each));
    setCronJob(step, { ...child, finished: [], counted: finished });
    if (latest > child.last) fall(step, { job: spec.id, due: latest });
  }
}

type Dues = readonly (readonly [job: string, due: number])[];

function dueOf(dues: Dues, job: string): number {
  return dues.find(([id]) => id === job)?.[1] ?? -Infinity;
}

function withDue(dues: Dues, job: string, due: number): Dues {
  return [...dues.filter(([id]) => id !== job), [job, Math.max(due, dueOf(dues, job))]];
}

function rowOf(step: CronStep, id: string): CronRow {
  const row = step.machine.jobs.get(id);
  if (row === undefined) throw new InvariantError(`There is no cron job ${id}`);
  return row;
}
