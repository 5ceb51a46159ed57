import { join } from 'node:path';
import { codeOf, type GroupFiles } from './group-files.js';

/** How often a group is looked at again while new processes keep turning up in it. */
const maxPasses = 1_000;

/** The processes in a group and in the groups that they made in it; none if it is gone, undefined if it cannot be read. */
export function processesIn(files: GroupFiles, folder: string): readonly number[] | undefined {
  try {
    // A process of another namespace is shown as 0: to signal that would be to signal ourselves.
    const own = files
      .read(join(folder, 'cgroup.procs'))
      .split('\n')
      .map(Number)
      .filter((pid) => pid > 0);
    const inner = files.folders(folder).flatMap((name) => processesIn(files, join(folder, name)) ?? []);
    return [...own, ...inner];
  } catch (error) {
    return isGone(error) ? [] : undefined;
  }
}

/** Whether an error says that there is no such group, or that it is on its way out. */
export function isGone(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENODEV';
}

/**
 * Kills every process in the groups, one by one, until no new ones turn up: one that was told to die has no more children.
 * False when a group could not be read, or one of its processes not be killed.
 */
export function killProcesses(files: GroupFiles, folders: readonly string[]): boolean {
  const told = new Set<number>();
  let isSure = true;
  for (let pass = 0; pass < maxPasses; pass += 1) {
    let isNew = false;
    for (const folder of folders) {
      const found = processesIn(files, folder);
      isSure &&= found !== undefined;
      for (const pid of found ?? []) {
        if (told.has(pid)) continue;
        told.add(pid);
        isNew = true;
        isSure = killProcess(pid) && isSure;
      }
    }
    if (!isNew) return isSure;
  }
  return false;
}

function killProcess(pid: number): boolean {
  // Somebody may have put the agent itself in there.
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}
