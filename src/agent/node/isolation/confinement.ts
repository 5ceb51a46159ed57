/** How tasks are kept to what they asked for. */
export type IsolationKind = 'cgroups-v2' | 'cgroups-v1' | 'rlimits' | 'none';

/** What a task may have of the machine. */
export interface TaskBounds {
  /** Share of the processors it asked for, whole thousandths of a cpu. */
  readonly cpusMilli: number;
  /** Ceiling, whole thousandths of a cpu: the request unless the task says more; Infinity = unlimited. */
  readonly cpusLimitMilli: number;
  /** Memory ceiling in bytes; Infinity = unlimited. */
  readonly memLimitBytes: number;
}

/** A way to keep tasks to what they asked for. */
export interface Isolation {
  readonly kind: IsolationKind;
  /** What is really enforced. */
  readonly enforces: readonly ('cpus' | 'mem')[];
  /** One sentence for each thing that is not, and why: for the log. */
  readonly notes: readonly string[];
  /**
   * Makes what will hold the processes of one task. `id` is unique on the machine and can be the name of a folder.
   *
   * @throws the error of `node:fs`, with its `code`, when the kernel refuses; then nothing is left of it.
   */
  confine(id: string, bounds: TaskBounds): Confinement;
  /** The confinement that an earlier life of the agent made, whether or not it is still there. */
  find(id: string): Confinement;
  /**
   * The agent ends: takes away what was there for it alone, unless something of it runs on. Never throws.
   *
   * @returns whether nothing is left.
   */
  release(): boolean;
}

/** What holds the processes of one task. */
export interface Confinement {
  /**
   * POSIX sh commands with which a process puts itself in, just before it becomes the task; their exit status is not zero
   * when it could not. May be empty.
   */
  readonly entry: string;
  /** How many times the kernel has killed something in it for want of memory. */
  oomKills(): number;
  /**
   * Kills every process in it; false if it cannot tell, or could not. A process that was being born at that instant may
   * come through: `occupied` tells, and one that is to be removed is killed until it is empty.
   */
  kill(): boolean;
  /** Whether a process is left in it; undefined = cannot tell. */
  occupied(): boolean | undefined;
  /** Takes it away once its processes are gone: at once, or later on if they are not quite. Never throws. */
  remove(): void;
}

/** An isolation, or why this machine does not have it. */
export type Attempt = { readonly isolation: Isolation } | { readonly why: string };
