import { latencies, runStats } from './stats.js';
import type { Peer, WorkloadOptions, WorkloadRow } from './types.js';

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
  readonly eachNs?: ArrayLike<number>;
  /** Median milliseconds of a rival that did the same. */
  readonly peersMs?: Partial<Record<Peer, number>>;
  /** Sizes that differ from the options, or `null` where one means nothing to this workload. */
  readonly sizes?: Partial<Pick<WorkloadRow, 'agents' | 'frameworks' | 'roles' | 'tasks' | 'policy'>>;
}

/** The row of a measured phase. */
export function rowOf({ workload, phase, options, ops, timesMs, eachNs, peersMs, sizes }: Measured): WorkloadRow {
  const { medianMs, minMs, spread, noisy } = runStats(timesMs);
  const each = eachNs === undefined ? undefined : latencies(eachNs);
  const { agents, frameworks, roles, tasks } = options;
  return {
    workload,
    phase,
    agents,
    frameworks,
    roles,
    tasks,
    policy: options.policy.name,
    ...sizes,
    runs: timesMs.length,
    ops,
    medianMs,
    minMs,
    spread,
    nsPerOp: ops > 0 ? (medianMs * 1e6) / ops : null,
    p50Ns: each?.p50 ?? null,
    p99Ns: each?.p99 ?? null,
    opsPerSecond: ops > 0 && medianMs > 0 ? (ops * 1e3) / medianMs : null,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
    noisy,
    ratio: { naive: ratio(medianMs, peersMs?.naive), limit: ratio(medianMs, peersMs?.limit) },
  };
}

function ratio(ours: number, theirs: number | undefined): number | null {
  return theirs === undefined || theirs <= 0 ? null : ours / theirs;
}
