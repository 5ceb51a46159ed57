/** Nothing is held that is not there, or twice. */
import type { AllocatorAgent } from '../../offers/index.js';
import type { ResourceItem, Resources } from '../../resources/index.js';
import { first, type Pace, type Steps } from '../../resources/steps.js';
import { kindOf } from '../ledger.js';
import { offersOn } from '../outstanding.js';
import type { Agent, ClusterState } from '../state.js';
import { hasMembers } from './amounts.js';
import { broken, partsOfMachine, type Violation } from './rule.js';

/** I1: per agent and kind, what is held adds up to no more than there is, and no port is held twice; or it is marked. */
export function* agentsHoldNoMoreThanTheyHave(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  return yield* first(
    state.allocator.agents.walk(),
    pace,
    (machine) => {
      const agent = state.agents.get(machine.id);
      if (agent?.overcommitted === true) {
        const name = offeredThoughShort(state, agent, machine);
        return name === undefined ? undefined : broken('I1', machine.id, `${name} is offered though it is short`);
      }
      const held = machine.held.flatMap(({ resources }) => resources.items);
      const item = held.find((one) => isShort(machine.total, held, one));
      return item === undefined ? undefined : broken('I1', machine.id, `more ${item.name} is held than there is`);
    },
    partsOfMachine,
  );
}

/** Of an agent that holds more than it has: what is offered must not be what is short. */
function offeredThoughShort(state: ClusterState, agent: Agent, { total }: AllocatorAgent): string | undefined {
  const offered = offersOn(state, agent.id).flatMap(({ resources }) => resources.items);
  const used = usedItems(state, agent);
  return offered.find((item) => isShort(total, [...offered, ...used], item))?.name;
}

/** Whether all of its kind in `held` is more than there is; or a port or member of it is held twice, or is not there. */
function isShort(total: Resources, held: readonly ResourceItem[], item: ResourceItem): boolean {
  const kind = kindOf(item);
  if (item.value.type !== 'scalar') {
    const others = held.filter((other) => other !== item && kindOf(other) === kind);
    return !hasMembers(total.items, item) || others.some((other) => !areDisjoint(other, item));
  }
  if (item.shared !== undefined) return false;
  return sumOf(held, kind) > sumOf(total.items, kind);
}

function sumOf(items: readonly ResourceItem[], kind: string): number {
  return items.reduce((sum, item) => {
    return item.value.type === 'scalar' && kindOf(item) === kind ? sum + item.value.milli : sum;
  }, 0);
}

function areDisjoint({ value: a }: ResourceItem, { value: b }: ResourceItem): boolean {
  if (a.type === 'set' && b.type === 'set') return !a.items.some((member) => b.items.includes(member));
  if (a.type !== 'ranges' || b.type !== 'ranges') return true;
  return !a.ranges.some(({ begin, end }) => b.ranges.some((other) => begin <= other.end && other.begin <= end));
}

/** What tasks and executors hold of an agent. */
function usedItems(state: ClusterState, agent: Agent): readonly ResourceItem[] {
  const tasks = agent.tasks.flatMap(({ framework, task }) => {
    const row = state.frameworks.get(framework)?.tasks.get(task);
    return row?.holds === true ? row.resources.items : [];
  });
  return [...tasks, ...agent.executors.flatMap(({ info }) => info.resources.items)];
}
