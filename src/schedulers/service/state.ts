/** A service scheduler as plain immutable data. */
import { Edit, Table } from '../../resources/index.js';
import type { TaskState, TaskStatus } from '../../tasks/index.js';
import type { Packing } from '../common/bins.js';
import type { TaskSpec } from '../common/task-spec.js';
import { emptyDesk, type Attempt, type Desk, type DeskSettings, type DeskStep } from '../desk/desk.js';
import type { AppSpec } from './app.js';

/** One instance of an app, as long as its task may live. */
export interface Instance {
  /** The id of its task. */
  readonly attempt: string;
  /** Its number: the lowest that no other had when it was launched. */
  readonly slot: number;
  /** Which of the app's versions it runs. */
  readonly version: number;
  /** Since when it has been healthy without a break, ms; null = it is not. */
  readonly healthySince: number | null;
  /** Since when it has been unhealthy without a break, ms; null = it is not, or nobody knows. */
  readonly unhealthySince: number | null;
  /** How many statuses in a row said that it is unhealthy. */
  readonly failures: number;
  /** The last status that was counted: it may come again. */
  readonly counted: string | null;
}

/** How an instance ended. */
export interface LastEnd {
  readonly task: string;
  readonly agent: string;
  readonly state: TaskState;
  readonly message: string | null;
  /** When it was heard, ms. */
  readonly at: number;
}

/** A version of an app that runs or is to run. */
export interface Version {
  readonly number: number;
  readonly task: TaskSpec;
}

/** An app, in the form in which it is saved. */
export interface AppRow {
  readonly spec: AppSpec;
  /** In which order apps came. */
  readonly number: number;
  /** What is to run; older versions are in `older` as long as something of them runs. */
  readonly version: number;
  /** Versions so far. */
  readonly versions: number;
  readonly older: readonly Version[];
  /** Nothing of it is to run any more. */
  readonly removed: boolean;
  /** In the order of their launch. */
  readonly instances: readonly Instance[];
  /** How often in a row an instance ended before it was steady. */
  readonly failures: number;
  /** Nothing is launched before, ms; null = at once. */
  readonly notBefore: number | null;
  readonly lastEnd: LastEnd | null;
}

/** A service scheduler. */
export interface ServiceMachine {
  readonly desk: Desk;
  /** By id. */
  readonly apps: Table<AppRow>;
  /** Apps made so far. */
  readonly numbers: number;
}

/** How a service scheduler behaves. */
export interface ServiceSettings extends DeskSettings {
  readonly packing: Packing;
}

/** What a service scheduler tells its host. */
export type ServiceNews =
  | { readonly type: 'changed'; readonly app: string }
  | { readonly type: 'status'; readonly status: TaskStatus; readonly app: string; readonly slot: number };

/** One transition under way. */
export interface ServiceStep extends DeskStep {
  machine: Omit<ServiceMachine, 'desk'>;
  readonly settings: ServiceSettings;
  readonly statuses: Extract<ServiceNews, { type: 'status' }>[];
  /** Apps that are another than before. */
  readonly changed: Set<string>;
  /** A task ended that a constraint of others looked at. */
  looser: boolean;
}

/** A scheduler without apps. */
export function emptyService(seed: number): ServiceMachine {
  return { desk: emptyDesk(seed), apps: Table.empty(), numbers: 0 };
}

/** Begins a transition. Time that goes back stands still. */
export function beginServiceStep(machine: ServiceMachine, at: number, settings: ServiceSettings): ServiceStep {
  const { desk, ...rest } = machine;
  const now = Math.max(desk.now, at);
  return {
    desk: now === desk.now ? desk : { ...desk, now },
    machine: rest,
    at: now,
    edit: new Edit(),
    settings,
    calls: [],
    statuses: [],
    changed: new Set(),
    looser: false,
  };
}

/** Writes an app. */
export function setApp(step: ServiceStep, app: AppRow): void {
  const { id } = app.spec;
  step.machine = { ...step.machine, apps: step.machine.apps.set(id, app, step.edit) };
  step.changed.add(id);
}

/** Forgets an app. */
export function dropApp(step: ServiceStep, id: string): void {
  step.machine = { ...step.machine, apps: step.machine.apps.remove(id, step.edit) };
  step.changed.add(id);
}

/** What an instance runs. */
export function taskOfVersion({ spec, version, older }: AppRow, number: number): TaskSpec {
  return number === version ? spec.task : (older.find((each) => each.number === number)?.task ?? spec.task);
}

/** Whether a task with this description and this last word of it is healthy. */
export function isHealthy(task: TaskSpec, { state, healthy, lostAt }: Attempt): boolean {
  if (state !== 'running' || lostAt !== null) return false;
  return task.body.healthCheck === undefined ? healthy !== false : healthy === true;
}
