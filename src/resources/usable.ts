import { InputError, type Problem, problemIn } from './errors.js';
import { validateId } from './ids.js';
import { type Disk, formatItem, type ResourceItem } from './item.js';
import { shown } from './quote.js';
import { readItem, type ResourceInput } from './read-item.js';
import { hasName, isPlainScalars, itemsOf, resources, type ResourcesLike } from './resources.js';

/**
 * Checks one item by itself (RES-14, RES-15, RES-23, RES-25). An empty amount such as `cpus:0` is valid.
 *
 * @returns a problem with code `bad-resources`, or `undefined`.
 * @remarks Since 0.1.0
 */
export function validateItem(item: ResourceInput | ResourceItem): Problem | undefined {
  return problemIn(() => readItem(item, 'item'));
}

/**
 * Checks resources that an operation or a task names: each valid by itself (RES-15); gpus are whole (RES-18); what is
 * dynamically reserved is not revocable (REV-2); volumes are real ones (VOL-1).
 *
 * @returns the first problem, with code `bad-resources`, or `undefined`.
 * @remarks Since 0.1.0
 */
export function validateForUse(like: ResourcesLike, path: string = 'resources'): Problem | undefined {
  return problemIn(() => {
    const r = resources(like, path);
    if (isPlainScalars(r) && !hasName(r, 'gpus')) return;
    for (const item of itemsOf(r)) {
      const message = gpusProblem(item) ?? reservationProblem(item) ?? diskProblem(item);
      if (message !== undefined) throw new InputError('bad-resources', path, message);
    }
  });
}

function gpusProblem(item: ResourceItem): string | undefined {
  const { name, value } = item;
  if (name !== 'gpus' || (value.type === 'scalar' && value.milli % 1000 === 0)) return undefined;
  return "The 'gpus' resource must be an unsigned integer";
}

function reservationProblem(item: ResourceItem): string | undefined {
  const top = item.reservations[item.reservations.length - 1];
  if (top?.type !== 'dynamic' || item.revocable === undefined) return undefined;
  return `Dynamically reserved resource ${shown(formatItem(item))} cannot be created from revocable resources`;
}

function diskProblem(item: ResourceItem): string | undefined {
  const { disk } = item;
  if (disk === undefined) return undefined;
  if (disk.id !== undefined) return volumeProblem(item, disk, disk.id);
  if (hasVolume(disk)) return 'Non-persistent volume not supported';
  return disk.source === undefined ? 'DiskInfo is set but empty' : undefined;
}

function volumeProblem(item: ResourceItem, disk: Disk, id: string): string | undefined {
  if (item.revocable !== undefined) return 'Persistent volumes cannot be created from revocable resources';
  if (item.reservations.length === 0) return 'Persistent volumes cannot be created from unreserved resources';
  if (!hasVolume(disk)) return "Expecting 'volume' to be set for persistent volume";
  if (disk.mode === 'ro') return 'Read-only persistent volume not supported';
  if (disk.hostPath !== undefined) return "Expecting 'host_path' to be unset for persistent volume";
  const problem = validateId(id);
  return problem === undefined ? undefined : `Invalid persistence ID for persistent volume: ${problem.message}`;
}

/** Whether a place in a container is given at all. */
function hasVolume(disk: Disk): boolean {
  return (disk.path ?? disk.hostPath ?? disk.mode) !== undefined;
}
