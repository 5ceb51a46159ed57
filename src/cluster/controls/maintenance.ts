/** SET-MAINTENANCE, MACHINE-DOWN, MACHINE-UP (MNT-1 … 4). What is wrong with any part of it changes nothing. */
import { InputError, compareText } from '../../resources/index.js';
import { removeAgent } from '../agents.js';
import { emit, type Draft } from '../draft.js';
import type { MaintenanceControl } from '../inputs.js';
import {
  agentsNear,
  downMachines,
  isOn,
  machineKey,
  machineRow,
  machineTable,
  machineText,
  readMachines,
  readSchedule,
  withMachine,
  type MachineName,
} from '../maintenance.js';
import type { MachineRow } from '../state.js';
import { keepToPlan, placeOfAgent, settleAgent } from '../unavailability.js';

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
  for (const id of draft.agents.keys()) {
    settleAgent(draft, id);
    keepToPlan(draft, id);
  }
}

/**
 * Ends what runs on these machines: their agents are told to end and are removed, their tasks are lost (MNT-4).
 *
 * @throws InputError `machine-not-scheduled`, `machine-is-down`
 */
function takeDown(draft: Draft, control: MoveMachines): void {
  const names = readMachines(control.machines);
  const rows = names.map((name, index) => {
    const row = scheduled(draft, name, index);
    if (row.mode === 'draining') return row;
    throw new InputError('machine-is-down', `machines[${index}]`, `Machine ${machineText(name)} is down already`);
  });
  const there = new Set(rows.flatMap((row) => agentsOn(draft, row)));
  for (const row of rows) draft.machines = withMachine(draft.machines, row, { ...row, mode: 'down' }, draft.edit);
  for (const id of [...there].sort(compareText)) {
    const message = 'The machine is down for maintenance';
    if (draft.agents.get(id)?.connected === true) emit(draft, { type: 'shutdown-agent', agent: id, message });
    removeAgent(draft, id, 'agent-removed', message);
  }
}

function agentsOn(draft: Draft, row: MachineRow): readonly string[] {
  return agentsNear(draft.machines, row).filter((id) => isOn(row, placeOfAgent(draft, id)));
}

/**
 * Lets agents of these machines come again. Their maintenance is done: they leave the schedule (MNT-2). No agent was there
 * while they were down, so nothing else is planned for any than before.
 *
 * @throws InputError `machine-not-scheduled`, `machine-not-down`
 */
function bringUp(draft: Draft, control: MoveMachines): void {
  const names = readMachines(control.machines);
  const rows = names.map((name, index) => {
    const row = scheduled(draft, name, index);
    if (row.mode === 'down') return row;
    throw new InputError('machine-not-down', `machines[${index}]`, `Machine ${machineText(name)} is not down`);
  });
  for (const row of rows) draft.machines = withMachine(draft.machines, row, null, draft.edit);
}

function scheduled(draft: Draft, name: MachineName, index: number): MachineRow {
  const row = machineRow(draft.machines, name);
  if (row !== undefined) return row;
  const message = `No maintenance of machine ${machineText(name)} is scheduled`;
  throw new InputError('machine-not-scheduled', `machines[${index}]`, message);
}
