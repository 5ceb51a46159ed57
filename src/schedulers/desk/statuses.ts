/** What is heard of tasks. */
import type { TaskStatus } from '../../tasks/index.js';
import { removeAttempt, setAttempt, type Attempt, type Desk, type DeskStep } from './desk.js';
import { killAgain, killStray } from './kills.js';
import { noteHeard } from './subscription.js';

/** What a status means for a task that is known. `attempt` is as it was before. */
export type Heard =
  | { readonly type: 'ended'; readonly attempt: Attempt; readonly status: TaskStatus }
  | { readonly type: 'moved'; readonly attempt: Attempt; readonly now: Attempt; readonly status: TaskStatus };

/**
 * Notes a status. Whatever comes twice, or late, changes nothing twice: an end is heard once, and what is alive though it
 * was given up is ended.
 *
 * @returns `undefined` if it is about no task that is known.
 */
export function hear(step: DeskStep, status: TaskStatus): Heard | undefined {
  const { task, state, terminal, agent } = status;
  const attempt = step.desk.attempts.get(task);
  if (attempt === undefined) {
    if (!terminal && !isLost(status)) killStray(step, task, agent);
    return undefined;
  }
  // A master that does not know a task may come to know it, or its agent without it: that is asked again.
  if (state !== 'unknown') noteHeard(step, task);
  if (terminal) {
    removeAttempt(step, task);
    return { type: 'ended', attempt, status };
  }
  const now: Attempt = {
    ...attempt,
    state,
    healthy: status.healthy ?? attempt.healthy,
    lostAt: isLost(status) ? (attempt.lostAt ?? Math.min(status.unreachableTime ?? step.at, step.at)) : null,
  };
  setAttempt(step, now);
  // An answer to a question shows that the kill was not heard; the agent's own word may have crossed it.
  if (status.reason === 'reconciliation' && state !== 'killing' && !isLost(status)) killAgain(step, now);
  return { type: 'moved', attempt, now, status };
}

/** Nobody hears of the task, which may live on. */
function isLost({ state }: Pick<TaskStatus, 'state'>): boolean {
  return state === 'unreachable' || state === 'unknown';
}

/** Gives up tasks of which nobody heard for too long, and gives them. If one comes back, it is ended then. */
export function giveUpLost(step: DeskStep): readonly Attempt[] {
  const lost = lostAttempts(step.desk).filter(({ lostAt }) => lostAt + step.settings.unreachableAfterMs <= step.at);
  for (const { id } of lost) {
    removeAttempt(step, id);
    noteHeard(step, id);
    step.desk = { ...step.desk, abandoned: step.desk.abandoned + 1 };
  }
  return lost;
}

/** When the first is given up, ms. */
export function nextGivingUpAt(desk: Desk, unreachableAfterMs: number): number {
  let first = Infinity;
  for (const { lostAt } of lostAttempts(desk)) first = Math.min(first, lostAt + unreachableAfterMs);
  return first;
}

function lostAttempts({ attempts }: Desk): (Attempt & { readonly lostAt: number })[] {
  const lost: (Attempt & { readonly lostAt: number })[] = [];
  attempts.forEach((attempt) => {
    const { lostAt } = attempt;
    if (lostAt !== null) lost.push({ ...attempt, lostAt });
  });
  return lost.sort((one, other) => one.lostAt - other.lostAt || (one.id < other.id ? -1 : 1));
}
