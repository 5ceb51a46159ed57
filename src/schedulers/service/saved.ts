/** A service scheduler as plain JSON, and back. */
import { Table } from '../../resources/index.js';
import {
  damaged,
  flag,
  integer,
  list,
  name,
  nullable,
  oneOf,
  positive,
  readSaved,
  row,
  text,
  whole,
} from '../../resources/reading.js';
import { taskStates } from '../../tasks/index.js';
import { readSavedSpec } from '../common/task-spec.js';
import { isSavedAlike, readDesk, saveDesk, type SavedDesk } from '../desk/saved.js';
import { readSavedApp } from './app.js';
import type { AppRow, Instance, LastEnd, ServiceMachine, Version } from './state.js';

/** The state of a service scheduler as plain JSON. What is in it is not to be relied on, but for `version`. */
export interface ServiceState {
  readonly version: 1;
  readonly kind: 'service';
  readonly desk: SavedDesk;
  /** Apps made so far. */
  readonly numbers: number;
  readonly apps: readonly AppRow[];
}

/** What of a scheduler outlives its process. */
export function saveService({ desk, apps, numbers }: ServiceMachine): ServiceState {
  return { version: 1, kind: 'service', desk: saveDesk(desk), numbers, apps: apps.values() };
}

/** Whether nothing would be saved but what is saved already. */
export function isSameSaved(one: ServiceMachine, other: ServiceMachine): boolean {
  return one.apps === other.apps && isSavedAlike(one.desk, other.desk);
}

const instance = row<Instance>({
  attempt: name,
  slot: whole,
  version: positive,
  healthySince: nullable(integer),
  unhealthySince: nullable(integer),
  failures: whole,
  counted: nullable(text),
});

const version = row<Version>({ number: positive, task: (value) => readSavedSpec(value, '') });

const lastEnd = row<LastEnd>({
  task: name,
  agent: name,
  state: oneOf(taskStates),
  message: nullable(text),
  at: integer,
});

const app = row<AppRow>({
  spec: (value) => readSavedApp(value, ''),
  number: whole,
  version: positive,
  versions: positive,
  older: list(version),
  removed: flag,
  instances: list(instance),
  failures: whole,
  notBefore: nullable(integer),
  lastEnd: nullable(lastEnd),
});

const saved = row<{ readonly [K in keyof ServiceState]: K extends 'desk' ? ServiceMachine['desk'] : ServiceState[K] }>({
  version: (value) => (value === 1 ? 1 : damaged('is no version that is known here')),
  kind: (value) => (value === 'service' ? 'service' : damaged('is not that of a service scheduler')),
  desk: readDesk,
  numbers: whole,
  apps: list(app),
});

/**
 * Reads a state that was saved.
 *
 * @throws InputError `bad-state` with the path of what is damaged.
 */
export function readService(value: unknown): ServiceMachine {
  return readSaved(
    (state) => {
      const { desk, numbers, apps } = saved(state);
      const table = Table.from(apps.map((each) => [each.spec.id, each] as const));
      if (table.size !== apps.length) damaged('has two apps of one id');
      demandAgreement({ desk, numbers, apps: table });
      return { desk, numbers, apps: table };
    },
    value,
    'The saved state',
  );
}

/** Each attempt is that of an instance, and each instance has one. */
function demandAgreement({ desk, apps }: ServiceMachine): void {
  let count = 0;
  for (const { spec, instances, version: newest, older } of apps.values()) {
    const versions = new Set([newest, ...older.map(({ number }) => number)]);
    for (const { attempt, slot, version: runs } of instances) {
      count += 1;
      const known = desk.attempts.get(attempt);
      if (known?.owner !== spec.id || known.slot !== slot) damaged(`has no attempt '${attempt}' of app '${spec.id}'`);
      if (!versions.has(runs)) damaged(`does not know version ${runs} of app '${spec.id}'`);
    }
  }
  if (count !== desk.attempts.size) damaged('has an attempt that is of no app');
}
