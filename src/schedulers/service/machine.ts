/**
 * The service scheduler as a pure machine: state and input give state and calls. It knows no clock and no luck but its
 * seed.
 *
 * | input | from | what happens |
 * |---|---|---|
 * | subscribed, disconnected, ended | the driver | as for every scheduler: who it is, what became of its tasks |
 * | offers, rescind | the driver | offers are taken into hand, or fall out of it |
 * | update | the driver | an instance is healthy or not, or has ended |
 * | set | the host | an app comes, or is to be another version of itself |
 * | scale, remove | the host | it is to run more or less often, or not at all |
 * | tick | the clock | nothing but that time passes |
 * | settle | the shell, when its queue is empty | what is not to run is ended, what is missing is launched |
 *
 * What is called for must be done in order, and not before the state that goes with it is saved.
 */
import { sameJson } from '../common/reading.js';
import { deskDeadline } from '../desk/deadline.js';
import type { DeskCall } from '../desk/desk.js';
import type { DeskInput } from '../desk/input.js';
import { receive, rescind } from '../desk/offers.js';
import { giveUpLost } from '../desk/statuses.js';
import { forgetFramework, reconcileIfDue, subscribed, unsubscribed } from '../desk/subscription.js';
import type { AppSpec } from './app.js';
import { sickAt } from './converge.js';
import { givenUp, update } from './heard.js';
import { settle } from './placing.js';
import {
  beginServiceStep,
  setApp,
  type AppRow,
  type ServiceMachine,
  type ServiceNews,
  type ServiceSettings,
  type ServiceStep,
} from './state.js';

/** What can happen to a service scheduler. */
export type ServiceInput = DeskInput | ServiceOwnInput;

/** What only the host of a service scheduler can say. */
export type ServiceOwnInput =
  | { readonly type: 'set'; readonly app: AppSpec }
  | { readonly type: 'scale'; readonly app: string; readonly instances: number }
  | { readonly type: 'remove'; readonly app: string };

/** What is owed after an input, in order. */
export type ServiceOutput = DeskCall | ServiceNews;

/**
 * One step of a service scheduler.
 *
 * @param when.at the time, ms.
 */
export function serviceTransition(
  machine: ServiceMachine,
  input: ServiceInput,
  { at, settings }: { readonly at: number; readonly settings: ServiceSettings },
): readonly [ServiceMachine, readonly ServiceOutput[]] {
  const step = beginServiceStep(machine, at, settings);
  for (const attempt of giveUpLost(step)) givenUp(step, attempt);
  reconcileIfDue(step);
  act(step, input);
  const changed = [...step.changed].map((app) => ({ type: 'changed', app }) as const);
  return [{ desk: step.desk, ...step.machine }, [...step.calls, ...step.statuses, ...changed]];
}

/** When something will happen by itself, ms; `Infinity` = never. */
export function nextServiceDeadline(machine: ServiceMachine, settings: ServiceSettings): number {
  let first = deskDeadline(machine.desk, settings);
  const note = (at: number): void => {
    if (at > machine.desk.now) first = Math.min(first, at);
  };
  machine.apps.forEach((app) => {
    if (app.notBefore !== null) note(app.notBefore);
    for (const instance of app.instances) note(sickAt(app, instance));
  });
  return first;
}

function act(step: ServiceStep, input: ServiceInput): void {
  switch (input.type) {
    case 'subscribed':
      subscribed(step, input.framework);
      return;
    case 'disconnected':
      return unsubscribed(step, 'disconnected');
    case 'ended':
      return ended(step, input.code);
    case 'offers':
      return receive(step, input.offers);
    case 'rescind':
      return rescind(step, input.offer);
    case 'update':
      return update(step, input.status);
    case 'set':
      return set(step, input.app);
    case 'scale':
      return change(step, input.app, (app) => ({ ...app, spec: { ...app.spec, instances: input.instances } }));
    case 'remove':
      return change(step, input.app, (app) => ({ ...app, removed: true }));
    case 'tick':
      return;
    case 'settle':
      return settle(step);
  }
  input satisfies never;
}

function change(step: ServiceStep, id: string, by: (app: AppRow) => AppRow): void {
  const app = step.machine.apps.get(id);
  if (app !== undefined) setApp(step, by(app));
}

function set(step: ServiceStep, spec: AppSpec): void {
  const known = step.machine.apps.get(spec.id);
  if (known !== undefined) return setApp(step, asVersion({ ...known, removed: false }, spec));
  const number = step.machine.numbers + 1;
  step.machine = { ...step.machine, numbers: number };
  const fresh = { older: [], removed: false, instances: [], failures: 0, notBefore: null, lastEnd: null };
  setApp(step, { spec, number, version: 1, versions: 1, ...fresh });
}

/** The app as it is to be; what it was that way before, or what differs in no task, is no new version. */
function asVersion(app: AppRow, spec: AppSpec): AppRow {
  if (sameJson(app.spec.task, spec.task)) return { ...app, spec };
  const before = { number: app.version, task: app.spec.task };
  const again = app.older.find(({ task }) => sameJson(task, spec.task));
  const version = again?.number ?? app.versions + 1;
  return {
    ...app,
    spec,
    version,
    versions: Math.max(app.versions, version),
    older: [...app.older.filter(({ number }) => number !== version), before],
    // Another version may start where this one could not.
    failures: 0,
    notBefore: null,
  };
}

/** Of a framework that was removed every task is ended by those who run it, and none of its ids may be used again. */
function ended(step: ServiceStep, code: string): void {
  unsubscribed(step, 'ended');
  if (code !== 'framework-removed') return;
  forgetFramework(step);
  for (const { id } of step.desk.attempts.values()) {
    const lost = { task: id, state: 'lost', terminal: true, source: 'master', timestamp: step.at } as const;
    update(step, { ...lost, reason: 'framework-removed' });
  }
}
