/** RESERVE and UNRESERVE (RSV-2 … 5). */
import {
  equals,
  formatItem,
  isPersistentVolume,
  reservationAncestor,
  reservationRole,
  resources,
  sameReservations,
  toUnreserved,
  type Problem,
  type ResourceItem,
  type Resources,
} from '../resources/index.js';
import { quote, shown } from '../resources/quote.js';
import { firstProblem, prefixed } from '../tasks/index.js';
import { allocatedIn, validateOneRole, validateSubject, validateUnderstood } from './operation-checks.js';
import { badOperation, type OperationContext, type OperationOf } from './operation-context.js';

/** RSV-2 for a framework, RSV-5 for the operator. */
export function validateReserve(operation: OperationOf<'reserve'>, context: OperationContext): Problem | undefined {
  const target = allocatedIn(resources(operation.resources, 'resources'), context);
  return firstProblem([
    () => validateSubject(target, 'resources'),
    () => validateSource(operation, target, context),
    () => firstProblem(target.items.map((item) => () => validateReserved(item, context))),
    () => prefixed('Invalid reservation resources: ', validateOneRole(target, context, 'resources')),
  ]);
}

function validateReserved(item: ResourceItem, context: OperationContext): Problem | undefined {
  return firstProblem([
    () => validateDynamic(item),
    () => validateUnderstood(item, context, { what: 'Resource', done: 'reserved', path: 'resources' }),
    () => validatePrincipal(item, context),
    () => validateWhose(item, context),
  ]);
}

function validateDynamic(item: ResourceItem): Problem | undefined {
  if (topOf(item)?.type === 'dynamic') return undefined;
  return badOperation('resources', `Resource ${shown(formatItem(item))} is not dynamically reserved`, 'not-reserved');
}

function topOf(item: ResourceItem): ResourceItem['reservations'][number] | undefined {
  return item.reservations[item.reservations.length - 1];
}

/** Who asks must be named in the reservation; without a principal anything goes. */
function validatePrincipal(item: ResourceItem, { principal }: OperationContext): Problem | undefined {
  const own = topOf(item)?.principal;
  if (principal === undefined || own === principal) return undefined;
  const message =
    own === undefined
      ? `A reserve operation was attempted by principal ${quote(principal)}, ` +
        'but there is a reserved resource in the request with no principal set'
      : `A reserve operation was attempted by authenticated principal ${quote(principal)}, ` +
        `which does not match a reserved resource in the request with principal ${quote(own)}`;
  return badOperation('resources', message, 'wrong-principal');
}

/** A framework reserves to the role that it was offered the resources in; an operator reserves what nobody holds. */
function validateWhose(item: ResourceItem, { framework }: OperationContext): Problem | undefined {
  const attempted = 'A reserve operation was attempted';
  const wrong = (message: string): Problem => badOperation('resources', `${attempted} ${message}`, 'wrong-role');
  const { allocated } = item;
  const role = reservationRole(item);
  if (framework === null) {
    if (allocated === undefined) return undefined;
    return wrong(
      'with an allocated resource, but the operator API only allows reservations to be made to unallocated resources',
    );
  }
  if (allocated === undefined) {
    const message = `on unallocated resource ${shown(formatItem(item))}, but frameworks can only reserve what is allocated`;
    return wrong(message);
  }
  if (allocated !== role) {
    return wrong(`for a resource with role ${quote(role)}, but the resource was allocated to role ${quote(allocated)}`);
  }
  if (framework.roles.includes(allocated)) return undefined;
  const roles = `'{ ${shown(framework.roles.join(', '))} }'`;
  return wrong(`for a resource allocated to role ${quote(allocated)}, but the framework only has roles ${roles}`);
}

/** RSV-5: from one reservation to another, down to what both have in common and up again. The operator's only. */
function validateSource(
  { source: like }: OperationOf<'reserve'>,
  target: Resources,
  { framework }: OperationContext,
): Problem | undefined {
  if (like === undefined) return undefined;
  if (framework !== null) return badOperation('source', "'source' is not allowed in an operation of a framework");
  const source = resources(like, 'source');
  return firstProblem([
    () => prefixed('Invalid source: ', validateSubject(source, 'source')),
    () => validateUniform(source, 'source'),
    () => validateUniform(target, 'resources'),
    () => validateSameAmounts(source, target),
    () => validateReleased(source, target),
  ]);
}

/** One stack of reservations for all. */
function validateUniform(part: Resources, path: string): Problem | undefined {
  const [first] = part.items;
  if (first === undefined || part.items.every((item) => sameReservations(item, first))) return undefined;
  return badOperation(path, `Mixed reservations are not supported: ${shown(part)}`);
}

function validateSameAmounts(source: Resources, target: Resources): Problem | undefined {
  const [from, to] = [toUnreserved(source), toUnreserved(target)];
  if (equals(from, to)) return undefined;
  const message = `Source and target must be the same resources but for their reservations: ${shown(from)} vs. ${shown(to)}`;
  return badOperation('source', message);
}

/** What is taken away on the way down is as for UNRESERVE: dynamic, and under no volume (RSV-1, RSV-3). */
function validateReleased(source: Resources, target: Resources): Problem | undefined {
  const kept = reservationAncestor(source, target).items[0]?.reservations.length ?? 0;
  for (const item of source.items) {
    if (item.reservations.length === kept) continue;
    if (isPersistentVolume(item)) return destroyFirst(item, 'source');
    if (item.reservations.some(({ type }, depth) => depth >= kept && type === 'static')) {
      return badOperation(
        'source',
        `The static reservation of ${shown(formatItem(item))} cannot be taken away`,
        'not-reserved',
      );
    }
  }
  return undefined;
}

/** RSV-3. Whose reservation it is does not matter. */
export function validateUnreserve(operation: OperationOf<'unreserve'>, context: OperationContext): Problem | undefined {
  const subject = allocatedIn(resources(operation.resources, 'resources'), context);
  return firstProblem([
    () => validateSubject(subject, 'resources'),
    () =>
      firstProblem(
        subject.items.map(
          (item) => () =>
            validateDynamic(item) ?? (isPersistentVolume(item) ? destroyFirst(item, 'resources') : undefined),
        ),
      ),
    () => validateOfferRoleOnly(subject, context),
  ]);
}

/** What is written as allocated to another role than that of the offer was not offered. */
function validateOfferRoleOnly(subject: Resources, context: OperationContext): Problem | undefined {
  return context.role === undefined ? undefined : validateOneRole(subject, context, 'resources');
}

function destroyFirst(item: ResourceItem, path: string): Problem {
  const message =
    `A dynamically reserved persistent volume ${shown(formatItem(item))} cannot be unreserved directly. ` +
    'Please destroy the persistent volume first then unreserve the resource';
  return badOperation(path, message);
}
