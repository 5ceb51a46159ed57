import type { ClusterState } from '../src/cluster/index.js';
import type { Policy } from '../src/offers/index.js';
import type { Work } from './work.js';

/** A rival in the repository that a workload may be compared with: plain objects, or typed arrays alone. */
export type PeerName = 'naive' | 'limit';

/** How frameworks and roles belong together: one role each, one role each below a few others, or a few shared ones. */
export type Layout = 'own' | 'two-level' | 'spread';

/** The size and the circumstances of a workload, all settled. */
export interface WorkloadOptions {
  /** Machines in the cluster. */
  readonly agents: number;
  readonly frameworks: number;
  /** `own`: as many as frameworks. `two-level`: the roles above theirs. `spread`: the roles that they share, round-robin. */
  readonly roles: number;
  readonly layout: Layout;
  /** Running tasks in the cluster before the clock starts. */
  readonly tasks: number;
  /** How often each phase is timed, each time on a state of its own. */
  readonly runs: number;
  /** What every shuffle and draw of the workload derives from. */
  readonly seed: number;
  readonly policy: Policy;
  /** Rivals to run beside it, where the workload has them. */
  readonly compare: readonly PeerName[];
  /** When given, only this phase is reported: the workload need not time the others. */
  readonly phase?: string;
  /** Shown the state of each cluster when the workload is done with it. */
  readonly inspect?: (state: ClusterState) => void;
}

/** The sizes of a workload. */
export type Sizes = Pick<WorkloadOptions, 'agents' | 'frameworks' | 'roles' | 'layout' | 'tasks' | 'runs'>;

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
  /** The slowest single operation of all runs, where they are timed one by one. */
  readonly maxNs?: number;
  /** What the state keeps of memory after a full collection, MiB, typed arrays included. */
  readonly liveHeapMiB?: number;
  /** Unless each framework has a role of its own. */
  readonly layout?: Layout;
  /** This library's time over the rival's, both of this run. */
  readonly ratio: Readonly<Record<PeerName, number | null>>;
}

/** A rival that does what one phase of a workload does, in this process and with the same sizes, seed and runs. */
export interface Peer {
  readonly name: PeerName;
  readonly workload: string;
  readonly phase: string;
  readonly measure: (options: WorkloadOptions) => { readonly medianMs: number };
}

/** A named piece of work to measure. */
export interface Workload {
  readonly name: string;
  /** One line for `proffer bench --help`. */
  readonly summary: string;
  /** Names of its rows, in order. */
  readonly phases: readonly string[];
  /** Phases that are what they are only once in the life of a process: each run wants a process of its own. */
  readonly oncePerProcess?: readonly string[];
  /**
   * Sizes for what the caller left open.
   *
   * @throws InputError `bad-layout`
   */
  defaults(given: Partial<WorkloadOptions>): Sizes;
  run(options: WorkloadOptions): WorkloadRow[];
}
