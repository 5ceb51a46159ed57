/** Operations on the resources of an agent, whoever asks for them (§10, §13): what is checked, and what follows. */
import type { OfferOperation, OperationContext } from '../offers/index.js';
import {
  add,
  contains,
  conversionsOf,
  noResources,
  shared,
  sum,
  unallocate,
  type Conversion,
  type ResourceOperation,
  type Resources,
} from '../resources/index.js';
import { tasksOn } from './agents.js';
import { agentOf, emit, type Draft } from './draft.js';
import { givesFeedback, openOperation, type OperationOwner } from './feedback.js';
import { rescindOffer } from './offers.js';
import { offersOn } from './outstanding.js';

/** What `validateOperation` must know of an agent. */
export function agentFacts(
  draft: Draft,
  id: string,
): Pick<OperationContext, 'agentCapabilities' | 'checkpointed' | 'usedByFramework'> {
  const machine = draft.allocator.agents.get(id);
  return {
    agentCapabilities: machine?.capabilities ?? [],
    checkpointed: machine?.total ?? noResources,
    usedByFramework: usedOn(draft, id),
  };
}

/** What tasks and executors use of an agent, by framework. */
function usedOn(draft: Draft, id: string): ReadonlyMap<string, Resources> {
  const agent = agentOf(draft, id);
  const used = new Map<string, Resources>();
  const use = (framework: string, resources: Resources): void => {
    used.set(framework, add(used.get(framework) ?? noResources, resources));
  };
  for (const task of tasksOn(draft, agent)) if (task.holds) use(task.framework, task.resources);
  for (const { framework, info } of agent.executors) use(framework, info.resources);
  return used;
}

/** Whether agents of this version can do it. */
export function isResourceOperation(operation: OfferOperation): operation is ResourceOperation {
  return operation.type !== 'create-disk' && operation.type !== 'destroy-disk';
}

/** What a valid operation amounts to, in unallocated form. */
export function conversionsFor(operation: ResourceOperation): readonly Conversion[] {
  return conversionsOf(operation).map(({ consumed, converted }) => ({
    consumed: unallocate(consumed),
    converted: unallocate(converted),
  }));
}

/** All that conversions take away. */
export function consumedBy(conversions: readonly Conversion[]): Resources {
  return sum(conversions.map(({ consumed }) => consumed));
}

/** VOL-2: copies of a volume that goes are taken back from whomever they are offered to. `hideForMs` as for a refusal. */
export function rescindCopies(draft: Draft, agent: string, destroyed: Resources, hideForMs: number): void {
  const copies = shared(destroyed);
  if (copies.items.length === 0) return;
  for (const { id, resources: offered } of offersOn(draft, agent)) {
    if (copies.items.some((item) => contains(offered, { ...item, shared: 1 }))) rescindOffer(draft, id, hideForMs);
  }
}

/**
 * Tells the agent what became of its resources; it keeps that from now on. One that gives feedback is told under a name,
 * by which it says what it made of it (OP-2).
 */
export function tellAgent(
  draft: Draft,
  agent: string,
  operation: ResourceOperation['type'],
  conversions: readonly Conversion[],
  owner?: OperationOwner,
): void {
  const row = givesFeedback(draft, agent) ? openOperation(draft, agent, operation, conversions, owner) : undefined;
  emit(draft, {
    type: 'apply-operation',
    agent,
    operation,
    consumed: consumedBy(conversions),
    converted: sum(conversions.map(({ converted }) => converted)),
    ...(row === undefined ? {} : { uuid: row.uuid, ...owner }),
  });
}
