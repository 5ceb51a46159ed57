/** Control groups of the first version: a hierarchy for each controller. */
import { join } from 'node:path';
import { cpuPeriodUs, cpuQuotaUs, cpuShares, memBytes } from './amounts.js';
import type { Attempt, Confinement, Isolation, TaskBounds } from './confinement.js';
import { counterIn, groupConfinement, groupFolder, isRemoved, removeUnused } from './group.js';
import type { GroupFiles } from './group-files.js';
import { probe } from './probe.js';

/** A controller, and what it takes to set it. */
interface Controller {
  readonly name: 'memory' | 'cpu';
  readonly enforces: Isolation['enforces'][number];
  limit(files: GroupFiles, folder: string, bounds: TaskBounds): void;
}

const controllers: readonly Controller[] = [
  { name: 'cpu', enforces: 'cpus', limit: limitCpu },
  { name: 'memory', enforces: 'mem', limit: limitMemory },
];

function limitCpu(files: GroupFiles, folder: string, bounds: TaskBounds): void {
  const quota = cpuQuotaUs(bounds);
  files.write(join(folder, 'cpu.shares'), String(cpuShares(bounds)));
  files.write(join(folder, 'cpu.cfs_period_us'), String(cpuPeriodUs));
  files.write(join(folder, 'cpu.cfs_quota_us'), quota === Infinity ? '-1' : String(quota));
}

function limitMemory(files: GroupFiles, folder: string, bounds: TaskBounds): void {
  const bytes = memBytes(bounds);
  const limit = bytes === Infinity ? '-1' : String(bytes);
  // Memory and swap together: never less than memory alone, so it is set after it; absent where swap is not counted.
  const withSwap = join(folder, 'memory.memsw.limit_in_bytes');
  const countsSwap = files.has(withSwap);
  if (countsSwap) files.write(withSwap, '-1');
  files.write(join(folder, 'memory.limit_in_bytes'), limit);
  if (countsSwap) files.write(withSwap, limit);
}

/** Where hierarchies are mounted, and whose groups they are. */
interface Place {
  readonly root: string;
  readonly agent: string;
}

/**
 * Isolation by the hierarchies `memory` and `cpu` below `root`. Groups are `proffer/AGENT/ID` at the top of each, beside and
 * not below that of the agent: they outlive it.
 */
export function cgroupsV1(files: GroupFiles, place: Place): Attempt {
  const usable: Controller[] = [];
  const notes: string[] = [];
  for (const controller of controllers) {
    const wrong = problemOf(files, place, controller);
    if (wrong === undefined) usable.push(controller);
    else notes.push(`control groups (version 1) do not enforce ${controller.enforces}: ${wrong}`);
  }
  if (usable.length === 0) return { why: notes.join('; ') };
  const isolation: Isolation = {
    kind: 'cgroups-v1',
    enforces: usable.map(({ enforces }) => enforces),
    notes,
    confine: (id, bounds) => confine(files, place, usable, id, bounds),
    find: (id) => find(files, place, usable, id),
    release: () => usable.map((controller) => releaseIn(files, place, controller)).every(Boolean),
  };
  return { isolation };
}

function problemOf(files: GroupFiles, place: Place, controller: Controller): string | undefined {
  const folder = join(place.root, controller.name);
  if (!files.has(join(folder, 'cgroup.procs'))) return `${folder} is no hierarchy`;
  const wrong = probe(files, (id, bounds) => confine(files, place, [controller], id, bounds));
  const top = join(folder, 'proffer');
  if (wrong !== undefined) removeUnused(files, [groupFolder(top, place.agent), top]);
  return wrong;
}

function releaseIn(files: GroupFiles, { root, agent }: Place, { name }: Controller): boolean {
  const top = join(root, name, 'proffer');
  return removeUnused(files, [groupFolder(top, agent), top]);
}

function folderOf({ root, agent }: Place, { name }: Controller, id: string): string {
  return groupFolder(groupFolder(join(root, name, 'proffer'), agent), id);
}

function confine(
  files: GroupFiles,
  place: Place,
  usable: readonly Controller[],
  id: string,
  bounds: TaskBounds,
): Confinement {
  try {
    for (const controller of usable) {
      const folder = folderOf(place, controller, id);
      files.make(folder);
      controller.limit(files, folder, bounds);
    }
  } catch (error) {
    for (const controller of usable) isRemoved(files, folderOf(place, controller, id));
    throw error;
  }
  return find(files, place, usable, id);
}

function find(files: GroupFiles, place: Place, usable: readonly Controller[], id: string): Confinement {
  const memory = usable.find(({ name }) => name === 'memory');
  return groupConfinement(files, {
    folders: usable.map((controller) => folderOf(place, controller, id)),
    oomKills: () => (memory === undefined ? 0 : oomKillsIn(files, folderOf(place, memory, id))),
    killAtOnce: () => false,
  });
}

/** Before Linux 4.13 nobody counts; that the limit was hit is the next best that can be known. */
function oomKillsIn(files: GroupFiles, folder: string): number {
  const counted = counterIn(files, join(folder, 'memory.oom_control'), 'oom_kill');
  if (counted !== undefined) return counted;
  const failures = join(folder, 'memory.failcnt');
  return files.has(failures) ? Number(files.read(failures)) : 0;
}
