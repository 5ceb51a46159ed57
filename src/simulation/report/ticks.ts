/** An axis that begins at 0. */
export interface Axis {
  /** Where it ends: the last tick. */
  readonly top: number;
  readonly ticks: readonly number[];
  /** What its numbers are. */
  readonly kind: Kind;
}

/** Parts of something, an index from 0 to 1, or how many. */
export type Kind = 'percent' | 'index' | 'count';

/** What is beyond these has no place on an axis. */
const vast = 1e15;
const tiny = 1e-12;

/**
 * An axis that holds all values, with three to six round numbers on it. Without any value worth telling from 0 it goes to 1.
 *
 * @param values those that are no numbers, or beyond all measure, are passed over
 */
export function axisFor(values: Iterable<number>, kind: Kind): Axis {
  let most = 0;
  for (const value of values) if (value > most && value < vast) most = value;
  return axisTo(most < tiny ? 1 : most, kind);
}

/** An axis to `most` at least. */
export function axisTo(most: number, kind: Kind): Axis {
  const step = kind === 'count' ? Math.max(1, roundStep(most / 5)) : roundStep(most / 5);
  // A hair's breadth more than a tick is no reason for another one.
  const steps = Math.max(1, Math.ceil(most / step - 1e-9));
  const ticks = Array.from({ length: steps + 1 }, (_, n) => round(n * step));
  return { top: ticks.at(-1) ?? 1, ticks, kind };
}

/** The next of 1, 2, 5, 10, 20, 50, … that is no less, and likewise below 1. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((each) => round(each * power) >= round(least)) ?? 10;
  return round(factor * power);
}

/** 0.30000000000000004 is 0.3. */
function round(value: number): number {
  return Number(value.toPrecision(10));
}
