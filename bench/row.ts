import { latencies, median, runStats } from './stats.js';
import type { Lap, Stopwatch } from './stopwatch.js';
import type { PeerName, WorkloadOptions, WorkloadRow } from './types.js';

/** What a workload has measured of one phase. */
export interface Measured {
  readonly workload: string;
  readonly phase: string;
  readonly options: WorkloadOptions;
  /** Operations in one run. */
  readonly ops: number;
  /** Milliseconds of each run. */
  readonly timesMs: readonly number[];
  /** Nanoseconds of single operations over all runs, where they were timed one by one. */
  readonly eachNs?: readonly number[];
  /** Sizes that differ from the options, or `null` where one means nothing to this workload. */
  readonly sizes?: RowSizes;
}

/** Sizes that a row says for itself. */
export type RowSizes = Partial<Pick<WorkloadRow, 'agents' | 'frameworks' | 'roles' | 'tasks' | 'policy'>>;

/** The row of a measured phase. */
export function rowOf({ workload, phase, options, ops, timesMs, eachNs = [], sizes = {} }: Measured): WorkloadRow {
  const { agents, frameworks, roles, tasks, layout } = options;
  return {
    workload,
    phase,
    agents,
    frameworks,
    roles,
    tasks,
    policy: options.policy.name,
    ...sizes,
    ...figures(timesMs, ops),
    ...singles(eachNs),
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
    ...(layout === 'own' || sizes.roles !== undefined ? {} : { layout }),
    ratio: { naive: null, limit: null },
  };
}

/** The rows of all phases that were timed and are wanted, in the order in which they were first timed. */
export function rowsOf(workload: string, options: WorkloadOptions, clock: Stopwatch, sizes?: RowSizes): WorkloadRow[] {
  const row = ([phase, lap]: [string, Lap]): WorkloadRow =>
    rowOf({ workload, phase, options, ...lap, ...(sizes === undefined ? {} : { sizes }) });
  return [...clock.laps].filter(([phase]) => isWanted(options, phase)).map(row);
}

/** Whether a phase is to be reported. */
export function isWanted({ phase }: WorkloadOptions, name: string): boolean {
  return phase === undefined || phase === name;
}

/**
 * One row of several with one run each, from as many processes.
 *
 * @param rows of the same phase, one or more
 */
export function mergeRuns(rows: readonly WorkloadRow[]): WorkloadRow[] {
  const [first] = rows;
  if (first === undefined) return [];
  const times = rows.map(({ medianMs }) => medianMs);
  const peaks = rows.flatMap(({ peakRssMiB }) => peakRssMiB ?? []);
  const peakRssMiB = peaks.length === 0 ? null : Math.max(...peaks);
  const ratio = { naive: medianRatio(rows, 'naive'), limit: medianRatio(rows, 'limit') };
  return [{ ...first, ...figures(times, first.ops), peakRssMiB, ratio }];
}

function medianRatio(rows: readonly WorkloadRow[], peer: PeerName): number | null {
  const ratios = rows.flatMap(({ ratio }) => ratio[peer] ?? []);
  return ratios.length === 0 ? null : median(ratios);
}

type Figures = Pick<
  WorkloadRow,
  'runs' | 'ops' | 'medianMs' | 'minMs' | 'spread' | 'nsPerOp' | 'opsPerSecond' | 'noisy'
>;

function figures(timesMs: readonly number[], ops: number): Figures {
  const { medianMs, minMs, spread, noisy } = runStats(timesMs);
  return {
    runs: timesMs.length,
    ops,
    medianMs,
    minMs,
    spread,
    nsPerOp: ops > 0 ? (medianMs * 1e6) / ops : null,
    opsPerSecond: ops > 0 && medianMs > 0 ? (ops * 1e3) / medianMs : null,
    noisy,
  };
}

function singles(eachNs: readonly number[]): Pick<WorkloadRow, 'p50Ns' | 'p99Ns' | 'maxNs'> {
  if (eachNs.length === 0) return { p50Ns: null, p99Ns: null };
  const { p50, p99 } = latencies(eachNs);
  return { p50Ns: p50, p99Ns: p99, maxNs: eachNs.reduce((most, ns) => Math.max(most, ns), 0) };
}
