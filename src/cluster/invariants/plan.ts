/** What is planned of machines is known of their agents. */
import type { AllocatorAgent, Unavailability } from '../../offers/index.js';
import { compareText } from '../../resources/index.js';
import { each, first, type Pace, type Steps } from '../../resources/steps.js';
import { offersOn } from '../outstanding.js';
import type { Agent, ClusterState, MachinePlace, MachineRow } from '../state.js';
import { broken, type Violation } from './rule.js';

/**
 * I19: what is planned of an agent is what is planned for its machine, its offers say so, and none is there whose machine
 * is down (MNT-3, MNT-4). Where machines are filed, all agents that say that name of their own are filed, and no others.
 */
export function* planHolds(state: ClusterState, pace: Pace): Steps<Violation | undefined> {
  const stray = yield* first(
    state.machines.walk(),
    pace,
    ({ machines }, place) => {
      const isStray = machines.some((row) => namesOf(row.hostname, row.ip)[0] !== place);
      const before = (index: number): string => machines[index - 1]?.ip ?? '';
      const isLate = machines.some(({ ip }, index) => index > 0 && compareText(before(index), ip ?? '') >= 0);
      const isRight = machines.length > 0 && !isStray && !isLate;
      return isRight ? undefined : broken('I19', place, 'machines of another name are there, out of order, or none');
    },
    partsOfPlace,
  );
  if (stray !== undefined) return stray;
  const named = yield* machinesByName(state, pace);
  const near = new Map<string, string[]>();
  const unplanned = yield* first(state.agents.walk(), pace, (agent) => {
    const machine = state.allocator.agents.get(agent.id);
    if (machine === undefined) return undefined;
    for (const name of namesOf(machine.hostname, agent.ip)) {
      if (state.machines.has(name)) append(near, name, agent.id);
    }
    return planDiffers(state, agent, machine, named);
  });
  if (unplanned !== undefined) return unplanned;
  return yield* first(state.machines.walk(), pace, ({ agents }, place) => {
    const there = (near.get(place) ?? []).sort(compareText);
    const isSame = agents.length === there.length && agents.every((id, index) => id === there[index]);
    return isSame ? undefined : broken('I19', place, 'other agents are found there than say so');
  });
}

/** Whether something else is planned of an agent, or said in its offers, than for its machine. */
function planDiffers(
  state: ClusterState,
  { id, ip }: Agent,
  { hostname, maintenance }: AllocatorAgent,
  named: MachinesByName,
): Violation | undefined {
  const names = namesOf(hostname, ip);
  const candidates =
    ip === null
      ? (state.machines.get(names[0] ?? '')?.machines ?? [])
      : [namesOf(hostname, null), [`ip ${ip}`], names].flatMap((parts) => named.get(parts.join(' ')) ?? []);
  const its = candidates.filter((row) => isMachineOf(row, hostname, ip));
  if (its.some(({ mode }) => mode === 'down')) return broken('I19', id, 'its machine is down');
  const soonest = its.reduce((least, { unavailability }) => Math.min(least, unavailability.start), Infinity);
  const plan = maintenance?.unavailability;
  const isKept =
    plan === undefined
      ? its.length === 0
      : plan.start === soonest && its.some(({ unavailability }) => isSamePlan(unavailability, plan));
  if (!isKept) return broken('I19', id, 'something else is planned for its machine');
  const late = offersOn(state, id).find(({ unavailability }) => !isSamePlan(unavailability, plan))?.id;
  return late === undefined ? undefined : broken('I19', late, 'its agent will be away at another time');
}

type MachinesByName = ReadonlyMap<string, readonly MachineRow[]>;

/** Machines by all parts of their names: many may share one part. */
function* machinesByName(state: ClusterState, pace: Pace): Steps<MachinesByName> {
  const named = new Map<string, MachineRow[]>();
  yield* each(state.machines.walk(), pace, ({ machines }) => {
    for (const row of machines) append(named, namesOf(row.hostname, row.ip).join(' '), row);
  });
  return named;
}

function append<T>(map: Map<string, T[]>, key: string, item: T): void {
  const found = map.get(key);
  if (found === undefined) map.set(key, [item]);
  else found.push(item);
}

/** The names under which a machine can be filed: by its hostname, whatever its case, and by its address. */
function namesOf(hostname: string | null, ip: string | null): readonly string[] {
  const names = hostname === null ? [] : [`hostname ${hostname.toLowerCase()}`];
  return ip === null ? names : [...names, `ip ${ip}`];
}

/** Whether a machine of the schedule is the one of an agent: no part contradicts, and one agrees. */
function isMachineOf(row: MachineRow, hostname: string, ip: string | null): boolean {
  const host = row.hostname === null ? undefined : row.hostname.toLowerCase() === hostname.toLowerCase();
  const address = row.ip === null || ip === null ? undefined : row.ip === ip;
  return host !== false && address !== false && (host === true || address === true);
}

export function isSamePlan(a: Unavailability | undefined, b: Unavailability | undefined): boolean {
  return a?.start === b?.start && a?.durationMs === b?.durationMs;
}

/** How much work a place of the schedule is. */
function partsOfPlace({ machines, agents }: MachinePlace): number {
  return 1 + machines.length + agents.length;
}
