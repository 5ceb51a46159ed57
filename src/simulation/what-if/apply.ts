import { InputError } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import type { MachineClass } from '../clusters/machines.js';
import type { Tenant } from '../workloads/workload.js';
import type { Change } from './changes.js';
import type { Scene } from './scene.js';

/**
 * The scene after a change; a change of policy is not one of the scene.
 *
 * @throws InputError `unknown-role`, `unknown-agent`, `bad-change`
 */
export function applied(scene: Scene, change: Change): Scene {
  switch (change.kind) {
    case 'weight':
      return withTenant(scene, change.role, (tenant) => ({ ...tenant, weight: change.weight }));
    case 'guarantee':
      return withTenant(scene, change.role, (tenant) => ({ ...tenant, guarantees: change.amounts ?? {} }));
    case 'limit':
      return withTenant(scene, change.role, (tenant) => ({ ...tenant, limits: change.amounts ?? {} }));
    case 'add-agents':
      return { ...scene, machines: [...scene.machines, added(scene, change)] };
    case 'remove-agents':
      return withoutAgents(
        scene,
        scene.machines.slice(-change.count).map(({ name }) => name),
      );
    case 'remove-agent':
      if (!scene.machines.some(({ name }) => name === change.agent)) {
        throw new InputError(
          'unknown-agent',
          'change',
          `There is no agent ${quote(change.agent)} that could be removed`,
        );
      }
      return withoutAgents(scene, [change.agent]);
    case 'policy':
      return scene;
    default:
      return change satisfies never;
  }
}

function withTenant(scene: Scene, role: string, change: (tenant: Tenant) => Tenant): Scene {
  if (!scene.tenants.some((tenant) => tenant.role === role)) {
    const there = scene.tenants.map((tenant) => tenant.role).join(', ');
    throw new InputError('unknown-role', 'change', `There is no role ${quote(role)}; there are: ${there}`);
  }
  return { ...scene, tenants: scene.tenants.map((tenant) => (tenant.role === role ? change(tenant) : tenant)) };
}

function added(
  { machines }: Scene,
  { count, resources = commonest(machines) }: Extract<Change, { readonly kind: 'add-agents' }>,
): MachineClass {
  if (resources === undefined) {
    throw new InputError('bad-change', 'change', 'There is no agent that new ones could be like: say what they have');
  }
  const names = new Set(machines.map(({ name }) => name));
  let name = 'new';
  while (names.has(name)) name += '+';
  return { name, count, resources };
}

function commonest(machines: readonly MachineClass[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { resources, count } of machines) counts.set(resources, (counts.get(resources) ?? 0) + count);
  return [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]?.[0];
}

/** What ran there is wanted elsewhere. */
function withoutAgents(scene: Scene, gone: readonly string[]): Scene {
  const isGone = new Set(gone);
  return {
    ...scene,
    machines: scene.machines.filter(({ name }) => !isGone.has(name)),
    running: scene.running.filter(({ agent }) => !isGone.has(agent)),
    demand: [
      ...scene.demand,
      ...scene.running
        .filter(({ agent }) => isGone.has(agent))
        .map(({ role, resources }) => ({ role, resources, count: 1 })),
    ],
  };
}
