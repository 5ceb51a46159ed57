/** What a workload must be, told with the path of what is not so. */
import { InputError, validateRole } from '../../resources/index.js';
import { quote } from '../../resources/quote.js';
import { checkDuration } from './durations.js';
import { behaviourNames, type Job, type Tenant, type Workload } from './workload.js';

/** A job has so many tasks at most: each is a row while it runs. */
const mostTasks = 10_000_000;

/**
 * Checks who shares the cluster; their quotas are the machine's to check, jobs are checked one by one.
 *
 * @throws InputError `bad-workload`, or what is wrong with the name of a role
 */
export function checkTenants({ tenants, untilMs }: Workload, until: number | undefined = untilMs): void {
  const roles = new Set<string>();
  for (const [index, tenant] of tenants.entries()) {
    const path = `workload.tenants[${index}]`;
    checkRole(tenant.role, path);
    if (roles.has(tenant.role)) refuse(`${path}.role`, `${quote(tenant.role)} is there already`);
    roles.add(tenant.role);
    checkTenant(tenant, path, until);
  }
}

function checkRole(role: string, path: string): void {
  const problem = validateRole(role);
  if (problem !== undefined) throw new InputError(problem.code, `${path}.role`, problem.message);
}

function checkTenant(tenant: Tenant, path: string, until: number | undefined): void {
  const { weight = 1, behaviour = 'greedy', keepsMs = 0, pauseMs = 0, resubmits = 0 } = tenant;
  if (!(weight > 0 && weight < Infinity)) refuse(`${path}.weight`, `a weight can't be ${weight}`);
  if (!behaviourNames.includes(behaviour)) {
    refuse(`${path}.behaviour`, `there is no behaviour ${quote(behaviour)}; there are: ${behaviourNames.join(', ')}`);
  }
  for (const [name, value] of Object.entries({ keepsMs, pauseMs })) {
    if (!(value >= 0 && value < Infinity)) refuse(`${path}.${name}`, `must be 0 ms or more, not ${value}`);
  }
  if (!(resubmits >= 0)) refuse(`${path}.resubmits`, `must be 0 or more, not ${resubmits}`);
  if (resubmits === Infinity && until === undefined) {
    refuse(`${path}.resubmits`, 'without an end of the simulation jobs can not be submitted again for ever');
  }
}

/**
 * Checks a job when it is its turn.
 *
 * @param before when the last one was submitted, ms
 * @throws InputError `bad-workload`
 */
export function checkJob(job: Job, before: number): void {
  const path = `job ${quote(job.id)}`;
  if (!(job.at >= before && job.at < Infinity)) {
    refuse(`${path}.at`, `jobs must come in the order of time: ${job.at} ms is not after ${before} ms`);
  }
  checkRole(job.role, path);
  let tasks = 0;
  for (const [index, { count, lasts }] of job.groups.entries()) {
    if (!Number.isSafeInteger(count) || count < 0) refuse(`${path}.groups[${index}].count`, `can't be ${count}`);
    checkDuration(lasts, `${path}.groups[${index}].lasts`);
    tasks += count;
  }
  if (tasks === 0) refuse(`${path}.groups`, 'a job must have a task');
  if (tasks > mostTasks) refuse(`${path}.groups`, `a job of more than ${mostTasks} tasks is not simulated`);
}

function refuse(path: string, message: string): never {
  throw new InputError('bad-workload', path, `${path}: ${message}`);
}
