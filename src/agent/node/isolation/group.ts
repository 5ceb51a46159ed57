/** One task's control group: a folder, or one in each hierarchy that it is in. */
import { join } from 'node:path';
import type { Confinement } from './confinement.js';
import { codeOf, type GroupFiles } from './group-files.js';
import { killProcesses, processesIn } from './processes.js';

/** What differs between the two versions of control groups. */
export interface GroupWays {
  /** The folders that a task's processes are in, one in each hierarchy. */
  readonly folders: readonly string[];
  oomKills(): number;
  /** Kills them all in one go, where the kernel can; false if it can't. */
  killAtOnce(): boolean;
}

/** How long removing waits at first for processes to die, and at most, ms. */
const firstWaitMs = 10;
const maxWaitMs = 60_000;
/** Up to which wait it keeps the agent from ending: what is to die mostly dies in a few milliseconds. */
const keepAliveMs = 500;

/** The confinement that is these groups. */
export function groupConfinement(files: GroupFiles, { folders, oomKills, killAtOnce }: GroupWays): Confinement {
  let isCondemned = false;
  const kill = (): boolean => {
    isCondemned = true;
    return killAtOnce() || killProcesses(files, folders);
  };
  const remove = (left: readonly string[], waitMs: number): void => {
    const still = left.filter((folder) => !isRemoved(files, folder));
    if (still.length === 0 || waitMs > maxWaitMs) return;
    // What came through because it was being born at that instant is to die, too.
    if (isCondemned) kill();
    const timer = setTimeout(() => remove(still, waitMs * 2), waitMs);
    if (waitMs > keepAliveMs) timer.unref();
  };
  return {
    // 0 is the process that writes.
    entry: folders.map((folder) => `echo 0 > ${shellQuote(join(folder, 'cgroup.procs'))}`).join(' && '),
    oomKills,
    kill,
    occupied: () => isOccupied(folders.map((folder) => processesIn(files, folder))),
    remove: () => remove(folders, firstWaitMs),
  };
}

/** A group that cannot be read counts only if no other one answers for the task. */
function isOccupied(found: readonly (readonly number[] | undefined)[]): boolean | undefined {
  if (found.some((pids) => pids !== undefined && pids.length > 0)) return true;
  return found.includes(undefined) ? undefined : false;
}

/** Tries to take away a group, and first those that its processes made in it; whether it is gone. */
export function isRemoved(files: GroupFiles, folder: string): boolean {
  try {
    for (const inner of files.folders(folder)) isRemoved(files, join(folder, inner));
    files.remove(folder);
    return true;
  } catch (error) {
    return codeOf(error) === 'ENOENT';
  }
}

/**
 * Takes away groups, the innermost first, that are of no use any more; those that are of use to others stay.
 *
 * @returns whether the innermost is gone.
 */
export function removeUnused(files: GroupFiles, folders: readonly string[]): boolean {
  let isGone = false;
  for (const folder of folders) {
    try {
      files.remove(folder);
    } catch (error) {
      // Not there, or not empty.
      if (codeOf(error) !== 'ENOENT') return isGone;
    }
    isGone = true;
  }
  return isGone;
}

/** The folder of a group. Names that the kernel's own files may have are told apart from them. */
export function groupFolder(parent: string, id: string): string {
  const isTaken =
    /^(_|(cgroup|cpu(set|acct)?|memory|io|pids|rdma|hugetlb|misc|dmem|devices|freezer|blkio|net_\w+|perf_event)\.)/;
  const isOther = /^(tasks|notify_on_release|release_agent)$/;
  return join(parent, isTaken.test(id) || isOther.test(id) ? `_${id}` : id);
}

/** A text as one word of sh, whatever is in it. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A counter in a file of lines `name number`; undefined if it is not there. */
export function counterIn(files: GroupFiles, path: string, name: string): number | undefined {
  let text: string;
  try {
    text = files.read(path);
  } catch {
    return undefined;
  }
  const line = text.split('\n').find((it) => it.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}
