/** RESERVE, UNRESERVE, CREATE_VOLUMES, DESTROY_VOLUMES, GROW_VOLUME and SHRINK_VOLUME of the operator (RSV-5). */
import { refusalMs, updateAvailable, validateOperation } from '../../offers/index.js';
import {
  InputError,
  equals,
  isEmpty,
  nonShared,
  subtract,
  type ResourceOperation,
  type Resources,
} from '../../resources/index.js';
import { cut } from '../../resources/quote.js';
import type { Draft } from '../draft.js';
import type { ResourceControl } from '../inputs.js';
import { rescindOffer } from '../offers.js';
import { offersOn } from '../outstanding.js';
import { agentFacts, consumedBy, conversionsFor, rescindCopies, tellAgent } from '../operations.js';

/**
 * Applies an operation to what nobody uses of an agent. What is only offered is taken back as far as it is needed, and
 * stays hidden for as long as a refusal would hide it, so that the operation comes first. All or nothing.
 *
 * @throws InputError `unknown-agent`; `agent-disconnected`; `insufficient-resources` when too much of it is in use; what
 *   `validateOperation` finds
 */
export function operateResources(draft: Draft, control: ResourceControl): void {
  const { agent } = control;
  const row = draft.agents.get(agent);
  if (row === undefined) throw new InputError('unknown-agent', 'agent', `There is no agent ${cut(agent)}`);
  if (!row.connected) throw new InputError('agent-disconnected', 'agent', `Agent ${agent} is disconnected`);
  const operation = operationOf(control);
  const principal = 'principal' in control ? control.principal : undefined;
  const problem = validateOperation(operation, {
    framework: null,
    ...(principal === undefined ? {} : { principal }),
    ...agentFacts(draft, agent),
  });
  if (problem !== undefined) throw new InputError(problem.code, problem.path, problem.message);

  const conversions = conversionsFor(operation);
  const needed = consumedBy(conversions);
  takeBack(draft, agent, nonShared(needed));
  if (operation.type === 'destroy') rescindCopies(draft, agent, needed, refusalMs(undefined));
  const missing = updateAvailable(draft.allocator, agent, conversions);
  if (missing !== undefined) throw new InputError('insufficient-resources', missing.path, missing.message);
  tellAgent(draft, agent, operation.type, conversions);
}

function operationOf(control: ResourceControl): ResourceOperation {
  switch (control.type) {
    case 'reserve': {
      const { resources, source } = control;
      return { type: 'reserve', resources, ...(source === undefined ? {} : { source }) };
    }
    case 'unreserve':
      return { type: 'unreserve', resources: control.resources };
    case 'create-volumes':
      return { type: 'create', volumes: control.volumes };
    case 'destroy-volumes':
      return { type: 'destroy', volumes: control.volumes };
    case 'grow-volume':
      return { type: 'grow-volume', volume: control.volume, addition: control.addition };
    case 'shrink-volume':
      return { type: 'shrink-volume', volume: control.volume, subtract: control.subtract };
  }
  return control satisfies never;
}

/** Rescinds offers that have something of what is needed and not free, oldest first, until nothing is missing. */
function takeBack(draft: Draft, agent: string, needed: Resources): void {
  for (const { id, resources: offered } of offersOn(draft, agent)) {
    const missing = subtract(needed, nonShared(draft.allocator.agents.get(agent)?.free ?? needed));
    if (isEmpty(missing)) return;
    if (equals(subtract(missing, offered), missing)) continue;
    rescindOffer(draft, id, refusalMs(undefined));
  }
}
