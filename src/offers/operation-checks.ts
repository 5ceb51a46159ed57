/** Checks that several operations have in common. */
import {
  add,
  allocate,
  formatItem,
  noResources,
  reservationRole,
  resources,
  validateForUse,
  type Problem,
  type ResourceItem,
  type Resources,
  type ResourcesLike,
} from '../resources/index.js';
import { quote, shown } from '../resources/quote.js';
import { firstProblem, prefixed, validateSingleProvider, validateTaskAllocation } from '../tasks/index.js';
import { badOperation, type OperationContext } from './operation-context.js';

/** There is something, usable, and all of it from one provider (RSV-2). */
export function validateSubject(subject: Resources, path: string): Problem | undefined {
  return firstProblem([
    () => (subject.items.length > 0 ? undefined : badOperation(path, 'The operation names no resources')),
    () => prefixed('Invalid resources: ', validateForUse(subject, path)),
    () => prefixed('Invalid resources: ', validateSingleProvider(subject, path)),
  ]);
}

/** Items that name no role get that of the offer (ACC-10). */
export function allocatedIn(subject: Resources, { role }: OperationContext): Resources {
  if (role === undefined) return subject;
  const named = subject.items.filter((item) => item.allocated !== undefined);
  const unnamed = subject.items.filter((item) => item.allocated === undefined);
  return add(sumOf(named), allocate(sumOf(unnamed), role));
}

function sumOf(items: readonly ResourceItem[]): Resources {
  return items.length === 0 ? noResources : resources(items);
}

/** Of a framework: all items are allocated, to one role, which is that of the offer. */
export function validateOneRole(subject: Resources, context: OperationContext, path: string): Problem | undefined {
  const { framework, role } = context;
  if (framework === null) return undefined;
  const problem = validateTaskAllocation(subject, path);
  if (problem !== undefined) return problem;
  const other = subject.items[0]?.allocated;
  if (role === undefined || other === role) return undefined;
  const message = `The resources are allocated to role ${quote(other)} while the offer is for role ${quote(role)}`;
  return { code: 'wrong-role', path, message };
}

/** An old agent knows no roles below roles, or no reservations on reservations (RSV-2, RSV-4). */
export function validateUnderstood(
  item: ResourceItem,
  { agentCapabilities }: OperationContext,
  { what, done, path }: { readonly what: string; readonly done: string; readonly path: string },
): Problem | undefined {
  const role = reservationRole(item) ?? '*';
  const lacks = (capability: string, reservation: string): Problem =>
    badOperation(
      path,
      `${what} ${shown(formatItem(item))} with ${reservation} cannot be ${done} on an agent without ${capability} capability`,
      'agent-incapable',
    );
  if (role.includes('/') && !agentCapabilities.includes('hierarchical-role')) {
    return lacks('HIERARCHICAL_ROLE', `reservation for hierarchical role '${role}'`);
  }
  if (item.reservations.length > 1 && !agentCapabilities.includes('reservation-refinement')) {
    return lacks('RESERVATION_REFINEMENT', 'reservation refinement');
  }
  return undefined;
}

/** The one item that an operation is about, as written. */
export function theItem(like: ResourcesLike, path: string): ResourceItem | Problem {
  const { items } = resources(like, path);
  const [item] = items;
  if (item !== undefined && items.length === 1) return item;
  return badOperation(path, `Expecting one item that is not empty in '${path}' but found ${items.length}`);
}

/** Whether {@link theItem} found none. */
export function isProblem(found: ResourceItem | Problem): found is Problem {
  return 'code' in found;
}
