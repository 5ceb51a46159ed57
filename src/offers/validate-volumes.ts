/** CREATE, DESTROY, GROW_VOLUME and SHRINK_VOLUME (VOL-1 … 3, SHARE-1). */
import {
  contains,
  conversionsOf,
  formatItem,
  isPersistentVolume,
  noResources,
  reservationRole,
  resources,
  unallocate,
  type Problem,
  type ResourceItem,
  type Resources,
} from '../resources/index.js';
import { quote, shown } from '../resources/quote.js';
import { firstProblem, prefixed, validateUniquePersistence } from '../tasks/index.js';
import { allocatedIn, validateOneRole, validateSubject, validateUnderstood } from './operation-checks.js';
import { badOperation, type OperationContext, type OperationOf } from './operation-context.js';

/** VOL-1. */
export function validateCreate(operation: OperationOf<'create'>, context: OperationContext): Problem | undefined {
  const volumes = allocatedIn(resources(operation.volumes, 'volumes'), context);
  return firstProblem([
    () => validateSubject(volumes, 'volumes'),
    () => validateVolumes(volumes),
    () => validateNewIds(volumes, context),
    () => firstProblem(volumes.items.map((item) => () => validateNewVolume(item, context))),
    () => prefixed('Invalid volume resources: ', validateOneRole(volumes, context, 'volumes')),
    () => validateConversion(operation),
  ]);
}

function validateVolumes(volumes: Resources): Problem | undefined {
  const other = volumes.items.find((item) => !isPersistentVolume(item));
  if (other === undefined) return undefined;
  return badOperation('volumes', `Not a persistent volume: ${shown(formatItem(other))}`, 'not-a-volume');
}

/** No volume of the role has that id, on the agent or in the operation. */
function validateNewIds(volumes: Resources, { checkpointed = noResources }: OperationContext): Problem | undefined {
  const ids = new Set(volumes.items.map((item) => item.disk?.id));
  const alike = checkpointed.items.filter((item) => ids.has(item.disk?.id) && isPersistentVolume(item));
  const taken = new Set(alike.map(volumeKey));
  const twin = volumes.items.find((item) => taken.has(volumeKey(item)));
  if (twin === undefined) return validateUniquePersistence(volumes, 'volumes');
  const message = `Persistence ID ${quote(twin.disk?.id ?? '')} is not unique`;
  return badOperation('volumes', message, 'duplicate-volume');
}

/** Volumes of different roles may be called the same. */
function volumeKey(item: ResourceItem): string {
  return JSON.stringify([reservationRole(item), item.disk?.id]);
}

function validateNewVolume(item: ResourceItem, context: OperationContext): Problem | undefined {
  return firstProblem([
    () => validateSharing(item, context),
    () => validateUnderstood(item, context, { what: 'Volume', done: 'created', path: 'volumes' }),
    () => validateOwner(item, context),
  ]);
}

function validateSharing(item: ResourceItem, { framework }: OperationContext): Problem | undefined {
  if (framework === null || item.shared === undefined || framework.capabilities.includes('shared-resources')) {
    return undefined;
  }
  const who = framework.id === undefined ? 'a framework' : `framework '${framework.id}'`;
  const message = `A shared volume ${shown(formatItem(item))} was to be created by ${who} with no SHARED_RESOURCES capability`;
  return badOperation('volumes', message, 'framework-incapable');
}

function validateOwner({ disk }: ResourceItem, { principal }: OperationContext): Problem | undefined {
  if (principal === undefined || disk?.principal === principal) return undefined;
  const message =
    disk?.principal === undefined
      ? `Create volume operation attempted by principal ${quote(principal)}, ` +
        "but there is a volume in the operation with no principal set in 'disk.persistence'"
      : `Create volume operation attempted by authenticated principal ${quote(principal)}, which does not match ` +
        `a volume in the operation with principal ${quote(disk.principal)} set in 'disk.persistence'`;
  return badOperation('volumes', message, 'wrong-principal');
}

/** VOL-2. A volume of a resource provider is not among those that the agent keeps. */
export function validateDestroy(operation: OperationOf<'destroy'>, context: OperationContext): Problem | undefined {
  const { checkpointed = noResources, usedByFramework } = context;
  const written = allocatedIn(resources(operation.volumes, 'volumes'), context);
  const volumes = unallocate(written);
  const used = [...(usedByFramework?.values() ?? [])].map((part) => unallocate(part));
  return firstProblem([
    () => validateSubject(volumes, 'volumes'),
    () => validateVolumes(volumes),
    () =>
      volumes.items.every((item) => item.provider !== undefined || contains(checkpointed, item))
        ? undefined
        : badOperation('volumes', 'Persistent volumes not found', 'unknown-volume'),
    () =>
      volumes.items.some((item) => used.some((part) => contains(part, item)))
        ? badOperation('volumes', 'Persistent volumes in use', 'volume-in-use')
        : undefined,
    () => (context.role === undefined ? undefined : validateOneRole(written, context, 'volumes')),
    () => validateConversion(operation),
  ]);
}

/** VOL-3. */
export function validateGrow(operation: OperationOf<'grow-volume'>, context: OperationContext): Problem | undefined {
  const volume = allocatedIn(resources(operation.volume, 'volume'), context);
  const addition = allocatedIn(resources(operation.addition, 'addition'), context);
  return firstProblem([
    () => prefixed('In volume: ', validateSubject(volume, 'volume')),
    () => prefixed('In addition: ', validateSubject(addition, 'addition')),
    () => validateConversion({ ...operation, volume, addition }),
    () => validateResizable(volume, context, 'grown'),
  ]);
}

/** VOL-3. */
export function validateShrink(
  operation: OperationOf<'shrink-volume'>,
  context: OperationContext,
): Problem | undefined {
  const volume = allocatedIn(resources(operation.volume, 'volume'), context);
  return firstProblem([
    () => prefixed('In volume: ', validateSubject(volume, 'volume')),
    () => validateConversion({ ...operation, volume }),
    () => validateResizable(volume, context, 'shrunk'),
  ]);
}

function validateResizable(volume: Resources, context: OperationContext, done: string): Problem | undefined {
  if (!context.agentCapabilities.includes('resize-volume')) {
    const message = `Volume ${shown(volume)} cannot be ${done} on an agent without RESIZE_VOLUME capability`;
    return badOperation('volume', message, 'agent-incapable');
  }
  return context.role === undefined ? undefined : validateOneRole(volume, context, 'volume');
}

/** What the algebra itself refuses: it throws, and the caller of all these makes an answer of it. */
function validateConversion(operation: Parameters<typeof conversionsOf>[0]): undefined {
  conversionsOf(operation);
}
