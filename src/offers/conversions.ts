/** What operations do to an agent: its total follows, and so does what is held of it or what is free (ALLOC-12, ALLOC-13). */
import {
  InputError,
  contains,
  convert,
  equals,
  hasShared,
  isEmpty,
  problemIn,
  sum,
  type Conversion,
  type Problem,
  type Resources,
} from '../resources/index.js';
import { cut, shown } from '../resources/quote.js';
import { addTotal } from './agents.js';
import { freeOf } from './free.js';
import { exchange, heldBy, type HoldingKey } from './holdings.js';
import type { AllocatorAgent, AllocatorDraft } from './state.js';
import { markAgentDirty } from './when.js';

/** Operations on a part of what a framework holds. Resources are in unallocated form. */
export interface AllocationUpdate extends HoldingKey {
  /** The part, of what the framework holds in the role. */
  readonly offered: Resources;
  /** One with nothing consumed makes further copies of something shared: held, but no part of the agent's total. */
  readonly conversions: readonly Conversion[];
}

/**
 * Converts a part of what a framework holds, and the agent's total with it; shares follow where amounts did change. No
 * run (ALLOC-12).
 *
 * @returns why nothing changed, or `undefined`.
 */
export function updateAllocation(draft: AllocatorDraft, update: AllocationUpdate): Problem | undefined {
  const { agent: id, offered, conversions } = update;
  const agent = draft.agents.get(id);
  if (agent === undefined) return unknownAgent(id);
  return problemIn(() => {
    if (!contains(heldBy(agent, update), offered)) {
      throw new InputError('not-allocated', 'offered', `framework ${update.framework} does not hold ${shown(offered)}`);
    }
    const other = convert(offered, conversions);
    const changes = conversions.filter(({ consumed }) => !isEmpty(consumed));
    const total = convert(agent.total, changes);
    exchange(draft, update, { part: offered, other, total });
    addTotal(draft, ...totalChange(agent.total, total, changes));
  });
}

/**
 * Converts what nobody holds of an agent, and its total with it. No run (ALLOC-13).
 *
 * @returns why nothing changed, or `undefined`: code `not-available` if something of it is held.
 */
export function updateAvailable(
  draft: AllocatorDraft,
  id: string,
  conversions: readonly Conversion[],
): Problem | undefined {
  const agent = draft.agents.get(id);
  if (agent === undefined) return unknownAgent(id);
  const problem = problemIn(() => convert(agent.free, conversions)) ?? sharedInUse(agent, conversions);
  if (problem !== undefined) return { ...problem, code: 'not-available' };
  const total = convert(agent.total, conversions);
  if (equals(total, agent.total)) return undefined;
  draft.agents = draft.agents.set(id, { ...agent, total, free: freeOf(total, agent.held) }, draft.edit);
  addTotal(draft, agent.total, total);
  markAgentDirty(draft, id);
  return undefined;
}

/** What of a total goes and what comes: what conversions name, unless copies of something shared are in it. */
function totalChange(before: Resources, after: Resources, changes: readonly Conversion[]): [Resources, Resources] {
  const gone = sum(changes.map(({ consumed }) => consumed));
  const come = sum(changes.map(({ converted }) => converted));
  return hasShared(gone) || hasShared(come) ? [before, after] : [gone, come];
}

/** What is shared counts as free while it is held (ALLOC-10), but must not go from under those who do. */
function sharedInUse(agent: AllocatorAgent, conversions: readonly Conversion[]): Problem | undefined {
  const taken = conversions.find(
    ({ consumed }) => hasShared(consumed) && agent.held.some(({ resources }) => anyShared(resources, consumed)),
  );
  if (taken === undefined) return undefined;
  return { code: 'not-available', path: 'volumes', message: `${shown(taken.consumed)} is in use` };
}

function anyShared(held: Resources, consumed: Resources): boolean {
  return consumed.items.some((item) => item.shared !== undefined && contains(held, { ...item, shared: 1 }));
}

function unknownAgent(id: string): Problem {
  return { code: 'unknown-agent', path: 'agent', message: `There is no agent ${cut(id)}` };
}
