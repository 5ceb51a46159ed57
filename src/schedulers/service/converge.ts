/** From what runs to what is to run: which instances go, and how many are to come. */
import { InvariantError } from '../../resources/index.js';
import type { Attempt, Desk } from '../desk/desk.js';
import { end } from '../desk/kills.js';
import type { AppSpec } from './app.js';
import { dropApp, setApp, taskOfVersion, type AppRow, type Instance, type ServiceStep } from './state.js';

/** An instance with what is known of its task. */
interface Living {
  readonly instance: Instance;
  readonly attempt: Attempt;
}

/** The attempt of an instance. */
export function attemptOf({ attempts }: Desk, { attempt }: Instance): Attempt {
  const found = attempts.get(attempt);
  if (found === undefined) throw new InvariantError(`An instance has no attempt ${attempt}`);
  return found;
}

/** How many instances must stay healthy while others are replaced. */
export function healthyFloor({ instances, minHealthy, maxSurge }: AppSpec): number {
  const floor = Math.ceil(instances * minHealthy);
  // What rounding would forbid altogether: one must be able to go.
  return Math.ceil(instances * maxSurge) === 0 ? Math.min(floor, instances - 1) : floor;
}

/** Ends what is not to run any more, as far as may be now, and forgets apps of which nothing is left. */
export function retire(step: ServiceStep, app: AppRow): void {
  if (app.removed && app.instances.length === 0) return dropApp(step, app.spec.id);
  const living = app.instances.map((instance) => ({ instance, attempt: attemptOf(step.desk, instance) }));
  const staying = living.filter(({ attempt }) => attempt.ending === null);
  for (const { instance } of app.removed ? staying : goers(step, app, staying)) end(step, instance.attempt);
  forgetVersions(step, app);
}

function goers(step: ServiceStep, app: AppRow, staying: readonly Living[]): readonly Living[] {
  const sick = staying.filter(({ instance }) => isSick(step.at, app, instance));
  const rest = staying.filter((each) => !sick.includes(each));
  const current = rest.filter(({ instance }) => instance.version === app.version);
  const surplus = leastWanted(current).slice(0, Math.max(0, current.length - app.spec.instances));
  const others = rest.filter((each) => !surplus.includes(each));
  return [...sick, ...surplus, ...outdated(app, others)];
}

/** Old instances that may go: those that are not healthy, and of the others as many as are more than must stay. */
function outdated(app: AppRow, staying: readonly Living[]): readonly Living[] {
  const old = staying.filter(({ instance }) => instance.version !== app.version);
  const idle = old.filter(({ instance }) => instance.healthySince === null);
  const healthy = old.filter(({ instance }) => instance.healthySince !== null);
  const healthyNow = staying.filter(({ instance }) => instance.healthySince !== null).length;
  return [...idle, ...healthy.slice(0, Math.max(0, healthyNow - healthyFloor(app.spec)))];
}

/** Those to do without first: not healthy, then launched last. */
function leastWanted(living: readonly Living[]): readonly Living[] {
  const rank = ({ instance }: Living): number => (instance.healthySince === null ? 0 : 1);
  return living
    .map((each, index) => ({ each, index }))
    .sort((one, other) => rank(one.each) - rank(other.each) || other.index - one.index)
    .map(({ each }) => each);
}

/** Whether an instance was unhealthy too often in a row, or for as long as that takes. */
export function isSick(at: number, app: AppRow, instance: Instance): boolean {
  return sickAt(app, instance) <= at;
}

/** When an instance is to be replaced if it does not become healthy, ms; `Infinity` = never. */
export function sickAt(app: AppRow, { version, failures, unhealthySince }: Instance): number {
  if (unhealthySince === null) return Infinity;
  const { consecutiveFailures = 3, intervalMs = 10_000 } = taskOfVersion(app, version).body.healthCheck ?? {};
  if (failures >= Math.max(1, consecutiveFailures)) return unhealthySince;
  // An agent may tell only that it changed.
  return unhealthySince + consecutiveFailures * intervalMs;
}

/** How many instances of the newest version are to be launched now. */
export function missing(step: ServiceStep, app: AppRow): number {
  if (app.removed || (app.notBefore ?? -Infinity) > step.at) return 0;
  const { instances, maxSurge } = app.spec;
  const current = app.instances.filter(
    (instance) => instance.version === app.version && attemptOf(step.desk, instance).ending === null,
  ).length;
  const most = instances + Math.ceil(instances * maxSurge) * Number(isUpdating(app));
  return Math.max(0, Math.min(instances - current, most - app.instances.length));
}

/** Whether something of an older version runs. */
export function isUpdating({ instances, version }: AppRow): boolean {
  return instances.some((instance) => instance.version !== version);
}

function forgetVersions(step: ServiceStep, app: AppRow): void {
  const older = app.older.filter(({ number }) => app.instances.some(({ version }) => version === number));
  if (older.length !== app.older.length) setApp(step, { ...app, older });
}
