import type { Resources, ResourcesLike } from '../resources/index.js';

/** A variable of an environment. */
export interface EnvironmentVariable {
  readonly name: string;
  /** Where its value comes from. Default `value`. */
  readonly type?: 'value' | 'secret';
  /** The value; only with the type `value`. */
  readonly value?: string;
  /** What the agent finds the value by; only with the type `secret`. proffer passes it on and keeps it in its state. */
  readonly secret?: string;
}

/**
 * A file that the agent brings into the sandbox of a task before the task starts: from exactly one of `path` and `url`.
 * What cannot be brought fails the task.
 */
export interface Artifact {
  /** A file on the agent's machine; a relative one is looked for where the agent says. */
  readonly path?: string;
  /** `http:`, `https:` or `file:`. */
  readonly url?: string;
  /** Whether it is an archive to be taken apart in the sandbox: `.tar`, `.tar.gz`, `.tgz`, `.tar.bz2`, `.tar.xz`, `.zip`. Default false. */
  readonly extract?: boolean;
  /** Whether it is a program. Default false: a copy of a file that is one stays one. */
  readonly executable?: boolean;
  /** What its bytes must add up to, 64 hexadecimal digits. */
  readonly sha256?: string;
  /** Its name in the sandbox. Default: the last part of where it comes from. */
  readonly name?: string;
}

/** A command line and its environment. */
export interface CommandInfo {
  /** The command: a shell line, or the program when `shell` is false. */
  readonly value?: string;
  /** Arguments of the program; only with `shell: false`. */
  readonly arguments?: readonly string[];
  readonly shell?: boolean;
  readonly user?: string;
  readonly environment?: readonly EnvironmentVariable[];
  /** What the agent brings into the sandbox first. Only a task's own command has a sandbox to bring it to. */
  readonly artifacts?: readonly Artifact[];
}

/** The image that a Docker container is made of, and options for the engine. */
export interface DockerInfo {
  readonly image: string;
  /** Options by name; `name` itself is not one of them. */
  readonly parameters?: readonly { readonly key: string; readonly value: string }[];
}

/** How a container is made: as much of it as validation looks at (VAL-5, VAL-7, VAL-13). */
export interface ContainerInfo {
  readonly type: 'mesos' | 'docker';
  /** Must be there with the type `docker`. */
  readonly docker?: DockerInfo;
  /** Networks of its own; absent or empty = that of its executor. */
  readonly networks?: readonly string[];
  /** Whether it shares the control group of its executor; absent = yes. Only tasks of a group may say no. */
  readonly shareCgroups?: boolean;
}

/** How a task is asked whether it works. All times are milliseconds (TASK-10). */
export interface CheckInfo {
  readonly type: 'command' | 'http' | 'tcp';
  readonly command?: CommandInfo;
  readonly http?: { readonly port: number; readonly path?: string };
  readonly tcp?: { readonly port: number };
  readonly delayMs?: number;
  readonly intervalMs?: number;
  readonly timeoutMs?: number;
  readonly consecutiveFailures?: number;
  readonly gracePeriodMs?: number;
}

/** How a task is ended: SIGTERM, then SIGKILL after `graceMs` (KILL-3). */
export interface KillPolicy {
  readonly graceMs: number;
}

/** A ceiling of a task: a plain amount, or none at all. An absent one is not the same: then the request is the ceiling. */
export type TaskLimit = number | 'unlimited';

/** A word about a task, an executor or a framework, for whoever looks for it; proffer only passes it on. */
export interface Label {
  readonly key: string;
  readonly value?: string;
}

/** Fields that a task keeps from the framework's words to the agent unchanged. */
interface TaskCommon {
  /** Unique among the framework's live tasks (VAL-1, VAL-2). */
  readonly id: string;
  readonly name?: string;
  readonly command?: CommandInfo;
  /** Opaque to proffer: for hosts whose agents know what to do with it. */
  readonly payload?: unknown;
  readonly container?: ContainerInfo;
  readonly killPolicy?: KillPolicy;
  /** The task is killed when it ran for longer (TASK-10). */
  readonly maxCompletionMs?: number;
  readonly check?: CheckInfo;
  readonly healthCheck?: CheckInfo;
  readonly labels?: readonly Label[];
  /** Opaque bytes or text for the executor. */
  readonly data?: string;
  /** Higher is more important. Default 0. With `preemption` it may be ended for a framework of a higher one. */
  readonly priority?: number;
  /** Whether the task may be ended to make room (`preemption` of the configuration). Default false. */
  readonly preemptible?: boolean;
}

/**
 * A task as a framework writes it. Exactly one of `command`, `executor` and `payload` says what to run (VAL-8);
 * in a group the executor is the group's.
 */
export interface TaskLike extends TaskCommon {
  /** The agent it is for; absent = the agent of the offer (VAL-3). */
  readonly agent?: string;
  readonly resources: ResourcesLike;
  /**
   * Ceilings above the request, `cpus` and `mem` only (VAL-7). `Infinity` is allowed; where JSON must carry it,
   * `'unlimited'` says the same.
   */
  readonly limits?: Readonly<Record<string, TaskLimit>>;
  readonly executor?: ExecutorLike;
}

/** An executor as a framework writes it. */
export interface ExecutorLike {
  readonly id: string;
  /** Absent = the framework that launches it (ACC-10); the executor of a group must say it. */
  readonly framework?: string;
  readonly type?: 'default' | 'custom';
  readonly name?: string;
  readonly command?: CommandInfo;
  readonly container?: ContainerInfo;
  readonly resources?: ResourcesLike;
  readonly shutdownGraceMs?: number;
  readonly labels?: readonly Label[];
  readonly data?: string;
}

/** An executor that was validated. Its resources are in unallocated form; `role` says whose they are. */
export interface ExecutorInfo extends Omit<ExecutorLike, 'resources' | 'framework'> {
  readonly framework: string;
  readonly role: string;
  readonly resources: Resources;
}

/** A task that was validated: what the agent receives. Its resources are in unallocated form; `role` says whose they are. */
export interface TaskInfo extends TaskCommon {
  readonly agent: string;
  readonly role: string;
  readonly resources: Resources;
  readonly limits?: { readonly cpus?: TaskLimit; readonly mem?: TaskLimit };
  readonly executor?: ExecutorInfo;
}
