/**
 * The schedule of maintenance, read and looked up (MNT-1, MNT-2). Machines are named by hostname, by address, or by both,
 * and so are agents: which machine an agent is on is decided here.
 */
import type { Unavailability } from '../offers/index.js';
import { InputError, Table, compareText, type Edit } from '../resources/index.js';
import { cut } from '../resources/quote.js';
import type { MachineLike, MaintenanceWindowLike } from './inputs.js';
import type { MachinePlace, MachineRow } from './state.js';

/** The machines of a schedule, by place: see {@link placeOf}. */
export type MachineTable = Table<MachinePlace>;

/** Start and length are instants and spans that a calendar knows: some 270,000 years. */
const LAST_INSTANT_MS = 8.64e15;

/**
 * Reads a schedule: the whole of it, or nothing.
 *
 * @throws InputError `empty-window`; `bad-machine` for one without a name; `machine-twice`; `bad-time`
 */
export function readSchedule(windows: readonly MaintenanceWindowLike[], path = 'windows'): readonly MachineRow[] {
  const named = new MachineNames();
  return windows.flatMap(({ machines, unavailability }, window) => {
    const at = `${path}[${window}]`;
    if (machines.length === 0) throw new InputError('empty-window', `${at}.machines`, 'A window must name machines');
    const away = readUnavailability(unavailability, `${at}.unavailability`);
    return machines.map((machine, index): MachineRow => {
      const name = readMachine(machine, `${at}.machines[${index}]`);
      named.add(name, `${at}.machines[${index}]`);
      return { ...name, mode: 'draining', unavailability: away, window };
    });
  });
}

/** Names of machines as an operator lists them, each once. @throws InputError `no-machines`, `bad-machine`, `machine-twice` */
export function readMachines(machines: readonly MachineLike[], path = 'machines'): readonly MachineName[] {
  if (machines.length === 0) throw new InputError('no-machines', path, 'No machine is named');
  const named = new MachineNames();
  return machines.map((machine, index) => {
    const name = readMachine(machine, `${path}[${index}]`);
    named.add(name, `${path}[${index}]`);
    return name;
  });
}

/** A machine as its operator wrote it; null = that part says nothing. One of them is there. */
export type MachineName = Pick<MachineRow, 'hostname' | 'ip'>;

/** Reads one machine's name. @throws InputError `bad-machine` */
export function readMachine({ hostname, ip }: MachineLike, path: string): MachineName {
  for (const [part, text] of Object.entries({ hostname, ip })) {
    if (text === '') throw new InputError('bad-machine', `${path}.${part}`, `${part} must not be empty`);
  }
  if (hostname === undefined && ip === undefined) {
    throw new InputError('bad-machine', path, 'A machine must have a hostname or an ip');
  }
  return { hostname: hostname ?? null, ip: ip ?? null };
}

function readUnavailability({ start, durationMs }: Unavailability, path: string): Unavailability {
  demandTime(start, `${path}.start`);
  if (durationMs === undefined) return Object.freeze({ start });
  demandTime(durationMs, `${path}.durationMs`);
  return Object.freeze({ start, durationMs });
}

function demandTime(ms: number, path: string): void {
  if (Number.isSafeInteger(ms) && ms >= 0 && ms <= LAST_INSTANT_MS) return;
  throw new InputError('bad-time', path, `must be whole milliseconds from 0 to ${LAST_INSTANT_MS}, got ${String(ms)}`);
}

/** Names that were read: none may stand for a machine that another one stands for (MNT-1). */
export class MachineNames {
  readonly #whole = new Set<string>();
  readonly #alone = new Set<string>();
  readonly #parts = new Set<string>();

