import { median } from '../stats.js';
import { Stopwatch } from '../stopwatch.js';
import type { WorkloadOptions } from '../types.js';

/** Once this has passed, a rival is asked no further, however many runs were wanted: some are very slow. */
const patienceMs = 10_000;

/** No figure: the rival does not know what the workload wants of it. */
export const nothing: { readonly medianMs: number } = Object.freeze({ medianMs: Number.NaN });

/**
 * Times a phase of a rival as the workloads time theirs: warmed up, then `runs` rounds, each a run of the phase.
 *
 * @param round times the phase, and only that, with the clock that it is given
 */
export function medianOf(
  { runs }: Pick<WorkloadOptions, 'runs'>,
  phase: string,
  round: (clock: Stopwatch) => void,
): { readonly medianMs: number } {
  const clock = new Stopwatch();
  clock.rounds(0, round);
  const start = performance.now();
  for (let n = 0; n < runs && (n === 0 || performance.now() - start < patienceMs); n += 1) clock.coldRounds(1, round);
  return { medianMs: median(clock.laps.get(phase)?.timesMs ?? []) };
}
