/** SET-MAINTENANCE, MACHINE-DOWN, MACHINE-UP (MNT-1 … 4). What is wrong with any part of it changes nothing. */
import { InputError } from '../../resources/index.js';
import { removeAgent } from '../agents.js';
import { emit, type Draft } from '../draft.js';
import type { MaintenanceControl } from '../inputs.js';
import {
  downMachines,
  isDown,
  machineKey,
  machineRow,
  machineTable,
  machineText,
  machinesOf,
  readMachines,
  readSchedule,
  type MachineName,
} from '../maintenance.js';
import type { MachineRow } from '../state.js';
import { keepToPlan } from '../unavailability.js';

type SetMaintenance = Extract<MaintenanceControl, { readonly type: 'set-maintenance' }>;
type MoveMachines = Exclude<MaintenanceControl, SetMaintenance>;

/** Plans maintenance, or carries it out. @throws InputError by code and path; see `readSchedule` */
export function maintain(draft: Draft, control: MaintenanceControl): void {
  switch (control.type) {
    case 'set-maintenance':
      return setSchedule(draft, control);
    case 'machine-down':
      return takeDown(draft, control);
    case 'machine-up':
      return bringUp(draft, control);
  }
  return control satisfies never;
}

/**
 * Replaces the schedule. A machine that is down stays so, with what is planned for it now. Agents for which something else
 * is planned than before are offered and asked anew (MNT-3).
 *
 * @throws InputError `machine-is-down` when such a machine is left out (MNT-1)
 */
function setSchedule(draft: Draft, { windows }: SetMaintenance): void {
  const rows = readSchedule(windows);
  const down = downMachines(draft.machines);
  const table = machineTable(rows, new Set(down.map(machineKey)));
  for (const machine of down) {
    if (machineRow(table, machine) !== undefined) continue;
    const message = `Machine ${machineText(machine)} is down, and must stay in the schedule`;
    throw new InputError('machine-is-down', 'windows', message);
  }
  draft.machines = table;
  replan(draft);
}

/**
 * Ends what runs on these machines: their agents are told to end and are removed, their tasks are lost (MNT-4).
 *
 * @throws InputError `machine-not-scheduled`, `machine-is-down`
 */
function takeDown(draft: Draft, control: MoveMachines): void {
  const names = readMachines(control.machines);
  for (const [index, name] of names.entries()) {
    if (scheduled(draft, name, index).mode === 'draining') continue;
    throw new InputError('machine-is-down', `machines[${index}]`, `Machine ${machineText(name)} is down already`);
  }
  draft.machines = machineTable(machinesOf(draft.machines), new Set(names.map(machineKey)));
  for (const { id, ip, connected } of draft.agents.values()) {
    if (!isDown(draft.machines, { hostname: draft.allocator.agents.get(id)?.hostname ?? id, ip })) continue;
    const message = 'The machine is down for maintenance';
    if (connected) emit(draft, { type: 'shutdown-agent', agent: id, message });
    removeAgent(draft, id, 'agent-removed', message);
  }
}

/**
 * Lets agents of these machines come again. Their maintenance is done: they leave the schedule (MNT-2).
 *
 * @throws InputError `machine-not-scheduled`, `machine-not-down`
 */
function bringUp(draft: Draft, control: MoveMachines): void {
  const names = readMachines(control.machines);
  for (const [index, name] of names.entries()) {
    if (scheduled(draft, name, index).mode === 'down') continue;
    throw new InputError('machine-not-down', `machines[${index}]`, `Machine ${machineText(name)} is not down`);
  }
  const moved = new Set(names.map(machineKey));
  draft.machines = machineTable(machinesOf(draft.machines).filter((row) => !moved.has(machineKey(row))));
  replan(draft);
}

function scheduled(draft: Draft, name: MachineName, index: number): MachineRow {
  const row = machineRow(draft.machines, name);
  if (row !== undefined) return row;
  const message = `No maintenance of machine ${machineText(name)} is scheduled`;
  throw new InputError('machine-not-scheduled', `machines[${index}]`, message);
}

/** Every agent keeps to what is planned for its machine now. */
function replan(draft: Draft): void {
  for (const id of draft.agents.keys()) keepToPlan(draft, id);
}