  add(name: MachineName, path: string): void {
    const key = machineKey(name);
    const parts = partsOf(name);
    const isTwice =
      this.#whole.has(key) ||
      parts.some((part) => this.#alone.has(part)) ||
      (parts.length === 1 && parts.some((part) => this.#parts.has(part)));
    if (isTwice) throw new InputError('machine-twice', path, `Machine ${machineText(name)} is named twice`);
    this.#whole.add(key);
    for (const part of parts) (parts.length === 1 ? this.#alone : this.#parts).add(part);
  }
}

function partsOf({ hostname, ip }: MachineName): readonly string[] {
  return [...(hostname === null ? [] : [`hostname ${hostname.toLowerCase()}`]), ...(ip === null ? [] : [`ip ${ip}`])];
}

/** The same for all ways to write a machine's name: the case of a hostname does not count (MNT-1). */
export function machineKey({ hostname, ip }: MachineName): string {
  return JSON.stringify([hostname?.toLowerCase() ?? null, ip]);
}

/** A machine's name for a person. */
export function machineText({ hostname, ip }: MachineName): string {
  return hostname === null ? cut(String(ip)) : `${cut(hostname)}${ip === null ? '' : ` (${cut(ip)})`}`;
}

/** Where a machine is filed: by its hostname, and by its address only when it has none. */
function placeOf(name: MachineName): string {
  return partsOf(name)[0] ?? '';
}

/** The table of a schedule, without agents; of its machines, those of `down` are down. */
export function machineTable(schedule: readonly MachineRow[], down: ReadonlySet<string> = new Set()): MachineTable {
  const rows = schedule.map((row): MachineRow => (down.has(machineKey(row)) ? { ...row, mode: 'down' } : row));
  const places = new Map<string, MachineRow[]>();
  for (const row of rows) {
    const place = places.get(placeOf(row));
    if (place === undefined) places.set(placeOf(row), [row]);
    else place.push(row);
  }
  return Table.from(
    [...places].map(([place, found]) => [place, { machines: found.sort(compareMachines), agents: [] }] as const),
  );
}

/** A table in which a machine is as it is now; null = it is not in the schedule any more. Only its place is touched. */
export function withMachine(table: MachineTable, row: MachineRow, next: MachineRow | null, edit: Edit): MachineTable {
  const place = placeOf(row);
  const found = table.get(place);
  if (found === undefined) return table;
  const machines = found.machines.flatMap((other) => (other === row ? (next ?? []) : other));
  return machines.length === 0 ? table.remove(place, edit) : table.set(place, { ...found, machines }, edit);
}

/** A table that knows who is where: only where something is planned. */
export function withAgent(table: MachineTable, id: string, where: AgentPlace, edit: Edit): MachineTable {
  return changeAgents(table, where, edit, (agents) => {
    const at = placeAmong(agents, id);
    return agents[at] === id ? agents : spliced(agents, at, 0, id);
  });
}

/** A table that does not know of an agent any more. */
export function withoutAgent(table: MachineTable, id: string, where: AgentPlace, edit: Edit): MachineTable {
  return changeAgents(table, where, edit, (agents) => {
    const at = placeAmong(agents, id);
    return agents[at] === id ? spliced(agents, at, 1) : agents;
  });
}

function spliced(ids: readonly string[], at: number, gone: number, ...put: readonly string[]): readonly string[] {
  const copy = [...ids];
  copy.splice(at, gone, ...put);
  return copy;
}

function changeAgents(
  table: MachineTable,
  where: AgentPlace,
  edit: Edit,
  change: (agents: readonly string[]) => readonly string[],
): MachineTable {
  return placesOf(where).reduce((changed, place) => {
    const found = changed.get(place);
    if (found === undefined) return changed;
    const agents = change(found.agents);
    return agents === found.agents ? changed : changed.set(place, { ...found, agents }, edit);
  }, table);
}

/** Where an id is, or would be, in a sorted list. */
function placeAmong(ids: readonly string[], id: string): number {
  return firstNotBefore(ids, id, (other) => other);
}

function firstNotBefore<T>(sorted: readonly T[], text: string, textOf: (one: T) => string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const one = sorted[middle];
    if (one !== undefined && compareText(textOf(one), text) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Agents that may be on a machine: they say its name of their own. See {@link isOn}. */
export function agentsNear(table: MachineTable, row: MachineName): readonly string[] {
  return table.get(placeOf(row))?.agents ?? [];
}

/** All machines of a table, in a fixed order. */
export function machinesOf(table: MachineTable): readonly MachineRow[] {
  return table.values().flatMap(({ machines }) => machines);
}

/** The machines of a table that are down. */
export function downMachines(table: MachineTable): readonly MachineRow[] {
  return machinesOf(table).filter(({ mode }) => mode === 'down');
}

/** The row of a machine that is named as the schedule names it. */
export function machineRow(table: MachineTable, name: MachineName): MachineRow | undefined {
  return machineWith(table.get(placeOf(name))?.machines ?? [], name.ip);
}

/** The one of a place that has this address, or none: many may share a hostname. */
function machineWith(machines: readonly MachineRow[], ip: string | null): MachineRow | undefined {
  const found = machines[firstNotBefore(machines, ip ?? '', (row) => row.ip ?? '')];
  return found?.ip === ip ? found : undefined;
}

/** By hostname, whatever its case, then by address; what says nothing comes first. */
export function compareMachines(a: MachineName, b: MachineName): number {
  const parts = (name: MachineName): readonly string[] => [name.hostname?.toLowerCase() ?? '', name.ip ?? ''];
  const [[hostA = '', ipA = ''], [hostB = '', ipB = '']] = [parts(a), parts(b)];
  return compareText(hostA, hostB) || compareText(ipA, ipB);
}

/** What an agent said of its machine; null = it does not say its address. */
export interface AgentPlace {
  readonly hostname: string;
  readonly ip: string | null;
}

/**
 * The machines of the schedule that an agent is on: those of which no part contradicts what the agent says, and one
 * agrees. A part that either does not give says nothing.
 */
export function machinesAt(table: MachineTable, { hostname, ip }: AgentPlace): readonly MachineRow[] {
  if (table.size === 0) return [];
  return placesOf({ hostname, ip }).flatMap((place) => {
    const machines = table.get(place)?.machines ?? [];
    return ip === null ? machines : [null, ip].flatMap((address) => machineWith(machines, address) ?? []);
  });
}

/** Whether an agent that {@link agentsNear} names is on the machine. */
export function isOn(row: MachineName, { ip }: AgentPlace): boolean {
  return row.ip === null || ip === null || row.ip === ip;
}

/** Where machines are filed that an agent may be on. */
function placesOf({ hostname, ip }: AgentPlace): readonly string[] {
  return partsOf({ hostname, ip });
}

/** When the machine of an agent will be away: the earliest, should several names of it be scheduled; null = never. */
export function unavailabilityAt(table: MachineTable, place: AgentPlace): Unavailability | null {
  const [first, ...others] = machinesAt(table, place);
  if (first === undefined) return null;
  return others.reduce((soonest, { unavailability }) => {
    return unavailability.start < soonest.start ? unavailability : soonest;
  }, first.unavailability);
}

/** Whether the machine of an agent is down: nobody may register from there (MNT-4). */
export function isDown(table: MachineTable, place: AgentPlace): boolean {
  return machinesAt(table, place).some(({ mode }) => mode === 'down');
}

/** A schedule as it could be written. */
export interface MaintenanceWindow {
  readonly machines: readonly MachineLike[];
  readonly unavailability: Unavailability;
}

/** The windows of a table, in their order; machines in each by name. */
export function windowsOf(table: MachineTable): readonly MaintenanceWindow[] {
  const windows = new Map<number, MachineRow[]>();
  for (const row of machinesOf(table)) {
    const rows = windows.get(row.window);
    if (rows === undefined) windows.set(row.window, [row]);
    else rows.push(row);
  }
  return [...windows]
    .sort(([a], [b]) => a - b)
    .map(([, rows]) => ({
      machines: rows.sort(compareMachines).map(nameOf),
      unavailability: rows[0]?.unavailability ?? { start: 0 },
    }));
}

/** A machine's name as it was written. */
export function nameOf({ hostname, ip }: MachineName): MachineLike {
  return { ...(hostname === null ? {} : { hostname }), ...(ip === null ? {} : { ip }) };
}
