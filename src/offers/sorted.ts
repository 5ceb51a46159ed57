/** Searching lists that are sorted by `compareText`. */
import { compareText } from '../resources/index.js';

/** The entry of this text; undefined = there is none. */
export function findSorted<T>(sorted: readonly T[], text: string, textOf: (entry: T) => string): T | undefined {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const entry = sorted[middle];
    if (entry === undefined) return undefined;
    const order = compareText(text, textOf(entry));
    if (order === 0) return entry;
    if (order < 0) to = middle;
    else from = middle + 1;
  }
  return undefined;
}

/** Whether a text is in the list. */
export function isAmong(sorted: readonly string[], text: string): boolean {
  return findSorted(sorted, text, (entry) => entry) !== undefined;
}
