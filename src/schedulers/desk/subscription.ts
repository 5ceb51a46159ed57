/** The subscription: who the framework is, and asking after each one what became of its tasks (REC-3). */
import { hashText, mix, Table } from '../../resources/index.js';
import {
  askAgain,
  beginReconciliation,
  heardOf,
  nextQuestionAt,
  type Asked,
  type TaskQuestion,
} from '../common/reconciliation.js';
import { killAgain } from './kills.js';
import { setSession, type Desk, type DeskStep } from './desk.js';

/**
 * The subscription stands, for the first time or again: nothing that was said before is sure to have been heard.
 *
 * @returns whether it is the framework whose tasks are known.
 */
export function subscribed(step: DeskStep, framework: string): boolean {
  const { framework: kept, seed } = step.desk;
  if (kept !== null && kept !== framework) {
    setSession(step, { standing: 'wrong', offers: [], reconciliation: null });
    return false;
  }
  // Schedulers with one seed must not have one luck: those that wait for each other would do so for ever.
  if (kept === null) step.desk = { ...step.desk, framework, seed: mix(seed, hashText(framework)) };
  setSession(step, {
    standing: 'subscribed',
    offers: [],
    suppressed: null,
    filtered: false,
    demand: null,
    waiting: Table.empty(),
  });
  // What was given up while it may have lived on is told of only to who asks about everything.
  if (step.desk.abandoned > 0) step.calls.push({ type: 'reconcile', tasks: [] });
  const how = { times: step.settings.reconcile, seed: step.desk.seed, implicit: false };
  ask(step, beginReconciliation(questions(step.desk), step.at, how));
  for (const attempt of step.desk.attempts.values()) killAgain(step, attempt);
  return true;
}

/** The wire was lost, or the subscription ended: offers are void, nothing can be said. */
export function unsubscribed(step: DeskStep, standing: 'disconnected' | 'ended'): void {
  setSession(step, { standing, offers: [], reconciliation: null });
}

/** Forgets who the framework was, after it was removed: its tasks are being ended by those who run them (FW-7). */
export function forgetFramework(step: DeskStep): void {
  step.desk = { ...step.desk, framework: null };
}

export function isSubscribed({ session }: Desk): boolean {
  return session.standing === 'subscribed';
}

/** Something was heard of a task. */
export function noteHeard(step: DeskStep, task: string): void {
  const { reconciliation } = step.desk.session;
  if (reconciliation === null) return;
  const heard = heardOf(reconciliation, task);
  if (heard !== reconciliation) setSession(step, { reconciliation: heard });
}

/** Asks what is due. Without tasks there is nothing to ask. */
export function reconcileIfDue(step: DeskStep): void {
  const { reconciliation } = step.desk.session;
  if (reconciliation === null || step.desk.attempts.size === 0) return;
  if (nextQuestionAt(reconciliation) > step.at) return;
  const how = { times: step.settings.reconcile, seed: step.desk.seed };
  ask(
    step,
    askAgain(reconciliation, () => questions(step.desk), step.at, how),
  );
}

function ask(step: DeskStep, [reconciliation, question]: Asked): void {
  setSession(step, { reconciliation });
  if (question !== undefined) step.calls.push({ type: 'reconcile', tasks: question });
}

function questions({ attempts }: Desk): readonly TaskQuestion[] {
  return attempts.values().map(({ id, agent }) => ({ task: id, agent }));
}
