/** Which jobs and instances may be launched now, in which order. */
import { compareText } from '../../resources/index.js';
import { isBlocked } from './jobs.js';
import type { BatchMachine, JobRow, Slot } from './state.js';

/** Whether nothing but offers is missing for the job as a whole. */
export function isJobReady(machine: Pick<BatchMachine, 'done'>, job: JobRow, at: number): boolean {
  return (
    job.waiting > 0 &&
    job.outcome === null &&
    !job.restarting &&
    (job.spec.notBefore ?? -Infinity) <= at &&
    (job.notBefore ?? -Infinity) <= at &&
    !isBlocked(machine, job)
  );
}

/** Whether nothing but an offer is missing for the instance, if its job is ready. */
export function isSlotReady({ state, notBefore }: Slot, at: number): boolean {
  return state === 'waiting' && (notBefore ?? -Infinity) <= at;
}

/** The jobs that wait for offers, in the order in which they are served. */
export function readyJobs(machine: Pick<BatchMachine, 'open' | 'done'>, at: number): readonly JobRow[] {
  const ready: JobRow[] = [];
  machine.open.forEach((job) => {
    if (isJobReady(machine, job, at)) ready.push(job);
  });
  return ready.sort(
    (one, other) =>
      rankOf(one, at) - rankOf(other, at) ||
      other.spec.priority - one.spec.priority ||
      one.number - other.number ||
      compareText(one.spec.id, other.spec.id),
  );
}

function rankOf({ spec }: JobRow, at: number): number {
  if (spec.class === 'urgent') return 0;
  return spec.class === 'deferrable' && (spec.startBy ?? Infinity) > at ? 2 : 1;
}

/** When a job has something to do by itself, ms; `Infinity` = never. */
export function jobDeadline(job: JobRow, at: number): number {
  if (job.outcome !== null) return Infinity;
  let first = job.deadline ?? Infinity;
  const note = (instant: number | null): void => {
    if (instant !== null && instant > at) first = Math.min(first, instant);
  };
  if (job.waiting === 0) return first;
  note(job.spec.notBefore);
  note(job.spec.startBy);
  note(job.notBefore);
  for (const { state, notBefore } of job.slots) if (state === 'waiting') note(notBefore);
  return first;
}
