/** What a task may have, in the numbers that kernels take. */
import type { TaskBounds } from './confinement.js';

/** The time in which a quota of processor time is used up and given anew, microseconds. */
export const cpuPeriodUs = 100_000;
/** The least quota that the kernel takes, microseconds: a hundredth of a processor. */
const leastQuotaUs = 1_000;
/** A shell and the program that it becomes need some memory to begin at all; below this nothing would ever start. */
const leastMemBytes = 4 * 1024 * 1024;

/** Processor time in each period, microseconds; Infinity = no quota. */
export function cpuQuotaUs({ cpusLimitMilli }: TaskBounds): number {
  return Math.max(leastQuotaUs, Math.round((cpusLimitMilli * cpuPeriodUs) / 1_000));
}

/** The share that the first version knows: 1024 for a processor. */
export function cpuShares({ cpusMilli }: TaskBounds): number {
  return clamp(Math.round((cpusMilli * 1_024) / 1_000), 2, 262_144);
}

/** The weight that the second version knows: 100 for a processor, which is what a group has by itself. */
export function cpuWeight({ cpusMilli }: TaskBounds): number {
  return clamp(Math.round(cpusMilli / 10), 1, 10_000);
}

/** The ceiling of memory, whole bytes; Infinity = none. */
export function memBytes({ memLimitBytes }: TaskBounds): number {
  return Math.max(leastMemBytes, Math.floor(memLimitBytes));
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
