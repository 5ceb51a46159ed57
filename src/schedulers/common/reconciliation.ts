/**
 * Asking what became of tasks, as a pure value (REC-3): after each subscription all tasks that are not over are asked
 * about; those of which nothing was heard are asked about again, each time after a longer wait; and every quarter of an
 * hour the whole begins anew with a question about all that the master knows.
 */
import { Table } from '../../resources/index.js';
import { backOffMs, luck, type BackOff } from './back-off.js';

/** A task to ask about. */
export interface TaskQuestion {
  readonly task: string;
  readonly agent?: string;
}

/** How often is asked. */
export interface ReconcileTimes {
  /** Waits between questions about the same tasks. Default: 10 s, doubling to 10 min. */
  readonly backOff?: BackOff;
  /** How long after a beginning all begins anew, ms. Default 15 min. */
  readonly everyMs?: number;
}

export const usualReconcileTimes: Required<ReconcileTimes> = {
  backOff: { firstMs: 10_000, maxMs: 600_000, factor: 2, jitter: 0.2 },
  everyMs: 900_000,
};

/** How far the asking is. */
export interface Reconciliation {
  /** Asked about, and nothing heard since; with the agent to name. */
  readonly open: Table<string | null>;
  /** Questions since it began. */
  readonly asked: number;
  /** When the open ones are asked about again, ms; null = there are none. */
  readonly againAt: number | null;
  /** When it begins anew, ms. */
  readonly anewAt: number;
}

/** What to ask now; no tasks = about all that the master knows. */
export type Question = readonly TaskQuestion[];

/** Where the asking stands and what to ask now; `undefined` = nothing. */
export type Asked = readonly [Reconciliation, Question | undefined];

/**
 * Begins to ask.
 *
 * @param implicit whether to ask about all that the master knows first; the others are asked about one by one later.
 */
export function beginReconciliation(
  tasks: readonly TaskQuestion[],
  at: number,
  {
    times,
    seed,
    implicit,
  }: { readonly times: Required<ReconcileTimes>; readonly seed: number; readonly implicit: boolean },
): Asked {
  const open = Table.from(tasks.map(({ task, agent }) => [task, agent ?? null] as const));
  const begun = { open, asked: 1, anewAt: at + times.everyMs };
  const againAt = open.size === 0 ? null : at + backOffMs(times.backOff, 1, luck(seed, at));
  return [{ ...begun, againAt }, implicit || open.size > 0 ? (implicit ? [] : tasks) : undefined];
}

/** Something was heard of a task. */
export function heardOf(state: Reconciliation, task: string): Reconciliation {
  if (!state.open.has(task)) return state;
  const open = state.open.remove(task);
  return { ...state, open, againAt: open.size === 0 ? null : state.againAt };
}

/** When the next question is due, ms. */
export function nextQuestionAt({ againAt, anewAt }: Reconciliation): number {
  return Math.min(againAt ?? Infinity, anewAt);
}

/** Asks what is due. `tasks` are those that are not over now. */
export function askAgain(
  state: Reconciliation,
  tasks: () => readonly TaskQuestion[],
  at: number,
  { times, seed }: { readonly times: Required<ReconcileTimes>; readonly seed: number },
): Asked {
  if (state.anewAt <= at) return beginReconciliation(tasks(), at, { times, seed, implicit: true });
  if (state.againAt === null || state.againAt > at) return [state, undefined];
  const asked = state.asked + 1;
  const againAt = at + backOffMs(times.backOff, asked, luck(seed, at));
  const question = state.open.entries().map(([task, agent]) => ({ task, ...(agent !== null && { agent }) }));
  return [{ ...state, asked, againAt }, question];
}
