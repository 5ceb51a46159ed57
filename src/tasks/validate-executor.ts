import { scalar, validateForUse, validateId, type Problem, type Resources } from '../resources/index.js';
import { cut, shown } from '../resources/quote.js';
import type { TaskContext } from './context.js';
import type { ExecutorInfo, ExecutorLike } from './info.js';
import { firstProblem, prefixed, validateDuration } from './problems.js';
import { readExecutor, sameExecutor } from './read.js';
import { validateCommand, validateContainer } from './validate-checks.js';
import {
  tryResources,
  validateRevocableMix,
  validateOfferRole,
  validateUniquePersistence,
} from './validate-resources.js';

type ExecutorContext = Pick<TaskContext, 'framework' | 'role' | 'executor'>;

/** The least that an executor of a group must have (VAL-10). */
const leastCpus = 0.01;
const leastMem = 32;

function bad(path: string, message: string): Problem {
  return { code: 'bad-executor', path, message };
}

/** What can be said of an executor alone, without an agent or a framework (VAL-4, VAL-5, VAL-8). */
function validateExecutorFields(executor: ExecutorLike, path: string): Problem | undefined {
  return firstProblem([
    () => validateType(executor, path),
    () => validateId(executor.id, `${path}.id`),
    () =>
      validateDuration(executor.shutdownGraceMs, "ExecutorInfo's 'shutdown_grace_period'", `${path}.shutdownGraceMs`),
    () => prefixed("Executor's `CommandInfo` is invalid: ", validateCommand(executor.command, `${path}.command`)),
  ]);
}

function validateType({ type, command, container }: ExecutorLike, path: string): Problem | undefined {
  if (type === 'default' && command !== undefined) {
    return bad(`${path}.command`, "'ExecutorInfo.command' must not be set for 'DEFAULT' executor");
  }
  if (type === 'default' && container !== undefined && container.type !== 'mesos') {
    return bad(`${path}.container.type`, "'ExecutorInfo.container.type' must be 'MESOS' for 'DEFAULT' executor");
  }
  if (type === 'custom' && command === undefined) {
    return bad(`${path}.command`, "'ExecutorInfo.command' must be set for 'CUSTOM' executor");
  }
  return undefined;
}

/** The framework of an executor is the one that launches it (VAL-9). A group must say so, a single task need not. */
function validateFramework(
  { framework: named }: ExecutorLike,
  { framework }: ExecutorContext,
  path: string,
  demanded: boolean,
): Problem | undefined {
  const where = `${path}.framework`;
  if (named === undefined) {
    return demanded
      ? { code: 'wrong-framework', path: where, message: "'ExecutorInfo.framework_id' must be set" }
      : undefined;
  }
  if (named === framework) return undefined;
  const message = `ExecutorInfo has an invalid FrameworkID (Actual: ${cut(named)} vs Expected: ${framework})`;
  return { code: 'wrong-framework', path: where, message };
}

function validateExecutorResources(
  executor: ExecutorLike,
  context: ExecutorContext,
  path: string,
): Problem | undefined {
  const where = `${path}.resources`;
  const read = tryResources(executor.resources ?? [], where);
  if ('problem' in read) return prefixed('Executor uses invalid resources: ', read.problem);
  const { resources: used } = read;
  return firstProblem([
    () => prefixed('Executor uses invalid resources: ', validateForUse(used, where)),
    () => prefixed('Executor uses duplicate persistence ID: ', validateUniquePersistence(used, where)),
    () => prefixed('Invalid executor resources: ', validateOfferRole(used, context.role, where)),
    () => prefixed('Executor mixes revocable and non-revocable resources: ', validateRevocableMix(used, where)),
  ]);
}

/** An executor that runs on the agent under this id must be the very same (VAL-9). */
function validateCompatible(executor: ExecutorLike, context: ExecutorContext, path: string): Problem | undefined {
  const running = context.executor(executor.id);
  if (running === undefined || sameExecutor(running, readExecutor(executor, context))) return undefined;
  const message = `ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID '${executor.id}'`;
  return { code: 'incompatible-executor', path, message };
}

/**
 * Whether an executor may be launched by this framework on this agent, whatever it is to run (VAL-4, VAL-6, VAL-8, VAL-9).
 *
 * @param options.demandFramework whether it must name its framework, as in a group.
 * @returns the first problem in the order of §14, or `undefined`.
 */
export function validateExecutor(
  executor: ExecutorLike,
  context: ExecutorContext,
  { path = 'executor', demandFramework = false }: { readonly path?: string; readonly demandFramework?: boolean } = {},
): Problem | undefined {
  return firstProblem([
    () => validateExecutorFields(executor, path),
    () => validateFramework(executor, context, path, demandFramework),
    () => validateExecutorResources(executor, context, path),
    () => validateCompatible(executor, context, path),
  ]);
}

/** As `validateExecutor`, with the rules for the executor of a single task (VAL-8, VAL-10). */
export function validateTaskExecutor(executor: ExecutorLike, context: ExecutorContext): Problem | undefined {
  const problem = validateExecutor(executor, context);
  if (problem !== undefined) return problem;
  if (executor.type !== undefined && executor.type !== 'custom') {
    return bad('executor.type', "'ExecutorInfo.type' must be 'CUSTOM'");
  }
  if (executor.command === undefined) return bad('executor.command', "'ExecutorInfo.command' must be set");
  return firstProblem([
    () =>
      prefixed("Executor's `ContainerInfo` is invalid: ", validateContainer(executor.container, 'executor.container')),
    () => validateUnshared(readExecutor(executor, context).resources),
    () => validateControlGroup(executor),
  ]);
}

/** As `validateExecutor`, with the rules for the executor of a group (VAL-10, VAL-13, GROUP-1). */
export function validateGroupExecutor(executor: ExecutorLike, context: ExecutorContext): Problem | undefined {
  const problem = validateExecutor(executor, context, { demandFramework: true });
  if (problem !== undefined) return problem;
  if (executor.type === undefined) return bad('executor.type', "'ExecutorInfo.type' must be set");
  if (executor.container?.type === 'docker') {
    return bad('executor.container', 'Docker ContainerInfo is not supported on the executor');
  }
  const { resources } = readExecutor(executor, context);
  return validateLeast(executor.id, resources) ?? validateUnshared(resources) ?? validateControlGroup(executor);
}

/** Executors hold no shared resources (SHARE-1). */
function validateUnshared(used: Resources): Problem | undefined {
  if (used.items.every((item) => item.shared === undefined)) return undefined;
  return bad('executor.resources', `Executor resources ${shown(used)} should not contain any shared resources`);
}

function validateControlGroup({ container }: ExecutorLike): Problem | undefined {
  if (container?.shareCgroups !== true) return undefined;
  const message = "The 'share_cgroups' field cannot be set to 'true' on executor containers";
  return bad('executor.container.shareCgroups', message);
}

/** What too little means is a warning for a single task in Mesos, and an error for a group (VAL-10). */
function validateLeast(id: ExecutorInfo['id'], used: Resources): Problem | undefined {
  const less = (name: string, what: string, least: number): Problem | undefined => {
    const has = scalar(used, name);
    if (has !== undefined && has >= least) return undefined;
    const message = `Executor '${id}' uses less ${what} (${has ?? 'None'}) than the minimum required (${least})`;
    return bad('executor.resources', message);
  };
  return (
    less('cpus', 'CPUs', leastCpus) ??
    less('mem', 'memory', leastMem) ??
    (scalar(used, 'disk') === undefined ? bad('executor.resources', `Executor '${id}' uses no disk`) : undefined)
  );
}
