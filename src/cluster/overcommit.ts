/** Invariant I1: an agent may hold more than it has only while it is marked. */
import {
  contains,
  isEmpty,
  isPlainScalars,
  nonScalars,
  nonShared,
  subtract,
  type Resources,
} from '../resources/index.js';
import { heldBy, holdAll, type AllocatorAgent, type Holding } from '../offers/index.js';
import { agentOf, putAgent, type Draft } from './draft.js';
import { rescindAgentOffers } from './offers.js';
import { offersOn } from './outstanding.js';
import type { Agent, TaskRef } from './state.js';

/**
 * Marks or unmarks an agent by what it holds now: its total shrank, it came back with tasks, or something ended. Two that
 * one framework holds in one role may have the same port; what is booked has it once. When one of them ends it is booked
 * for the other.
 *
 * @param leaving - a task of which the row still says that it holds something
 */
export function noteOvercommitment(draft: Draft, id: string, leaving?: { framework: string; id: string }): void {
  const machine = draft.allocator.agents.get(id);
  if (machine === undefined) return;
  const agent = agentOf(draft, id);
  // The usual case: nobody holds a port, so there is none that two could hold.
  if (!agent.overcommitted && machine.held.every(({ resources }) => isPlainScalars(resources))) {
    if (!fits(machine)) putAgent(draft, { ...agent, overcommitted: true });
    return;
  }
  const parts = memberParts(draft, agent, ({ framework, task }) => {
    return leaving === undefined || framework !== leaving.framework || task !== leaving.id;
  });
  if (agent.overcommitted) bookMissing(draft, id, parts);
  const now = draft.allocator.agents.get(id) ?? machine;
  const overcommitted = !fits(now) || isHeldTwice(now, parts);
  if (overcommitted !== agent.overcommitted) putAgent(draft, { ...agent, overcommitted });
}

/** After an agent said what it holds: what is offered of it may be in use already, then it is taken back. */
export function settleOvercommitment(draft: Draft, id: string): void {
  noteOvercommitment(draft, id);
  if (!agentOf(draft, id).overcommitted) return;
  rescindAgentOffers(draft, id);
  noteOvercommitment(draft, id);
}

/** Whether everything held fits side by side: amounts add up, and no port is held twice. */
function fits(machine: AllocatorAgent): boolean {
  // Any number of copies of something shared may be held (ALLOC-10).
  let left: Resources = nonShared(machine.total);
  for (const { resources } of machine.held) {
    const own = nonShared(resources);
    if (!contains(left, own)) return false;
    left = subtract(left, own);
  }
  return true;
}

/** The ports, and members of sets, that each task, executor and offer of an agent holds. */
function memberParts(draft: Draft, agent: Agent, stays: (ref: TaskRef) => boolean): readonly Holding[] {
  const parts: Holding[] = [];
  const enter = ({ framework, role, resources }: Holding): void => {
    const members = nonScalars(nonShared(resources));
    if (!isEmpty(members)) parts.push({ framework, role, resources: members });
  };
  for (const ref of agent.tasks) {
    const task = draft.frameworks.get(ref.framework)?.tasks.get(ref.task);
    if (task?.holds === true && stays(ref)) enter(task);
  }
  for (const { framework, role, info } of agent.executors) enter({ framework, role, resources: info.resources });
  for (const offer of offersOn(draft, agent.id)) enter(offer);
  return parts;
}

function bookMissing(draft: Draft, id: string, parts: readonly Holding[]): void {
  const machine = draft.allocator.agents.get(id);
  if (machine === undefined) return;
  const missing = parts
    .map((part) => ({ ...part, resources: subtract(part.resources, heldBy(machine, part)) }))
    .filter(({ resources }) => !isEmpty(resources));
  if (missing.length > 0) holdAll(draft.allocator, id, missing);
}

/** Whether two parts of what is booked as one have the same port. */
function isHeldTwice(machine: AllocatorAgent, parts: readonly Holding[]): boolean {
  const left = new Map<string, Resources>();
  return parts.some((part) => {
    const key = JSON.stringify([part.framework, part.role]);
    const rest = left.get(key) ?? nonScalars(heldBy(machine, part));
    left.set(key, subtract(rest, part.resources));
    return !contains(rest, part.resources);
  });
}
