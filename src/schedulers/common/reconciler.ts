import type { Scheduler, SchedulerDriver } from '../../framework-api/index.js';
import { Alarm } from '../../master/alarm.js';
import { systemClock, type Clock } from '../../master/index.js';
import {
  askAgain,
  beginReconciliation,
  heardOf,
  nextQuestionAt,
  usualReconcileTimes,
  type Asked,
  type Reconciliation,
  type ReconcileTimes,
  type TaskQuestion,
} from './reconciliation.js';

/** What a reconciler must know. */
export interface ReconcilerOptions extends ReconcileTimes {
  /** The scheduler's tasks that are not over, as it knows them at that moment. */
  readonly tasks: () => readonly TaskQuestion[];
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Of the waits. Default 1. */
  readonly seed?: number;
}

/** Asks what became of tasks, for as long as a subscription stands. Call each of its handlers from that of the scheduler. */
export interface Reconciler extends Required<Pick<Scheduler, 'subscribed' | 'update' | 'disconnected'>> {
  /** Tasks that were asked about and of which nothing was heard since. */
  readonly pending: readonly string[];
  /** Asks nothing more. */
  close(): void;
}

/**
 * The asking of REC-3 by itself, for a scheduler of one's own: after each subscription it asks about all tasks, again and
 * again about those of which nothing is heard, and every quarter of an hour about all that the master knows.
 *
 * @example
 * const asking = reconciler({ tasks: () => [...running.keys()].map((task) => ({ task })) });
 * const scheduler: Scheduler = {
 *   subscribed: (...args) => asking.subscribed(...args),
 *   disconnected: (...args) => asking.disconnected(...args),
 *   update(status, driver) {
 *     asking.update(status, driver);
 *     if (status.terminal) running.delete(status.task);
 *   },
 * };
 */
export function reconciler({ tasks, clock = systemClock(), seed = 1, ...given }: ReconcilerOptions): Reconciler {
  const times = { ...usualReconcileTimes, ...given };
  let state: Reconciliation | undefined;
  let driver: SchedulerDriver | undefined;
  const take = ([next, question]: Asked): void => {
    state = next;
    alarm.set(nextQuestionAt(next));
    if (question !== undefined) driver?.reconcile(question);
  };
  const alarm = new Alarm(clock, () => {
    if (state !== undefined) take(askAgain(state, tasks, clock.now(), { times, seed }));
  });
  const rest = (): void => {
    state = undefined;
    alarm.cancel();
  };
  return {
    get pending() {
      return state?.open.keys() ?? [];
    },
    subscribed(_subscription, by) {
      driver = by;
      alarm.cancel();
      take(beginReconciliation(tasks(), clock.now(), { times, seed, implicit: false }));
    },
    update({ task }) {
      if (state !== undefined) state = heardOf(state, task);
    },
    disconnected: rest,
    close: rest,
  };
}
