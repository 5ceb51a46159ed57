/** What follows when an attempt is over: it is done, tried again, or its job has failed. */
import type { TaskStatus } from '../../tasks/index.js';
import { backOffMs } from '../common/back-off.js';
import { endOf, lossBackOff, type End } from '../common/ends.js';
import { draw, type Attempt } from '../desk/desk.js';
import { end } from '../desk/kills.js';
import { close, decide } from './jobs.js';
import { setJob, setSlot, taskAt, untried, type BatchStep, type JobRow, type LastWord, type Slot } from './state.js';

/** An attempt has ended. */
export function attemptEnded(step: BatchStep, attempt: Attempt, status: TaskStatus): void {
  const message = status.message ?? status.reason ?? null;
  const last = { task: attempt.id, agent: attempt.agent, state: status.state, message, at: step.at };
  over(step, attempt, endOf(status), last);
}

/** An attempt was given up: nobody knows whether it lives on. */
export function attemptGivenUp(step: BatchStep, attempt: Attempt): void {
  const { id: task, agent, state } = attempt;
  over(step, attempt, 'lost', { task, agent, state, message: 'Nothing was heard of it for too long', at: step.at });
}

function over(step: BatchStep, attempt: Attempt, how: End, last: LastWord): void {
  const { owner, slot: index } = attempt;
  const job = step.machine.open.get(owner);
  const slot = job?.slots[index];
  if (job === undefined || slot === undefined || slot.attempt !== attempt.id) return;
  if (job.spec.constraints.length > 0 || taskAt(job.spec, index).constraints.length > 0) step.looser = true;
  const rest: Partial<Slot> = { attempt: null, last };
  if (job.outcome !== null) {
    setSlot(step, job, index, { ...rest, state: how === 'finished' ? 'finished' : 'dropped' });
    return close(step, owner);
  }
  if (job.restarting) {
    setSlot(step, job, index, { ...rest, state: 'waiting' });
    return restartIfEmpty(step, owner);
  }
  if (how === 'finished') {
    setSlot(step, job, index, { ...rest, state: 'finished', losses: 0 });
    return close(step, owner);
  }
  if (job.spec.gang) return gangBroken(step, setSlot(step, job, index, { ...rest, state: 'waiting' }), index, how);
  tryAgain(step, job, index, how, last);
}

function tryAgain(step: BatchStep, job: JobRow, index: number, how: 'failed' | 'lost', last: LastWord): void {
  const slot = job.slots[index] ?? untried;
  const { retries, id } = taskAt(job.spec, index);
  const failures = slot.failures + Number(how === 'failed');
  const losses = how === 'lost' ? slot.losses + 1 : 0;
  if (how === 'failed' && failures > retries.limit) {
    setSlot(step, job, index, { attempt: null, last, state: 'failed', failures, losses });
    return decide(step, job.spec.id, 'failed', whyFailed(id, failures, last));
  }
  const wait =
    how === 'failed' ? backOffMs(retries.backOff, failures, draw(step)) : backOffMs(lossBackOff, losses, draw(step));
  const notBefore = step.at + wait;
  setSlot(step, job, index, { attempt: null, last, state: 'waiting', failures, losses, notBefore });
}

function whyFailed(task: string, failures: number, last: LastWord | null): string {
  const times = failures === 1 ? '' : ` ${failures} times`;
  return `Task '${task}' failed${times}: ${last?.message ?? last?.state ?? 'nobody knows why'}`;
}

/** One of a gang is gone: the others are ended, and all begins anew, unless that was once too often. */
function gangBroken(step: BatchStep, job: JobRow, index: number, how: 'failed' | 'lost'): void {
  const { retries, id } = job.spec;
  const failures = job.failures + Number(how === 'failed');
  const losses = how === 'lost' ? job.losses + 1 : 0;
  const broken: JobRow = { ...job, failures, losses, restarting: true };
  setJob(step, broken);
  const last = job.slots[index]?.last ?? null;
  if (how === 'failed' && failures > retries.limit) {
    setSlot(step, broken, index, { state: 'failed' });
    return decide(step, id, 'failed', whyFailed(taskAt(job.spec, index).id, failures, last));
  }
  for (const { attempt } of job.slots) if (attempt !== null) end(step, attempt);
  restartIfEmpty(step, id);
}

/** A gang of which nothing runs any more waits for a while and is as if it had never been tried. */
function restartIfEmpty(step: BatchStep, id: string): void {
  const job = step.machine.open.get(id);
  if (job === undefined || job.live > 0) return;
  const { failures, losses } = job;
  const wait =
    losses > 0 ? backOffMs(lossBackOff, losses, draw(step)) : backOffMs(job.spec.retries.backOff, failures, draw(step));
  const slots = job.slots.map((slot): Slot => ({ ...slot, state: 'waiting' }));
  setJob(step, { ...job, slots, waiting: slots.length, restarting: false, notBefore: step.at + wait });
}
