/** Control groups of the second version: one hierarchy, of which a group hands its controllers down to its children. */
import { dirname, join } from 'node:path';
import { cpuPeriodUs, cpuQuotaUs, cpuWeight, memBytes } from './amounts.js';
import type { Attempt, Confinement, Isolation, TaskBounds } from './confinement.js';
import { counterIn, groupConfinement, groupFolder, isRemoved, removeUnused } from './group.js';
import { messageOf, type GroupFiles } from './group-files.js';
import { isGone } from './processes.js';
import { probe } from './probe.js';

/** Where the hierarchy is mounted, whose groups they are, and where in it this process is. */
interface Place {
  readonly root: string;
  readonly agent: string;
  /** As `/proc/self/cgroup` says it: a path from the mount, beginning with a slash. */
  readonly own: string;
  /** This process and those above it. */
  readonly kin: readonly number[];
}

type Controller = 'cpu' | 'memory';
const enforcedBy = { cpu: 'cpus', memory: 'mem' } as const;
const wanted: readonly Controller[] = ['cpu', 'memory'];

/**
 * Isolation by the hierarchy at `root`. Groups are `proffer/AGENT/ID` in the first of these that can be had:
 *
 * 1. the root of the whole hierarchy, which may hold processes and children with controllers at once;
 * 2. the parent of the agent's own group: so in a service of systemd with `Delegate=yes` and `DelegateSubgroup=agent`;
 * 3. the agent's own group, out of which the agent moves into a child of it, for a group with processes of its own can hand
 *    down no controllers: so in a container. Nobody else may be in it.
 */
export function cgroupsV2(files: GroupFiles, place: Place): Attempt {
  if (!files.has(join(place.root, 'cgroup.controllers'))) {
    return { why: `${place.root} is no hierarchy of control groups (version 2)` };
  }
  const problems: string[] = [];
  let best: Isolation | undefined;
  for (const { base, clear } of candidates(files, place)) {
    const tried = tryBase(files, base, place.agent, clear);
    if ('why' in tried) problems.push(tried.why);
    else if (best === undefined || tried.isolation.enforces.length > best.enforces.length) best = tried.isolation;
    if (best?.enforces.length === wanted.length) break;
  }
  return best === undefined ? { why: problems.join('; ') } : { isolation: best };
}

/** A group that may become the parent of all, and what must be done to it first. */
interface Candidate {
  readonly base: string;
  clear(): void;
}

function candidates(files: GroupFiles, { root, own, kin }: Place): readonly Candidate[] {
  const nothing = (): void => {};
  // Only the true root has no type; that of a container looks like a root and is none.
  const isTrueRoot = !files.has(join(root, 'cgroup.type'));
  const top = isTrueRoot ? [{ base: root, clear: nothing }] : [];
  // Of a group outside of what is mounted there is nothing to be seen.
  if (own.includes('/..')) return top;
  const folder = own === '/' ? root : join(root, own);
  const parent = own === '/' ? [] : [{ base: dirname(folder), clear: nothing }];
  const self = isTrueRoot && own === '/' ? [] : [{ base: folder, clear: () => moveOut(files, folder, kin) }];
  return [...top, ...parent, ...self];
}

function moveOut(files: GroupFiles, folder: string, kin: readonly number[]): void {
  const inside = files
    .read(join(folder, 'cgroup.procs'))
    .split('\n')
    .filter((pid) => pid !== '');
  const stranger = inside.find((pid) => !kin.includes(Number(pid)));
  if (stranger !== undefined) throw new Error(`process ${stranger}, which is none of ours, is in ${folder}`);
  const leaf = join(folder, 'proffer-agent');
  files.make(leaf);
  for (const pid of inside) files.write(join(leaf, 'cgroup.procs'), pid);
}

/** Makes the folders of the agent in `base`, hands down what controllers can be had, and tries it out. */
function tryBase(files: GroupFiles, base: string, agent: string, clear: () => void): Attempt {
  const top = join(base, 'proffer');
  const folder = groupFolder(top, agent);
  try {
    if (!wanted.every((it) => wordsIn(files, base, 'cgroup.subtree_control').includes(it))) clear();
    for (const group of [base, top, folder]) {
      files.make(group);
      handDown(files, group);
    }
    const tried = tryFolder(files, base, folder);
    if ('why' in tried) removeUnused(files, [folder, top]);
    return tried;
  } catch (error) {
    removeUnused(files, [folder, top]);
    return { why: `${base}: ${messageOf(error)}` };
  }
}

