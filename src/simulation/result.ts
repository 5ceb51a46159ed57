/** What comes of a simulation, as plain data. */
import type { Spread } from './measure/distribution.js';
import type { BehaviourName } from './workloads/workload.js';

/** Something over time: means over spans of equal length. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

/** How tasks and jobs fared. All times in ms. */
export interface Fates {
  readonly jobs: number;
  readonly jobsEnded: number;
  readonly tasks: number;
  readonly started: number;
  readonly ended: number;
  /** Waiting, running when it was over, and given up because their job's time was over. */
  readonly waiting: number;
  readonly running: number;
  readonly givenUp: number;
  /** Those that no machine could hold, were it empty: nobody waits for them. Their jobs never end. */
  readonly unplaceable?: number;
  /** From when a task could start to when it did; of those that did. */
  readonly waitedMs: Spread;
  /** From submission to the end of the last task; of jobs that ended. */
  readonly completionMs: Spread;
}

/** How one tenant fared. */
export interface TenantResult extends Fates {
  readonly role: string;
  readonly weight: number;
  readonly behaviour: BehaviourName;
  /** Mean of its dominant share, divided by its weight, over the time that it had anything to run; 0 to 1. */
  readonly meanShare: number;
  readonly offers: number;
  readonly declined: number;
  /** The part of its tasks that started where their data is; absent unless it looks for that. */
  readonly localPart?: number;
}

/** How one policy fared. */
export interface PolicyResult extends Fates {
  readonly policy: string;
  /** Virtual time, ms. */
  readonly simulatedMs: number;
  /** Inputs that the machine took, and allocation runs among them. */
  readonly inputs: number;
  readonly runs: number;
  readonly offers: {
    readonly made: number;
    readonly accepted: number;
    readonly declined: number;
    /** Rescinded, mostly because nobody answered in time. */
    readonly takenBack: number;
  };
  /** Tasks that were ended to make room. */
  readonly preemptions: number;
  /** Means over the whole time, by resource: the part of the cluster in use, and the part that is free and of no use to any waiting task. */
  readonly utilisation: readonly { readonly resource: string; readonly mean: number; readonly stranded: number }[];
  /** Mean of `series.jain` over the time that anybody had anything to run. */
  readonly jain: number;
  /** By role. */
  readonly tenants: readonly TenantResult[];
  readonly series: {
    /** How long a span is, ms; the last one may be shorter. */
    readonly spanMs: number;
    /** By resource, parts of the cluster. */
    readonly utilisation: readonly Series[];
    /** Free on machines where no waiting task fits. */
    readonly stranded: readonly Series[];
    /** By role: the dominant share divided by the weight. */
    readonly shares: readonly Series[];
    /** Of the mean shares, in each span, of those who had anything to run in it; 1 where nobody had. */
    readonly jain: readonly number[];
    readonly waiting: readonly number[];
    readonly running: readonly number[];
  };
}

/** What a simulation was made of, and what came of it: one result a policy. */
export interface SimulationResult {
  readonly cluster: {
    readonly name: string;
    readonly agents: number;
    readonly total: Readonly<Record<string, number>>;
  };
  readonly workload: string;
  readonly seed: number;
  /** Of a what-if: what the second of its policies had otherwise, as text. */
  readonly changes?: readonly string[];
  readonly policies: readonly PolicyResult[];
}
