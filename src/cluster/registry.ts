/** What survives the loss of a master, and a master made from it (AG-8, FW-9). */
import { awaitAgents, setQuota } from '../offers/index.js';
import {
  InputError,
  Table,
  limits as readLimits,
  quantities,
  type Limits,
  type Quantities,
} from '../resources/index.js';
import { setWeight, weightOf, weightValue } from '../drf/index.js';
import { readConfig, type ConfigLike } from './config.js';
import { awaitReturn, keepBounds } from './agents.js';
import { closeCluster, openCluster } from './draft.js';
import { drf } from '../drf/index.js';
import type { MachineLike } from './inputs.js';
import {
  downMachines,
  machineKey,
  machineTable,
  nameOf,
  readMachine,
  readSchedule,
  windowsOf,
  type MachineTable,
  type MaintenanceWindow,
} from './maintenance.js';
import { readRegistry } from './reading/registry.js';
import { violation } from './violation.js';
import { emptyCluster, type AgentService, type ClusterState } from './state.js';

/** The little that a master writes down before it acts on it: plain data, fit for JSON. */
export interface Registry {
  readonly version: 1;
  readonly masterId: string;
  readonly incarnation: number;
  /** Admitted agents. */
  readonly agents: readonly { readonly id: string; readonly hostname: string; readonly ip?: string }[];
  /** Unreachable agents and since when, ms. */
  readonly unreachable: readonly { readonly id: string; readonly since: number }[];
  /** Agents that will never come back and since when, ms. Absent in older registries. */
  readonly gone?: readonly { readonly id: string; readonly since: number }[];
  /** Agents that the operator took out of service. Absent in older registries. */
  readonly service?: readonly AgentService[];
  /** The schedule of maintenance, and which of its machines are down. Absent in older registries. */
  readonly maintenance?: { readonly windows: readonly MaintenanceWindow[]; readonly down: readonly MachineLike[] };
  /** Weights other than 1, by role. */
  readonly weights: readonly { readonly role: string; readonly weight: number }[];
  /** Guarantees and limits, by role; as `quantities` and `limits` read them. Absent in older registries. */
  readonly quotas?: readonly {
    readonly role: string;
    readonly guarantees: ReturnType<Quantities['toJSON']>;
    readonly limits: ReturnType<Limits['toJSON']>;
  }[];
}

/** What of a state must survive the loss of the master. Frameworks and tasks come back by themselves. */
export function registryOf(state: ClusterState): Registry {
  const hosts = state.agents.values().map(({ id, ip }) => {
    return { id, hostname: state.allocator.agents.get(id)?.hostname ?? id, ...(ip === null ? {} : { ip }) };
  });
  const recovered = state.recovered.values().map(({ id, hostname, ip }) => {
    return { id, hostname, ...(ip === null ? {} : { ip }) };
  });
  return {
    version: 1,
    masterId: state.config.masterId,
    incarnation: state.incarnation,
    agents: [...hosts, ...recovered].sort((a, b) => (a.id < b.id ? -1 : 1)),
    unreachable: state.unreachable.entries().map(([id, since]) => ({ id, since })),
    gone: state.gone.entries().map(([id, since]) => ({ id, since })),
    service: state.service.values().map(ownService),
    maintenance: { windows: windowsOf(state.machines), down: downMachines(state.machines).map(nameOf) },
    weights: state.allocator.shares.weights.entries().map(([role, weight]) => ({ role, weight: weightValue(weight) })),
    quotas: state.allocator.quotas
      .entries()
      .map(([role, quota]) => ({ role, guarantees: quota.guarantees.toJSON(), limits: quota.limits.toJSON() })),
  };
}

/**
 * A new master on an old registry: its agents are expected back within `agentReregisterTimeoutMs`, else they are
 * unreachable (AG-8). Ids made by it never meet those of the lost one. If a quota is set, nothing is allocated until most of
 * them are back (ALLOC-18).
 *
 * @throws InputError `bad-registry` with the path of what no master wrote, `bad-config`, what `set-maintenance` refuses
 */
export function recoverCluster(saved: Registry, config: ConfigLike = {}, at = 0): ClusterState {
  const registry = readRegistry(saved);
  // The name is the registry's, not the configuration's: it is part of ids that others remember.
  const complete = readConfig({ ...config, masterId: registry.masterId });
  const empty = { ...emptyCluster(complete), incarnation: registry.incarnation + 1, now: at, startedAt: at };
  const draft = openCluster(empty, drf);
  draft.allocator.now = at;
  for (const { id, hostname, ip = null } of registry.agents) {
    draft.recovered = draft.recovered.set(id, { id, hostname, ip, watch: 0 }, draft.edit);
    awaitReturn(draft, id);
  }
  draft.unreachable = Table.from(registry.unreachable.map(({ id, since }) => [id, since] as const));
  draft.gone = Table.from((registry.gone ?? []).map(({ id, since }) => [id, since] as const));
  draft.service = Table.from((registry.service ?? []).map((service) => [service.id, ownService(service)] as const));
  draft.machines = readTable(registry.maintenance);
  for (const { role, weight } of registry.weights) {
    draft.allocator.shares = setWeight(draft.allocator.shares, role, weightOf(weight, 'weights'), draft.edit);
  }
  for (const { role, guarantees, limits } of registry.quotas ?? []) {
    setQuota(draft.allocator, role, { guarantees: quantities(guarantees), limits: readLimits(limits) });
  }
  awaitAgents(draft.allocator, draft.recovered.size);
  keepBounds(draft);
  const state = closeCluster(draft);
  const broken = violation(state);
  if (broken === undefined) return state;
  throw new InputError('bad-registry', broken.where, `The registry can't be read: of ${broken.where}, ${broken.what}`);
}

function readTable(maintenance: Registry['maintenance']): MachineTable {
  const rows = readSchedule(maintenance?.windows ?? [], 'maintenance.windows');
  const down = new Set(maintenance?.down.map((machine) => machineKey(readMachine(machine, 'maintenance.down'))));
  return machineTable(rows, down);
}

/** A registry and the states that it is of or for share nothing. */
function ownService({ id, drain }: AgentService): AgentService {
  return { id, drain: drain && { ...drain } };
}
