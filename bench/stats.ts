/** Above this spread a row is flagged: the targets themselves are given to a quarter. */
const noisySpread = 0.25;

/** Figures of several runs of the same thing. */
export interface RunStats {
  readonly medianMs: number;
  readonly minMs: number;
  readonly spread: number;
  readonly noisy: boolean;
}

/**
 * The value below which the part `q` of `values` lies, between neighbours by proportion; NaN of nothing.
 *
 * @param q from 0 (the least) to 1 (the greatest)
 */
export function quantile(values: ArrayLike<number>, q: number): number {
  return quantileOfSorted(Float64Array.from(values).toSorted(), q);
}

/** Half of the values lie below. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** The median and the 99th percentile, with one sort for both. */
export function latencies(values: ArrayLike<number>): { readonly p50: number; readonly p99: number } {
  const sorted = Float64Array.from(values).toSorted();
  return { p50: quantileOfSorted(sorted, 0.5), p99: quantileOfSorted(sorted, 0.99) };
}

/**
 * How far the middle half of the values lies apart, as a part of the median. One slow run (a collection of garbage,
 * another process) does not move it; runs that differ as a rule do.
 */
export function spread(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).toSorted();
  const middle = quantileOfSorted(sorted, 0.5);
  return middle === 0 ? 0 : (quantileOfSorted(sorted, 0.75) - quantileOfSorted(sorted, 0.25)) / middle;
}

/** Sums up the times of a phase. Fewer than three runs cannot say how noisy they are, and are flagged. */
export function runStats(timesMs: readonly number[]): RunStats {
  const apart = spread(timesMs);
  return {
    medianMs: median(timesMs),
    minMs: Math.min(...timesMs),
    spread: apart,
    noisy: timesMs.length < 3 || apart > noisySpread,
  };
}

function quantileOfSorted(sorted: Float64Array, q: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}
