import type { Policy } from '../src/offers/index.js';
import type { Work } from './work.js';

/** A rival in the repository that a workload may be compared with: plain objects, or typed arrays alone. */
export type Peer = 'naive' | 'limit';

/** The size and the circumstances of a workload, all settled. */
export interface WorkloadOptions {
  /** Machines in the cluster. */
  readonly agents: number;
  readonly frameworks: number;
  /** Roles that the frameworks are spread over, round-robin; as many as frameworks means one each. */
  readonly roles: number;
  /** Running tasks in the cluster before the clock starts. */
  readonly tasks: number;
  /** How often each phase is timed, each time on a state of its own. */
  readonly runs: number;
  /** What every shuffle and draw of the workload derives from. */
  readonly seed: number;
  readonly policy: Policy;
  /** Rivals to run beside it, where the workload has them. */
  readonly compare: readonly Peer[];
  /** When given, only this phase is reported: the workload need not time the others. */
  readonly phase?: string;
}

/** One measured phase of a workload. `null` where a figure does not apply. */
export interface WorkloadRow {
  readonly workload: string;
  readonly phase: string;
  readonly agents: number | null;
  readonly frameworks: number | null;
  readonly roles: number | null;
  readonly tasks: number | null;
  /** Name of the policy. */
  readonly policy: string | null;
  readonly runs: number;
  /** Operations in one run of the phase; what an operation is, the workload says. */
  readonly ops: number;
  /** Milliseconds of the median run, and of the quickest. */
  readonly medianMs: number;
  readonly minMs: number;
  /** How far the middle half of the runs lies apart, as a part of the median: 0.1 is 10 %. */
  readonly spread: number;
  /** Nanoseconds an operation in the median run. */
  readonly nsPerOp: number | null;
  /** Nanoseconds of single operations over all runs, where the workload times them one by one. */
  readonly p50Ns: number | null;
  readonly p99Ns: number | null;
  readonly opsPerSecond: number | null;
  /** Most memory that the process has held, MiB. */
  readonly peakRssMiB: number | null;
  /** Whether the runs differ so much that the figures should be taken again on a quieter machine. */
  readonly noisy: boolean;
  /** Work done an operation, counted in a run of its own that is not timed; the same on every machine. */
  readonly work?: Work;
  /** This library's time over the rival's, both of this run. */
  readonly ratio: Readonly<Record<Peer, number | null>>;
}

/** A named piece of work to measure. */
export interface Workload {
  readonly name: string;
  /** One line for `proffer bench --help`. */
  readonly summary: string;
  /** Names of its rows, in order. */
  readonly phases: readonly string[];
  /** Sizes for what the caller left open. */
  defaults(
    given: Partial<WorkloadOptions>,
  ): Pick<WorkloadOptions, 'agents' | 'frameworks' | 'roles' | 'tasks' | 'runs'>;
  run(options: WorkloadOptions): WorkloadRow[];
}
