/** What simulated clusters are asked to run. */

/**
 * How long something lasts, ms: always the same, or by luck around a mean (exponentially) or a median (log-normally, `spread`
 * being the deviation of the logarithm). null = for ever.
 */
export type Duration = number | { readonly mean: number } | { readonly median: number; readonly spread: number } | null;

/** Tasks of a job that are alike. */
export interface TaskGroup {
  readonly count: number;
  /** What each needs: text, as `cpus:1;mem:2048` (memory in MiB). Scalars only. */
  readonly resources: string;
  readonly lasts: Duration;
  /** Only on agents whose attribute is one of these. */
  readonly needs?: { readonly attribute: string; readonly oneOf: readonly string[] };
  /** They start when all groups before this one have ended. Default: at once. */
  readonly afterOthers?: boolean;
}

/** Something that a tenant submits. */
export interface Job {
  readonly id: string;
  /** When, ms from the beginning. */
  readonly at: number;
  /** Whose it is: a role. */
  readonly role: string;
  readonly groups: readonly TaskGroup[];
  /** Tasks that did not start by then, ms from the beginning, are given up. Absent = they wait. */
  readonly until?: number;
}

/** How a tenant's scheduler uses offers. */
export type BehaviourName = (typeof behaviourNames)[number];

/**
 * - `greedy`: takes what fits of every offer, oldest job first
 * - `best-fit`: likewise, but of several offers the fullest agents first
 * - `picky`: greedy, on a quarter of the agents only; declines the others for a minute each time
 * - `hoarding`: greedy, and answers no offer that it can't use: it keeps them for what may come
 * - `delay`: waits a while for agents that hold a task's data before it takes any other (delay scheduling)
 * - `gang`: starts all tasks of a job at once, or none; keeps offers until they suffice, for a minute at most
 * - `long-running`: greedy, with no two tasks of a job on one agent
 */
export const behaviourNames = ['greedy', 'best-fit', 'picky', 'hoarding', 'delay', 'gang', 'long-running'] as const;
Object.freeze(behaviourNames);

/** One who shares the cluster. */
export interface Tenant {
  readonly role: string;
  /** Default 1. */
  readonly weight?: number;
  /** Default `greedy`. */
  readonly behaviour?: BehaviourName;
  /** Quota, by resource; plain numbers. */
  readonly guarantees?: Readonly<Record<string, number>>;
  readonly limits?: Readonly<Record<string, number>>;
  /**
   * With nothing to start it keeps a few of its offers for so long, ms, for what may come: those of half a percent of the
   * machines. Jobs that find room in them start without an allocation. Default 0.
   */
  readonly keepsMs?: number;
  /**
   * Where the master may take from some for others (`config.preemption`): whether its tasks may be ended. Default true. It then
   * says what it waits for, and a task that is ended waits anew and starts from its beginning.
   */
  readonly preemptible?: boolean;
  /** How often each job is submitted again when it has ended; Infinity = always. Default 0. */
  readonly resubmits?: number;
  /** How long after its end, ms. Default 0. */
  readonly pauseMs?: number;
}

/** A task that runs when a simulation begins. It counts as started, and nothing is said of how long it waited. */
export interface AlreadyRunning {
  readonly id: string;
  readonly role: string;
  /** The id of a machine: `NAME-N` for machine N, from 0, of the class of that name. */
  readonly machine: string;
  readonly resources: string;
  /** From the beginning of the simulation on. */
  readonly lasts: Duration;
}

/** What a cluster is asked to run, and by whom. */
export interface Workload {
  readonly name: string;
  /** Roles of jobs that are not named here are tenants with the defaults. */
  readonly tenants: readonly Tenant[];
  /** The jobs in the order in which they are submitted, made while they are asked for. The same seed gives the same jobs. */
  jobs(seed: number): Iterable<Job>;
  /** What runs when it begins. */
  readonly running?: readonly AlreadyRunning[];
  /** How long it goes on, ms, unless somebody says otherwise. Absent = until everything has ended. */
  readonly untilMs?: number;
}
