/** What is planned, who has agreed to it, and what is down (MNT-5). */
import type { AgentMaintenance, AllocatorAgent, Unavailability } from '../offers/index.js';
import { compareText } from '../resources/index.js';
import type { MachineLike } from './inputs.js';
import {
  compareMachines,
  machineKey,
  machinesAt,
  machinesOf,
  nameOf,
  windowsOf,
  type MaintenanceWindow,
} from './maintenance.js';
import type { ClusterState, MachineRow } from './state.js';

/** The state of planned maintenance. */
export interface MaintenanceStatus {
  /** The schedule: windows in their order, machines in each by name. It can be handed to `set-maintenance` again. */
  readonly windows: readonly MaintenanceWindow[];
  /** Machines that are up and will be away, by name. */
  readonly draining: readonly DrainingMachine[];
  /** Machines that are down, by name. */
  readonly down: readonly MachineLike[];
}

/** A machine that will be away. */
export interface DrainingMachine extends MachineLike {
  readonly unavailability: Unavailability;
  /** Registered agents on it, by id. None: nothing runs there, or the machine is called otherwise than its agents say. */
  readonly agents: readonly LeavingAgent[];
}

/** An agent whose machine will be away. */
export interface LeavingAgent {
  readonly agent: string;
  /** Everybody who holds something of it or was asked, by id. */
  readonly responses: readonly InverseResponse[];
}

/** What a framework said when it was last asked to leave. */
export interface InverseResponse {
  readonly framework: string;
  /** `unknown` = it has not answered, or was not asked yet. */
  readonly response: 'accept' | 'decline' | 'unknown';
  /** When it answered, ms; null = it has not. */
  readonly at: number | null;
  /** Whether it holds something of the agent, offered or in use. Where nobody does, nobody has to leave. */
  readonly holds: boolean;
}

/**
 * The state of planned maintenance (MNT-5).
 *
 * @example
 * maintenance(state).draining.filter(({ agents }) => agents.every(({ responses }) => !responses.some((one) => one.holds)))
 */
export function maintenance(state: ClusterState): MaintenanceStatus {
  const rows = [...machinesOf(state.machines)].sort(compareMachines);
  const agents = agentsByMachine(state, rows);
  return {
    windows: windowsOf(state.machines),
    draining: rows
      .filter(({ mode }) => mode === 'draining')
      .map((row) => ({
        ...nameOf(row),
        unavailability: row.unavailability,
        agents: agents.get(machineKey(row)) ?? [],
      })),
    down: rows.filter(({ mode }) => mode === 'down').map(nameOf),
  };
}

function agentsByMachine(
  state: ClusterState,
  rows: readonly MachineRow[],
): ReadonlyMap<string, readonly LeavingAgent[]> {
  const found = new Map(rows.map((row) => [machineKey(row), [] as LeavingAgent[]]));
  for (const { id, ip } of rows.length === 0 ? [] : state.agents.values()) {
    const machine = state.allocator.agents.get(id);
    if (machine === undefined || machine.maintenance === null) continue;
    const leaving = { agent: id, responses: responsesOf(machine, machine.maintenance) };
    for (const row of machinesAt(state.machines, { hostname: machine.hostname, ip })) {
      found.get(machineKey(row))?.push(leaving);
    }
  }
  return found;
}

function responsesOf({ held }: AllocatorAgent, { standings }: AgentMaintenance): readonly InverseResponse[] {
  const holders = new Set(held.map(({ framework }) => framework));
  const frameworks = new Set([...holders, ...standings.map(({ framework }) => framework)]);
  return [...frameworks].sort(compareText).map((framework) => {
    const standing = standings.find((one) => one.framework === framework);
    const answer = standing?.response ?? null;
    return {
      framework,
      response: answer ?? 'unknown',
      at: answer === null ? null : (standing?.respondedAt ?? null),
      holds: holders.has(framework),
    };
  });
}
