/** A state as a simulation sees it: machines, tenants, what runs, what is wanted. */
import { agents, roles, tasks, type ClusterState } from '../../cluster/index.js';
import {
  quantitiesFromScalarResources,
  quantitiesSubtract,
  type Quantities,
  type Resources,
} from '../../resources/index.js';
import type { MachineClass } from '../clusters/machines.js';
import type { Tenant } from '../workloads/workload.js';
import { amountsOf } from './changes.js';

/** A task that runs on an agent. */
export interface SceneTask {
  readonly id: string;
  readonly role: string;
  readonly agent: string;
  readonly resources: string;
}

/** Tasks that somebody asked for and does not have. */
export interface SceneDemand {
  readonly role: string;
  readonly resources: string;
  readonly count: number;
}

/** What of a state is simulated. */
export interface Scene {
  /** One class a machine; its name is the agent's id. */
  readonly machines: readonly MachineClass[];
  readonly tenants: readonly Tenant[];
  readonly running: readonly SceneTask[];
  readonly demand: readonly SceneDemand[];
}

/**
 * Looks at a state: agents that may be offered, roles with their weights and quotas, tasks that hold something, and recorded
 * requests. Of resources only scalars; what executors use is no longer there for anybody.
 */
export function sceneOf(state: ClusterState): Scene {
  const held = tasks(state).filter(({ holds }) => holds);
  const used = new Map<string, Quantities[]>();
  for (const { agent, resources } of held) {
    const mine = used.get(agent) ?? [];
    mine.push(quantitiesFromScalarResources(resources));
    used.set(agent, mine);
  }
  const machines = agents(state)
    .filter(({ active }) => active)
    .flatMap(({ id, total, used: all }): MachineClass[] => {
      const byTasks = (used.get(id) ?? []).reduce(quantitiesSubtract, quantitiesFromScalarResources(all));
      const text = textOf(quantitiesSubtract(quantitiesFromScalarResources(total), byTasks));
      return text === '' ? [] : [{ name: id, count: 1, resources: text }];
    });
  const there = new Set(machines.map(({ name }) => name));
  return {
    machines,
    tenants: roles(state).map(({ role, weight, quota }): Tenant => ({
      role,
      weight,
      ...(quota.guarantees.names.length > 0 && { guarantees: amountsOf(quota.guarantees) }),
      ...(quota.limits.names.length > 0 && { limits: amountsOf(quota.limits) }),
    })),
    running: held.flatMap(({ id, framework, role, agent, resources }) => {
      const text = scalarText(resources);
      return there.has(agent) && text !== '' ? [{ id: `${framework} ${id}`, role, agent, resources: text }] : [];
    }),
    demand: demandOf(state),
  };
}

function demandOf(state: ClusterState): readonly SceneDemand[] {
  return state.frameworks.values().flatMap(({ id }) => {
    const usual = state.allocator.frameworks.get(id)?.roles[0];
    return (state.allocator.demand.get(id) ?? []).flatMap(({ role, resources, count }) => {
      const text = scalarText(resources);
      const whose = role ?? usual;
      return whose === undefined || text === '' || count === 0 ? [] : [{ role: whose, resources: text, count }];
    });
  });
}

function scalarText(resources: Resources): string {
  return textOf(quantitiesFromScalarResources(resources));
}

function textOf(amounts: Quantities): string {
  return Object.entries(amountsOf(amounts))
    .filter(([, amount]) => amount > 0)
    .map(([name, amount]) => `${name}:${amount}`)
    .join(';');
}
