/** Which due times there were, without looking at each: a schedule may be due every second, and nobody was there for a year. */
import type { Calendar, Schedule } from './calendar.js';

/** No more are looked at in one go. */
const mostLookedAt = 20_000;

/**
 * The latest due times after `from` and up to `to`, oldest first, no more than `count`.
 *
 * It looks back from the end, each time twice as far, until there are enough.
 */
export function latestDues(
  calendar: Calendar,
  schedule: Schedule,
  { from, to, count }: { readonly from: number; readonly to: number; readonly count: number },
): readonly number[] {
  for (let reach = 60_000; ; reach *= 2) {
    const start = Math.max(from, to - reach);
    const dues = duesBetween(calendar, schedule, start, to);
    if (dues.length >= count || start === from) return dues.slice(-count);
  }
}

function duesBetween(calendar: Calendar, schedule: Schedule, from: number, to: number): readonly number[] {
  const dues: number[] = [];
  for (
    let due = calendar.next(schedule, from);
    due !== null && due <= to && dues.length < mostLookedAt;
    due = calendar.next(schedule, due)
  ) {
    dues.push(due);
  }
  return dues;
}
