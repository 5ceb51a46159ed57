/** How second-level schedulers differ. */
import { draw } from '../luck.js';
import type { BehaviourName } from '../workloads/workload.js';
import type { MachineTable } from './machine-table.js';
import type { Homes, Waiting } from './running-job.js';
import type { Vector } from './shapes.js';

/** An offer, as a tenant looks at it. */
export interface HeldOffer {
  readonly id: string;
  readonly machine: number;
  readonly amounts: Vector;
  /** Since when it is held, ms. */
  readonly since: number;
}

/** What a behaviour may look at. */
export interface View {
  readonly table: MachineTable;
  readonly seed: number;
  readonly now: number;
}

/** One way to use offers. */
export interface Behaviour {
  readonly name: BehaviourName;
  /** For how long it refuses an offer that it can't use, seconds. */
  readonly refuseSeconds: number;
  /** It keeps offers that it can't use. */
  readonly keeps?: true;
  /** It starts whole jobs or nothing. */
  readonly gangs?: true;
  /** Where the data of its tasks is matters to it. */
  readonly looksForData?: true;
  /** In which order it looks at offers that come together. */
  order?(offers: readonly HeldOffer[], view: View): readonly HeldOffer[];
  /** Whether it wants a machine at all. */
  wants?(machine: number, view: View): boolean;
  /** How many of these tasks, of which `most` would fit, it starts on a machine. */
  starts?(waiting: Waiting, machine: number, most: number, view: View): number;
}

/**
 * Long, since more is offered of a machine as soon as more is free of it; but refusals that never ended would pile up on
 * machines, one for each rest that was ever left.
 */
const forLong = 600;
const minuteSeconds = 60;
/** The part of all machines that a picky scheduler takes. */
const pickyPart = 0.25;
/** How long delay scheduling waits for the right machine, ms; as in Hindman et al., NSDI 2011, §6.4. */
const patienceMs = 5_000;
/** In how many places the data of each task lies. */
const replicas = 3;

const all: readonly Behaviour[] = [
  { name: 'greedy', refuseSeconds: forLong },
  { name: 'best-fit', refuseSeconds: forLong, order: fullestFirst },
  {
    name: 'picky',
    refuseSeconds: minuteSeconds,
    wants: (machine, { table, seed }) => draw(seed, table.hashOf(machine)) < pickyPart,
  },
  { name: 'hoarding', refuseSeconds: forLong, keeps: true },
  // It is to be asked again soon: what is not wanted now is wanted later.
  { name: 'delay', refuseSeconds: 1, looksForData: true, starts: startsLocally },
  { name: 'gang', refuseSeconds: 5, keeps: true, gangs: true },
  {
    name: 'long-running',
    refuseSeconds: forLong,
    starts: ({ job }, machine, most) => (job.machines.has(machine) ? 0 : Math.min(1, most)),
  },
];

/** A behaviour by its name. */
export function behaviourOf(name: BehaviourName): Behaviour {
  return all.find((one) => one.name === name) ?? all[0] ?? { name: 'greedy', refuseSeconds: forLong };
}

/** What has least left, as parts of the machine. */
function fullestFirst(offers: readonly HeldOffer[], { table }: View): readonly HeldOffer[] {
  const roomOf = ({ machine, amounts }: HeldOffer): number => {
    const offset = machine * amounts.length;
    return amounts.reduce((most, amount, at) => Math.max(most, amount / Math.max(1, table.total[offset + at] ?? 1)), 0);
  };
  const rooms = new Map(offers.map((offer) => [offer, roomOf(offer)]));
  return offers.toSorted((a, b) => (rooms.get(a) ?? 0) - (rooms.get(b) ?? 0));
}

/** Tasks whose data is here; any task, once nothing started near its data for a while (Zaharia et al., EuroSys 2010). */
function startsLocally(waiting: Waiting, machine: number, most: number, view: View): number {
  const homes = (waiting.homes ??= homesOf(waiting, view));
  const local = startHere(homes, machine, most);
  if (local > 0) homes.localAt = view.now;
  homes.localJustNow = local;
  const isPatient = view.now - homes.localAt < patienceMs;
  return isPatient ? local : local + startAnywhere(homes, Math.min(most, waiting.left) - local);
}

function startHere({ at, started }: Homes, machine: number, most: number): number {
  const here = at.get(machine) ?? [];
  let found = 0;
  while (found < most) {
    const task = here.pop();
    if (task === undefined) break;
    if (started[task] === 1) continue;
    started[task] = 1;
    found += 1;
  }
  return found;
}

function startAnywhere(homes: Homes, count: number): number {
  const { started } = homes;
  let found = 0;
  for (; homes.first < started.length && found < count; homes.first += 1) {
    if (started[homes.first] === 1) continue;
    started[homes.first] = 1;
    found += 1;
  }
  return found;
}

function homesOf({ job, group, number, since }: Waiting, { table, seed }: View): Homes {
  const at = new Map<number, number[]>();
  for (let task = 0; task < group.count; task += 1) {
    for (let copy = 0; copy < replicas; copy += 1) {
      const machine = Math.floor(draw(seed, job.hash, number, task, copy) * table.machines.length);
      const mine = at.get(machine);
      if (mine === undefined) at.set(machine, [task]);
      else mine.push(task);
    }
  }
  return { at, started: new Uint8Array(group.count), localAt: since, localJustNow: 0, first: 0 };
}