function tryFolder(files: GroupFiles, base: string, folder: string): Attempt {
  const usable: Controller[] = [];
  const notes: string[] = [];
  for (const controller of wanted) {
    const wrong = problemOf(files, folder, controller);
    if (wrong === undefined) usable.push(controller);
    else notes.push(`control groups (version 2) in ${base} do not enforce ${enforcedBy[controller]}: ${wrong}`);
  }
  if (usable.length === 0) return { why: notes.join('; ') };
  const isolation: Isolation = {
    kind: 'cgroups-v2',
    enforces: usable.map((it) => enforcedBy[it]),
    notes,
    confine: (id, bounds) => confine(files, folder, usable, id, bounds),
    find: (id) => find(files, groupFolder(folder, id)),
    release: () => removeUnused(files, [folder, dirname(folder)]),
  };
  return { isolation };
}

function problemOf(files: GroupFiles, folder: string, controller: Controller): string | undefined {
  const isThere = wordsIn(files, folder, 'cgroup.subtree_control').includes(controller);
  if (!isThere) return `it has no controller ${controller} to hand down`;
  return probe(files, (id, bounds) => confine(files, folder, [controller], id, bounds));
}

/** One by one, for a write that names one which cannot be had does nothing at all. */
function handDown(files: GroupFiles, group: string): void {
  const done = wordsIn(files, group, 'cgroup.subtree_control');
  const there = wordsIn(files, group, 'cgroup.controllers');
  for (const controller of wanted) {
    if (done.includes(controller) || !there.includes(controller)) continue;
    files.write(join(group, 'cgroup.subtree_control'), `+${controller}`);
  }
}

function wordsIn(files: GroupFiles, group: string, file: string): readonly string[] {
  return files.read(join(group, file)).split(/\s+/);
}

function confine(
  files: GroupFiles,
  parent: string,
  usable: readonly Controller[],
  id: string,
  bounds: TaskBounds,
): Confinement {
  const folder = groupFolder(parent, id);
  try {
    files.make(folder);
    if (usable.includes('cpu')) limitCpu(files, folder, bounds);
    if (usable.includes('memory')) limitMemory(files, folder, bounds);
  } catch (error) {
    isRemoved(files, folder);
    throw error;
  }
  return find(files, folder);
}

function limitCpu(files: GroupFiles, folder: string, bounds: TaskBounds): void {
  const quota = cpuQuotaUs(bounds);
  files.write(join(folder, 'cpu.weight'), String(cpuWeight(bounds)));
  files.write(join(folder, 'cpu.max'), `${quota === Infinity ? 'max' : quota} ${cpuPeriodUs}`);
}

function limitMemory(files: GroupFiles, folder: string, bounds: TaskBounds): void {
  const bytes = memBytes(bounds);
  const swap = join(folder, 'memory.swap.max');
  const together = join(folder, 'memory.oom.group');
  files.write(join(folder, 'memory.max'), bytes === Infinity ? 'max' : String(bytes));
  // What may not take more memory may not take swap instead; absent where swap is not counted.
  if (files.has(swap)) files.write(swap, bytes === Infinity ? 'max' : '0');
  // A task of which the kernel took one process away is no task any more; since Linux 4.19.
  if (files.has(together)) files.write(together, '1');
}

function find(files: GroupFiles, folder: string): Confinement {
  return groupConfinement(files, {
    folders: [folder],
    oomKills: () => counterIn(files, join(folder, 'memory.events'), 'oom_kill') ?? 0,
    killAtOnce: () => killAtOnce(files, folder),
  });
}

/** The kernel does it by itself since Linux 5.14, and leaves no gap for newborn ones. */
function killAtOnce(files: GroupFiles, folder: string): boolean {
  const file = join(folder, 'cgroup.kill');
  if (!files.has(file)) return false;
  try {
    files.write(file, '1');
    return true;
  } catch (error) {
    return isGone(error);
  }
}
