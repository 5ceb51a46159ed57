import type { Confinement, TaskBounds } from './confinement.js';
import { messageOf, type GroupFiles } from './group-files.js';

/** What is tried out: bounds that any shell is content with. */
const bounds: TaskBounds = { cpusMilli: 100, cpusLimitMilli: 1_000, memLimitBytes: 64 * 1024 * 1024 };

/**
 * Makes a confinement, lets a process enter it and takes it away: what files say of permissions is not what the kernel
 * allows. Answers what went wrong, if something did.
 */
export function probe(files: GroupFiles, confine: (id: string, bounds: TaskBounds) => Confinement): string | undefined {
  try {
    const confinement = confine(`probe-${process.pid}`, bounds);
    const wrong = files.enter(confinement.entry);
    confinement.remove();
    return wrong;
  } catch (error) {
    return messageOf(error);
  }
}
