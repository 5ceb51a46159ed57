/** What this machine has to offer. */
import { statfsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';

/** What is known of a machine. */
export interface MachineFacts {
  /** Processors that this process may use. */
  readonly cpus: number;
  /** Memory of the machine, bytes. */
  readonly memBytes: number;
  /** The ceiling of memory for this process and its children, bytes; undefined = none. */
  readonly memLimitBytes: number | undefined;
  /** The size of the file system that tasks work in, bytes. */
  readonly diskBytes: number;
}

const mebi = 1024 ** 2;
const gibi = 1024 ** 3;

/**
 * The resources of a machine, as text. Something is left to the system: 1 GiB of memory and 5 GiB of disk, or half of what
 * there is where that would be more than half. As in Mesos, ports are the range 31000 to 32000.
 */
export function resourcesOf({ cpus, memBytes, memLimitBytes = Infinity, diskBytes }: MachineFacts): string {
  const mem = Math.min(leaving(memBytes, gibi), memLimitBytes);
  const amounts = { cpus, mem: Math.floor(mem / mebi), disk: Math.floor(leaving(diskBytes, 5 * gibi) / mebi) };
  const scalars = Object.entries(amounts).filter(([, amount]) => amount > 0);
  return [...scalars.map(([name, amount]) => `${name}:${amount}`), 'ports:[31000-32000]'].join(';');
}

function leaving(bytes: number, rest: number): number {
  return bytes < 2 * rest ? bytes / 2 : bytes - rest;
}

/**
 * The resources of this machine, as text: `cpus:8;mem:31002;disk:97280;ports:[31000-32000]`. `workDir` need not exist yet.
 *
 * @throws the error of `node:fs` when the file system of `workDir` cannot be looked at.
 */
export function detectResources({ workDir }: { readonly workDir: string }): string {
  return resourcesOf(machineFacts(workDir));
}

/** What is known of this machine. */
export function machineFacts(workDir: string): MachineFacts {
  const { blocks, bsize } = fileSystemOf(resolve(workDir));
  return {
    cpus: availableParallelism(),
    memBytes: totalmem(),
    memLimitBytes: memoryCeiling(process.constrainedMemory()),
    diskBytes: blocks * bsize,
  };
}

/** Control groups of either version; where there is no ceiling, it is 0 or a number that no machine has. */
function memoryCeiling(said: number | undefined): number | undefined {
  return said === undefined || said === 0 || said >= totalmem() ? undefined : said;
}

/** Of a folder that is not there yet, that of the one in which it will be. */
function fileSystemOf(path: string): { readonly blocks: number; readonly bsize: number } {
  try {
    return statfsSync(path);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing && dirname(path) !== path) return fileSystemOf(dirname(path));
    throw error;
  }
}
