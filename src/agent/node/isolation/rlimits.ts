/** Isolation by the limits that every process has. */
import { memBytes } from './amounts.js';
import type { Attempt, Confinement, Isolation, TaskBounds } from './confinement.js';
import type { GroupFiles } from './group-files.js';

const isolation: Isolation = {
  kind: 'rlimits',
  enforces: ['mem'],
  notes: [
    'cpus are not enforced: limits of a process know no share of the processors',
    'mem is enforced for each process of a task by itself, not for all of them together',
  ],
  confine: (_id, bounds) => limited(bounds),
  find: () => limited({ cpusMilli: 0, cpusLimitMilli: Infinity, memLimitBytes: Infinity }),
  release: () => true,
};

/**
 * Limits of processes. `RLIMIT_DATA` counts the private memory that a process may write to, used or not (Linux 4.7), and so
 * also the whole stack of each thread. `RLIMIT_AS` would count the address space, of which runtimes with a garbage
 * collector reserve gigabytes that they never touch: they would not even start.
 */
export function rlimits(files: Pick<GroupFiles, 'enter'>, platform: string): Attempt {
  // Elsewhere there is such a limit, and memory that is mapped passes it by.
  if (platform !== 'linux') return { why: `limits of processes do not hold on ${platform}` };
  const wrong = files.enter(entryOf(1024 * 1024));
  return wrong === undefined ? { isolation } : { why: `the shell cannot limit processes: ${wrong}` };
}

/** Who may not set it because they are under a stricter one already is fine as they are. */
function entryOf(kib: number): string {
  return `ulimit -d ${kib} 2> /dev/null || [ "$(ulimit -H -d)" != unlimited ]`;
}

function limited(bounds: TaskBounds): Confinement {
  const bytes = memBytes(bounds);
  return {
    entry: bytes === Infinity ? '' : entryOf(Math.floor(bytes / 1_024)),
    // A process that may have no more memory is told so; nobody is killed.
    oomKills: () => 0,
    // What a task started is known by its process group only, which is not ours to know.
    kill: () => false,
    occupied: () => undefined,
    remove: () => {},
  };
}
