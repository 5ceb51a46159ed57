/**
 * Long work in steps, so that whoever does it can let others have a turn in between. What one step does is bounded,
 * whatever the size of the whole.
 */
import { compareText } from './ids.js';

/** Work that can be left after each `yield` and gone on with later; its result is what it returns. */
export type Steps<T> = Generator<undefined, T, undefined>;

/** Does all steps at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Does all steps, and pauses after each. What `pause` throws ends it. */
export async function inTurns<T>(steps: Steps<T>, pause: () => Promise<void>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await pause();
  }
}

/** So many rows and parts of rows may be checked in one step: some thousandths of a second. */
export const ROWS_A_STEP = 512;

/** Counts work, and says when a step has done enough of it. All parts of some work share one. */
export class Pace {
  readonly #most: number;
  #done = 0;

  /** @param most - how much a step may do, in whatever is counted */
  constructor(most: number) {
    this.#most = most;
  }

  /** Counts some work. True = the step is over: the caller must `yield`. */
  isOver(work: number = 1): boolean {
    this.#done += work;
    if (this.#done < this.#most) return false;
    this.#done = 0;
    return true;
  }
}

/** Rows by id, in any order, such as {@link Table.walk} gives. */
export type Rows<V> = Iterable<readonly [id: string, value: V]>;

/** How much of a step a row is; where it isn't said, all rows are 1. */
export type Work<V> = (value: V) => number;

const one = (): number => 1;

/** Visits all rows. */
export function* each<V>(
  rows: Rows<V>,
  pace: Pace,
  visit: (value: V, id: string) => void,
  work: Work<V> = one,
): Steps<void> {
  for (const [id, value] of rows) {
    visit(value, id);
    if (pace.isOver(work(value))) yield;
  }
}

/** What a check finds in the first row, by id, in which it finds anything: of rows in any order, without sorting them. */
export function* first<V, T>(
  rows: Rows<V>,
  pace: Pace,
  check: (value: V, id: string) => T | undefined,
  work: Work<V> = one,
): Steps<T | undefined> {
  let least: { readonly id: string; readonly found: T } | undefined;
  for (const [id, value] of rows) {
    const found = check(value, id);
    if (found !== undefined && isBefore(id, least?.id)) least = { id, found };
    if (pace.isOver(work(value))) yield;
  }
  return least?.found;
}

/** As {@link first}, of rows that are themselves too big to be checked in one step. */
export function* firstOfBig<V, T>(
  rows: Rows<V>,
  pace: Pace,
  check: (value: V, id: string) => Steps<T | undefined>,
): Steps<T | undefined> {
  let least: { readonly id: string; readonly found: T } | undefined;
  for (const [id, value] of rows) {
    const found = yield* check(value, id);
    if (found !== undefined && isBefore(id, least?.id)) least = { id, found };
    if (pace.isOver()) yield;
  }
  return least?.found;
}

function isBefore(id: string, other: string | undefined): boolean {
  return other === undefined || compareText(id, other) < 0;
}
