import { ladder, type TimeTick } from './times.js';

/** From waiting times to places, by orders of magnitude, with a place of its own for 0. */
export interface WaitScale {
  /** Percent of the width, 0 to 100. */
  place(ms: number): number;
  readonly ticks: readonly (TimeTick & { readonly place: number })[];
}

const zero = 2;
const first = 12;
// So far from the edge that half a label has room on a narrow page.
const last = 93;

/** A scale that holds all times. Those that are no finite numbers are passed over. */
export function waitScale(times: readonly number[]): WaitScale {
  const positive = times.filter((ms) => ms > 0 && ms < Infinity);
  // There may be more of them than a call may have arguments.
  const least = positive.reduce((a, b) => Math.min(a, b), Infinity);
  const most = positive.reduce((a, b) => Math.max(a, b), 0);
  const below = ladder.findLastIndex(({ at }) => at <= least);
  const from = Math.min(ladder.length - 2, Math.max(0, below));
  const found = ladder.findIndex(({ at }) => at >= most);
  const to = Math.max(from + 1, found === -1 ? ladder.length - 1 : found);
  const marks = positive.length === 0 ? [] : ladder.slice(from, to + 1);
  const low = Math.log10(marks[0]?.at ?? 1);
  const high = Math.log10(marks.at(-1)?.at ?? 10);
  const place = (ms: number): number => {
    if (!(ms > 0)) return zero;
    const part = Math.min(1, Math.max(0, (Math.log10(ms) - low) / (high - low)));
    return Math.round((first + part * (last - first)) * 100) / 100;
  };
  return { place, ticks: [{ at: 0, text: '0' }, ...marks].map((mark) => ({ ...mark, place: place(mark.at) })) };
}
