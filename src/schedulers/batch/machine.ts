/**
 * The batch scheduler as a pure machine: state and input give state and calls. It knows no clock and no luck but its
 * seed.
 *
 * | input | from | what happens |
 * |---|---|---|
 * | subscribed | the driver | the framework is kept; what is not over is asked about; kills are said again |
 * | disconnected | the driver | offers are void; nothing is said until the next subscription |
 * | ended | the driver | the subscription is over for good; if the framework was removed, its tasks are lost |
 * | offers, rescind | the driver | offers are taken into hand, or fall out of it |
 * | update | the driver | an instance finished, is tried again, or its job has failed |
 * | add, cancel, forget | the host | jobs come, are ended, are no longer remembered |
 * | tick | the clock | nothing but that time passes |
 * | settle | the shell, when its queue is empty | offers are used or given back; the master is told what is wanted |
 *
 * Before any of them acts, what is due by its time happens: deadlines of jobs, tasks given up of which nobody heard,
 * gangs that held offers for long enough, questions that are to be asked again.
 *
 * What is called for must be done in order, and not before the state that goes with it is saved: a task is written down
 * before it is launched.
 */
import type { TaskStatus } from '../../tasks/index.js';
import { backOffMs } from '../common/back-off.js';
import { deskDeadline } from '../desk/deadline.js';
import { draw, type DeskCall } from '../desk/desk.js';
import type { DeskInput } from '../desk/input.js';
import { receive, rescind } from '../desk/offers.js';
import { giveUpLost, hear } from '../desk/statuses.js';
import { forgetFramework, reconcileIfDue, subscribed, unsubscribed } from '../desk/subscription.js';
import { attemptEnded, attemptGivenUp } from './ends.js';
import type { JobSpec } from './job.js';
import { addJob, decide, forgetJob } from './jobs.js';
import { settle } from './placing.js';
import { jobDeadline } from './ready.js';
import {
  beginBatchStep,
  setJob,
  type BatchMachine,
  type BatchNews,
  type BatchSettings,
  type BatchStep,
  type JobRow,
} from './state.js';

/** What can happen to a batch scheduler. */
export type BatchInput = DeskInput | BatchOwnInput;

/** What only the host of a batch scheduler can say. */
export type BatchOwnInput =
  | { readonly type: 'add'; readonly jobs: readonly JobSpec[] }
  | { readonly type: 'cancel'; readonly job: string; readonly why?: string }
  | { readonly type: 'forget'; readonly job: string };

/** What is owed after an input, in order. */
export type BatchOutput = DeskCall | BatchNews;

/**
 * One step of a batch scheduler. Jobs that are added must have been checked by `newJobs`.
 *
 * @param when.at the time, ms.
 */
export function batchTransition(
  machine: BatchMachine,
  input: BatchInput,
  { at, settings }: { readonly at: number; readonly settings: BatchSettings },
): readonly [BatchMachine, readonly BatchOutput[]] {
  const step = beginBatchStep(machine, at, settings);
  expire(step);
  act(step, input);
  const changed = [...step.changed].map((job) => ({ type: 'changed', job }) as const);
  return [{ desk: step.desk, ...step.machine }, [...step.calls, ...step.statuses, ...changed]];
}

/** When something will happen by itself, ms; `Infinity` = never. */
export function nextBatchDeadline(machine: BatchMachine, settings: BatchSettings): number {
  let first = Math.min(deskDeadline(machine.desk, settings), machine.hold?.until ?? Infinity);
  machine.open.forEach((job) => (first = Math.min(first, jobDeadline(job, machine.desk.now))));
  return first;
}

/** What is due by now. */
function expire(step: BatchStep): void {
  const overdue: JobRow[] = [];
  step.machine.open.forEach((job) => {
    if (job.outcome === null && job.deadline !== null && job.deadline <= step.at) overdue.push(job);
  });
  overdue.sort((one, other) => one.number - other.number);
  for (const { spec } of overdue) decide(step, spec.id, 'failed', 'It was not finished by its deadline');
  for (const attempt of giveUpLost(step)) attemptGivenUp(step, attempt);
  if (step.machine.hold !== null && step.machine.hold.until <= step.at) letGo(step);
  reconcileIfDue(step);
}

/** A gang held offers in vain: others may have them for a while, among them perhaps one that holds the rest. */
function letGo(step: BatchStep): void {
  const { hold, open } = step.machine;
  const job = hold === null ? undefined : open.get(hold.job);
  step.machine = { ...step.machine, hold: null };
  if (hold === null || job === undefined) return;
  const holds = job.holds + 1;
  const wait = backOffMs(step.settings.gangBackOff, holds, draw(step));
  // Other jobs here come first; what they leave is given back as any offer is.
  setJob(step, { ...job, holds, notBefore: step.at + wait });
}

function act(step: BatchStep, input: BatchInput): void {
  switch (input.type) {
    case 'subscribed':
      step.machine = { ...step.machine, hold: null };
      subscribed(step, input.framework);
      return;
    case 'disconnected':
      step.machine = { ...step.machine, hold: null };
      return unsubscribed(step, 'disconnected');
    case 'ended':
      return ended(step, input.code);
    case 'offers':
      return receive(step, input.offers);
    case 'rescind':
      return rescind(step, input.offer);
    case 'update':
      return update(step, input.status);
    case 'add':
      for (const job of input.jobs) addJob(step, job);
      return;
    case 'cancel':
      return decide(step, input.job, 'cancelled', input.why ?? 'It was cancelled');
    case 'forget':
      forgetJob(step, input.job);
      return;
    case 'tick':
      return;
    case 'settle':
      return settle(step);
  }
  input satisfies never;
}

function update(step: BatchStep, status: TaskStatus): void {
  const heard = hear(step, status);
  if (heard === undefined) return;
  const { owner: job, slot } = heard.attempt;
  step.statuses.push({ type: 'status', status, job, slot });
  if (heard.type === 'ended') attemptEnded(step, heard.attempt, status);
  else step.changed.add(job);
}

/** Of a framework that was removed every task is ended by those who run it, and none of its ids may be used again. */
function ended(step: BatchStep, code: string): void {
  step.machine = { ...step.machine, hold: null };
  unsubscribed(step, 'ended');
  if (code !== 'framework-removed') return;
  forgetFramework(step);
  for (const attempt of step.desk.attempts.values()) {
    const lost = { task: attempt.id, state: 'lost', terminal: true, source: 'master', timestamp: step.at } as const;
    update(step, { ...lost, reason: 'framework-removed' });
  }
}
