/** CREATE_DISK and DESTROY_DISK (VAL-14). */
import { formatItem, isPersistentVolume, validateForUse, type Problem, type ResourceItem } from '../resources/index.js';
import { shown } from '../resources/quote.js';
import { prefixed } from '../tasks/index.js';
import { isProblem, theItem } from './operation-checks.js';
import { badOperation, type OperationOf } from './operation-context.js';

/** A raw disk of a provider becomes one that can be mounted or written to. */
export function validateCreateDisk(operation: OperationOf<'create-disk'>): Problem | undefined {
  const source = diskOf(operation);
  if (isProblem(source)) return source;
  const { targetType, targetProfile } = operation;
  const disk = source.disk?.source;
  if (disk?.type !== 'raw') return badOperation('source', "'source' is not a RAW disk resource");
  // As written, the type may be anything.
  if (!['mount', 'block'].includes(targetType)) {
    return badOperation('targetType', "'target_type' is neither MOUNT or BLOCK");
  }
  if ((disk.profile === undefined) === (targetProfile !== undefined)) return undefined;
  return badOperation(
    'targetProfile',
    disk.profile === undefined
      ? "'target_profile' must be set when 'source' has no profile"
      : "'target_profile' must not be set when 'source' has a profile",
  );
}

/** A disk of a provider becomes raw space again; the volume on it goes first. */
export function validateDestroyDisk(operation: OperationOf<'destroy-disk'>): Problem | undefined {
  const source = diskOf(operation);
  if (isProblem(source)) return source;
  const disk = source.disk?.source;
  if (disk === undefined || disk.type === 'path') {
    return badOperation('source', "'source' is neither a MOUNT, BLOCK or RAW disk resource");
  }
  if (disk.id === undefined) return badOperation('source', "'source' is not backed by a CSI volume");
  if (!isPersistentVolume(source)) return undefined;
  const message =
    `A disk resource containing a persistent volume ${shown(formatItem(source))} cannot be destroyed directly. ` +
    'Please destroy the persistent volume first then destroy the disk resource';
  return badOperation('source', message);
}

/** The one disk that the operation is about, if it is of a provider. */
function diskOf(operation: OperationOf<'create-disk' | 'destroy-disk'>): ResourceItem | Problem {
  const item = theItem(operation.source, 'source');
  if (isProblem(item)) return item;
  const problem = prefixed('Invalid resource: ', validateForUse(item, 'source'));
  if (problem !== undefined) return problem;
  if (item.provider !== undefined) return item;
  return badOperation('source', "'source' is not managed by a resource provider");
}
