/** What is heard of instances: whether they are healthy, and how they end. */
import type { TaskStatus } from '../../tasks/index.js';
import { backOffMs } from '../common/back-off.js';
import { endOf } from '../common/ends.js';
import { draw, type Attempt } from '../desk/desk.js';
import { hear } from '../desk/statuses.js';
import { isHealthy, setApp, taskOfVersion, type AppRow, type Instance, type ServiceStep } from './state.js';

/** Notes a status. */
export function update(step: ServiceStep, status: TaskStatus): void {
  const heard = hear(step, status);
  if (heard === undefined) return;
  const { owner: app, slot } = heard.attempt;
  step.statuses.push({ type: 'status', status, app, slot });
  const row = step.machine.apps.get(app);
  if (row === undefined) return;
  if (heard.type === 'ended') ended(step, row, heard.attempt, status);
  else moved(step, row, heard.now, status);
}

/** An instance was given up: nobody knows whether it lives on. */
export function givenUp(step: ServiceStep, attempt: Attempt): void {
  const row = step.machine.apps.get(attempt.owner);
  if (row === undefined) return;
  const message = 'Nothing was heard of it for too long';
  const lastEnd = { task: attempt.id, agent: attempt.agent, state: attempt.state, message, at: step.at };
  setApp(step, { ...without(step, row, attempt), lastEnd });
}

function moved(step: ServiceStep, row: AppRow, now: Attempt, status: TaskStatus): void {
  const instances = row.instances.map((instance): Instance => {
    if (instance.attempt !== now.id) return instance;
    const healthy = isHealthy(taskOfVersion(row, instance.version), now);
    const sick = now.state === 'running' && now.lostAt === null && now.healthy === false;
    return {
      ...instance,
      healthySince: healthy ? (instance.healthySince ?? step.at) : null,
      unhealthySince: sick ? (instance.unhealthySince ?? step.at) : null,
      ...counted(instance, status, sick),
    };
  });
  setApp(step, { ...row, instances });
}

/** Counts a failed check; an answer to a question, or an update that comes again, is none. */
function counted(
  { failures, counted: last }: Instance,
  { healthy, uuid }: TaskStatus,
  sick: boolean,
): Pick<Instance, 'failures' | 'counted'> {
  if (!sick) return { failures: 0, counted: last };
  if (healthy !== false || uuid === undefined || uuid === last) return { failures, counted: last };
  return { failures: failures + 1, counted: uuid };
}

function ended(step: ServiceStep, row: AppRow, attempt: Attempt, status: TaskStatus): void {
  const { id: task, agent, ending } = attempt;
  const message = status.message ?? status.reason ?? null;
  const lastEnd = { task, agent, state: status.state, message, at: step.at };
  const rest = { ...without(step, row, attempt), lastEnd };
  // What was told to end, or was lost, says nothing about the app.
  if (ending !== null || endOf(status) === 'lost') return setApp(step, rest);
  const instance = row.instances.find((each) => each.attempt === task);
  const since = instance?.healthySince ?? null;
  const wasSteady = since !== null && step.at - since >= row.spec.steadyAfterMs;
  // One of an older version tells nothing about the newest.
  if (instance?.version !== row.version) return setApp(step, rest);
  const failures = wasSteady ? 1 : row.failures + 1;
  const notBefore = step.at + backOffMs(row.spec.backOff, failures, draw(step));
  setApp(step, { ...rest, failures, notBefore });
}

function without(step: ServiceStep, row: AppRow, { id }: Attempt): AppRow {
  if (row.spec.constraints.length > 0) step.looser = true;
  return { ...row, instances: row.instances.filter(({ attempt }) => attempt !== id) };
}
