import {
  add,
  allocationRoles,
  mixedRevocable,
  noResources,
  overlaps,
  persistentVolumes,
  problemIn,
  reservationRole,
  resources,
  validateForUse,
  type Problem,
  type Resources,
  type ResourcesLike,
} from '../resources/index.js';
import { quote, shown } from '../resources/quote.js';
import { firstProblem, prefixed } from './problems.js';

/** Resources that could be read, or why they could not. */
export type ReadResources = { readonly resources: Resources } | { readonly problem: Problem };

/** Reads resources as somebody wrote them; a mistake is an answer here, not an exception. */
export function tryResources(like: ResourcesLike, path: string): ReadResources {
  let read = noResources;
  const problem = problemIn(() => {
    read = resources(like, path);
  });
  return problem === undefined ? { resources: read } : { problem };
}

/** No two persistent volumes of one role have the same id (VAL-6). */
export function validateUniquePersistence(used: Resources, path: string = 'resources'): Problem | undefined {
  const seen = new Set<string>();
  for (const item of persistentVolumes(used).items) {
    const id = item.disk?.id ?? '';
    const volume = JSON.stringify([reservationRole(item), id]);
    if (seen.has(volume))
      return { code: 'duplicate-volume', path, message: `Persistence ID ${quote(id)} is not unique` };
    seen.add(volume);
  }
  return undefined;
}

/** Revocable and other resources of one name must not mix (REV-2, VAL-6). */
export function validateRevocableMix(used: Resources, path: string = 'resources'): Problem | undefined {
  const name = mixedRevocable(used);
  if (name === undefined) return undefined;
  return {
    code: 'mixed-revocable',
    path,
    message: `Cannot use both revocable and non-revocable ${quote(name)} at the same time`,
  };
}

/** Every item is allocated, all of them to one role (VAL-6). */
export function validateTaskAllocation(used: Resources, path: string = 'resources'): Problem | undefined {
  if (used.items.some((item) => item.allocated === undefined)) {
    return { code: 'unallocated', path, message: 'The resources are not allocated to a role' };
  }
  return validateOneRole(used, path);
}

function validateOneRole(used: Resources, path: string): Problem | undefined {
  const [role, other] = allocationRoles(used);
  if (other === undefined) return undefined;
  const roles = `(${quote(other)} and ${quote(role)})`;
  const message = `The resources have multiple allocation roles ${roles} but only one allocation role is allowed`;
  return { code: 'many-roles', path, message };
}

/** Items that name a role name that of the offer; the others get it (ACC-10, VAL-6). */
export function validateOfferRole(used: Resources, role: string, path: string = 'resources'): Problem | undefined {
  const other = allocationRoles(used).find((it) => it !== role);
  if (other === undefined) return undefined;
  const message = `The resources are allocated to role ${quote(other)} while the offer is for role ${quote(role)}`;
  return validateOneRole(used, path) ?? { code: 'wrong-role', path, message };
}

/** All items come from one resource provider, or all from the agent itself (RSV-2, VOL-3). */
export function validateSingleProvider(used: Resources, path: string = 'resources'): Problem | undefined {
  const providers = new Set(used.items.map((item) => item.provider));
  if (providers.size <= 1) return undefined;
  const message = providers.has(undefined)
    ? 'Some resources have a resource provider and some do not'
    : `The resources have multiple resource providers: ${shown([...providers].join(', '))}`;
  return { code: 'many-providers', path, message };
}

/** The resources of one task by themselves: volumes unique, revocable unmixed (VAL-6). */
export function validateTaskResources(used: Resources, path: string = 'resources'): Problem | undefined {
  return (
    prefixed('Task uses duplicate persistence ID: ', validateUniquePersistence(used, path)) ??
    prefixed('Task mixes revocable and non-revocable resources: ', validateRevocableMix(used, path))
  );
}

/** A task and its executor together: nothing twice, nothing mixed (VAL-6, VAL-11). */
export function validateTaskAndExecutorResources(
  { task, executor = noResources }: { readonly task: Resources; readonly executor?: Resources },
  path: string = 'resources',
): Problem | undefined {
  const total = add(task, executor);
  const together = 'Task and its executor';
  return firstProblem([
    () => prefixed(`${together} use invalid resources: `, validateForUse(total, path)),
    () =>
      overlaps([task, executor])
        ? {
            code: 'overlapping-resources',
            path,
            message:
              `There are overlapping resources in the task resources ${shown(task)}` +
              ` and executor resources ${shown(executor)}`,
          }
        : undefined,
    () => prefixed(`${together} use duplicate persistence ID: `, validateUniquePersistence(total, path)),
    () => prefixed(`${together} mix revocable and non-revocable resources: `, validateRevocableMix(total, path)),
  ]);
}

/** The tasks of a group and their executor together (VAL-11). */
export function validateGroupResources(
  { tasks, executor = noResources }: { readonly tasks: readonly Resources[]; readonly executor?: Resources },
  path: string = 'tasks',
): Problem | undefined {
  const total = tasks.reduce((sum, used) => add(sum, used), executor);
  const together = 'Task group and executor';
  return firstProblem([
    () => prefixed(`${together} use duplicate persistence ID: `, validateUniquePersistence(total, path)),
    () => prefixed(`${together} mix revocable and non-revocable resources: `, validateRevocableMix(total, path)),
    () =>
      overlaps([...tasks, executor])
        ? {
            code: 'overlapping-resources',
            path,
            message:
              `There are overlapping resources in the task group's task resources ${shown(tasks.join(' and '))}` +
              ` and/or executor resources ${shown(executor)}`,
          }
        : undefined,
  ]);
}
