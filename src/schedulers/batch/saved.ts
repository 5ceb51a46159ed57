/** A batch scheduler as plain JSON, and back. */
import { Table } from '../../resources/index.js';
import {
  damaged,
  flag,
  integer,
  list,
  name,
  nullable,
  oneOf,
  readSaved,
  row,
  text,
  whole,
  type Reader,
} from '../../resources/reading.js';
import { taskStates } from '../../tasks/index.js';
import { readDesk, saveDesk, isSavedAlike, type SavedDesk } from '../desk/saved.js';
import { readSavedJob, type JobSpec } from './job.js';
import { emptyBatch, slotPlaces, type BatchMachine, type JobRow, type LastWord, type Slot } from './state.js';

/**
 * The state of a batch scheduler as plain JSON: give it to `save` of whatever keeps things, and as `restore` to the next
 * scheduler. What is in it is not to be relied on, but for `version`.
 */
export interface BatchState {
  readonly version: 1;
  readonly kind: 'batch';
  readonly desk: SavedDesk;
  /** Jobs made so far. */
  readonly numbers: number;
  readonly jobs: readonly JobRow[];
}

/** What of a scheduler outlives its process. */
export function saveBatch({ desk, open, done, numbers }: BatchMachine): BatchState {
  return { version: 1, kind: 'batch', desk: saveDesk(desk), numbers, jobs: [...open.values(), ...done.values()] };
}

/** Whether nothing would be saved but what is saved already. */
export function isSameSaved(one: BatchMachine, other: BatchMachine): boolean {
  return one.open === other.open && one.done === other.done && isSavedAlike(one.desk, other.desk);
}

const lastWord = row<LastWord>({
  task: name,
  agent: name,
  state: oneOf(taskStates),
  message: nullable(text),
  at: integer,
});

const slot = row<Slot>({
  state: oneOf(['waiting', 'live', 'finished', 'failed', 'dropped']),
  attempt: nullable(name),
  attempts: whole,
  failures: whole,
  losses: whole,
  notBefore: nullable(integer),
  last: nullable(lastWord),
});

const spec: Reader<JobSpec> = (value) => readSavedJob(value, '');

const job = row<JobRow>({
  spec,
  number: whole,
  addedAt: integer,
  deadline: nullable(integer),
  slots: list(slot),
  waiting: whole,
  live: whole,
  startedAt: nullable(integer),
  outcome: nullable(oneOf(['finished', 'failed', 'skipped', 'cancelled'])),
  why: nullable(text),
  endedAt: nullable(integer),
  restarting: flag,
  failures: whole,
  losses: whole,
  holds: whole,
  notBefore: nullable(integer),
});

const saved = row<{ readonly [K in keyof BatchState]: K extends 'desk' ? BatchMachine['desk'] : BatchState[K] }>({
  version: (value) => (value === 1 ? 1 : damaged('is no version that is known here')),
  kind: (value) => (value === 'batch' ? 'batch' : damaged('is not that of a batch scheduler')),
  desk: readDesk,
  numbers: whole,
  jobs: list(job),
});

/**
 * Reads a state that was saved.
 *
 * @throws InputError `bad-state` with the path of what is damaged.
 */
export function readBatch(value: unknown): BatchMachine {
  return readSaved((state) => assembled(saved(state)), value, 'The saved state', 'bad-state');
}

function assembled({ desk, numbers, jobs }: ReturnType<typeof saved>): BatchMachine {
  const open = jobs.filter(({ endedAt }) => endedAt === null);
  const done = jobs.filter(({ endedAt }) => endedAt !== null);
  const byId = (rows: readonly JobRow[]): Table<JobRow> =>
    Table.from(rows.map((each) => [each.spec.id, each] as const));
  const machine = { ...emptyBatch(desk.seed), desk, numbers, open: byId(open), done: byId(done) };
  if (new Set(jobs.map(({ spec: { id } }) => id)).size !== jobs.length) damaged('has two jobs of one id');
  demandAgreement(machine);
  return { ...machine, dependents: dependentsIn(open) };
}

/** Each attempt is that of a live instance, and each live instance has one. */
function demandAgreement({ desk, open, done }: BatchMachine): void {
  let live = 0;
  for (const row of [...open.values(), ...done.values()]) {
    const { id } = row.spec;
    if (row.slots.length !== slotPlaces(row.spec).length) damaged(`has another number of instances for job '${id}'`);
    const count = (state: Slot['state']): number => row.slots.filter((each) => each.state === state).length;
    if (row.waiting !== count('waiting') || row.live !== count('live'))
      damaged(`miscounts the instances of job '${id}'`);
    for (const [index, { state, attempt }] of row.slots.entries()) {
      if ((state === 'live') !== (attempt !== null)) damaged(`has an attempt that is not live in job '${id}'`);
      if (attempt === null) continue;
      live += 1;
      const known = desk.attempts.get(attempt);
      if (known?.owner !== id || known.slot !== index) damaged(`has no attempt '${attempt}' of job '${id}'`);
    }
  }
  if (live !== desk.attempts.size) damaged('has an attempt that is of no job');
}

/** By job, the open ones that wait for it. */
function dependentsIn(open: readonly JobRow[]): Table<readonly string[]> {
  const ids = new Set(open.map(({ spec: { id } }) => id));
  const dependents = new Map<string, string[]>();
  for (const {
    spec: { id, after },
  } of open) {
    for (const other of after) if (ids.has(other)) dependents.set(other, [...(dependents.get(other) ?? []), id]);
  }
  return Table.from(dependents);
}
