/** RESERVE, UNRESERVE, CREATE, DESTROY, GROW_VOLUME and SHRINK_VOLUME of a framework (ACC-5, ACC-9, ACC-10, VAL-14, VAL-15). */
import { updateAllocation, validateOperation } from '../../offers/index.js';
import { convert, problemIn, type Problem } from '../../resources/index.js';
import type { Draft } from '../draft.js';
import type { ResourceOperationLike } from '../inputs.js';
import {
  agentFacts,
  consumedBy,
  conversionsFor,
  isResourceOperation,
  rescindCopies,
  tellAgent,
} from '../operations.js';
import type { Framework } from '../state.js';
import { convertPool, type Pool } from './pool.js';

/**
 * Applies an operation to what is left of the offers: what the framework holds, the agent's total and what later
 * operations find are changed at once (OP-3), and the agent is told.
 *
 * @returns why not; then nothing changed.
 */
export function operate(
  draft: Draft,
  framework: Framework,
  operation: ResourceOperationLike,
  pool: Pool,
): Problem | undefined {
  const problem = feedbackProblem(draft, framework.id, operation, pool) ?? validate(draft, framework, operation, pool);
  if (problem !== undefined) return problem;
  if (!isResourceOperation(operation)) {
    return { code: 'not-supported', path: 'type', message: `The operation ${operation.type} is not supported` };
  }
  const conversions = conversionsFor(operation);
  const missing = problemIn(() => convert(pool.remaining, conversions));
  if (missing !== undefined) return missing;
  const key = { agent: pool.agent, framework: framework.id, role: pool.role };
  const failed = updateAllocation(draft.allocator, { ...key, offered: consumedBy(conversions), conversions });
  if (failed !== undefined) return failed;
  if (operation.type === 'destroy') rescindCopies(draft, pool.agent, consumedBy(conversions), 0);
  convertPool(pool, conversions, operation.type === 'grow-volume' || operation.type === 'shrink-volume');
  const named = operation.id === undefined ? {} : { id: operation.id };
  tellAgent(draft, pool.agent, operation.type, conversions, { framework: framework.id, ...named });
  return undefined;
}

function validate(
  draft: Draft,
  framework: Framework,
  operation: ResourceOperationLike,
  pool: Pool,
): Problem | undefined {
  const { roles, capabilities, principal } = framework.settings;
  return validateOperation(operation, {
    framework: { id: framework.id, roles, capabilities },
    role: pool.role,
    ...(principal === null ? {} : { principal }),
    ...agentFacts(draft, pool.agent),
  });
}

/** ACC-9: who names an operation wants to hear of it; its agent must be able to tell, and the name must be its own. */
function feedbackProblem(
  draft: Draft,
  framework: string,
  { id }: ResourceOperationLike,
  pool: Pool,
): Problem | undefined {
  if (id === undefined) return undefined;
  if (draft.frameworks.get(framework)?.operations.has(id) === true) {
    return { code: 'operation-id-in-use', path: 'id', message: `An operation with the id ${id} is not settled yet` };
  }
  const capabilities = draft.allocator.agents.get(pool.agent)?.capabilities ?? [];
  const needed = ['resource-provider', 'agent-operation-feedback'] as const;
  const lacks = needed.filter((capability) => !capabilities.includes(capability));
  if (lacks.length === 0) return undefined;
  const message = `The operation has an id, but agent ${pool.agent} can't say what becomes of it: it lacks ${lacks.join(' and ')}`;
  return { code: 'agent-incapable', path: 'id', message };
}
