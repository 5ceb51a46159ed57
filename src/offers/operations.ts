/**
 * Whether an operation on resources makes sense (VAL-14): of a framework on what it was offered, or of the operator on
 * what nobody holds. Whether the resources are there is another question (VAL-15).
 */
import { problemIn, type Problem } from '../resources/index.js';
import { quote } from '../resources/quote.js';
import { badOperation, type OfferOperation, type OperationContext } from './operation-context.js';
import { validateCreateDisk, validateDestroyDisk } from './validate-disks.js';
import { validateReserve, validateUnreserve } from './validate-reservations.js';
import { validateCreate, validateDestroy, validateGrow, validateShrink } from './validate-volumes.js';

/**
 * Whether an operation may be applied, its resources being there.
 *
 * @returns the first problem, or `undefined`. Nothing that somebody writes makes it throw.
 * @example
 * ```ts
 * const volume = { name: 'disk', value: 64, role: 'db', disk: { id: 'v1', path: 'data' } };
 * validateOperation({ type: 'create', volumes: volume }, { framework: null, agentCapabilities: [] }); // undefined
 * ```
 */
export function validateOperation(operation: OfferOperation, context: OperationContext): Problem | undefined {
  let problem: Problem | undefined;
  const thrown = problemIn(() => {
    problem = validateByType(operation, context);
  });
  return thrown ?? problem;
}

function validateByType(operation: OfferOperation, context: OperationContext): Problem | undefined {
  switch (operation.type) {
    case 'reserve':
      return validateReserve(operation, context);
    case 'unreserve':
      return validateUnreserve(operation, context);
    case 'create':
      return validateCreate(operation, context);
    case 'destroy':
      return validateDestroy(operation, context);
    case 'grow-volume':
      return validateGrow(operation, context);
    case 'shrink-volume':
      return validateShrink(operation, context);
    case 'create-disk':
      return validateCreateDisk(operation);
    case 'destroy-disk':
      return validateDestroyDisk(operation);
  }
  operation satisfies never;
  const { type } = operation as { readonly type: unknown };
  return badOperation('type', `There is no operation ${quote(type)}`, 'unknown-operation');
}
