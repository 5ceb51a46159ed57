import { InputError } from '../src/resources/index.js';
import type { Layout, Sizes, WorkloadOptions } from './types.js';

/** What a workload takes where nothing is said. */
export interface Usual {
  readonly agents?: number;
  readonly frameworks?: number;
  /** Tasks that run on each agent to begin with. */
  readonly tasksAnAgent?: number;
  readonly runs?: number;
}

/** Settles the sizes of a workload: a small cluster unless said otherwise. */
export function settle(given: Partial<WorkloadOptions>, usual: Usual = {}): Sizes {
  const { agents = usual.agents ?? 1_000, frameworks = usual.frameworks ?? 100, runs = usual.runs ?? 15 } = given;
  const { tasks = agents * (usual.tasksAnAgent ?? 0) } = given;
  const layout = given.layout ?? (given.roles === undefined || given.roles === frameworks ? 'own' : 'spread');
  return { agents, frameworks, roles: rolesIn(layout, frameworks, given.roles), layout, tasks, runs };
}

function rolesIn(layout: Layout, frameworks: number, given: number | undefined): number {
  switch (layout) {
    case 'own':
      if (given === undefined || given === frameworks) return frameworks;
      throw new InputError(
        'bad-layout',
        'roles',
        `with a role of its own for each, ${frameworks} frameworks have as many`,
      );
    case 'two-level':
      return Math.min(given ?? Math.ceil(Math.sqrt(frameworks)), frameworks);
    case 'spread':
      return Math.min(given ?? 10, frameworks);
  }
  return layout satisfies never;
}

/** The role of a framework. */
export function roleOf(framework: number, { layout, roles }: Pick<WorkloadOptions, 'layout' | 'roles'>): string {
  switch (layout) {
    case 'own':
      return `role${framework}`;
    case 'two-level':
      return `group${framework % roles}/role${framework}`;
    case 'spread':
      return `role${framework % roles}`;
  }
  return layout satisfies never;
}
