/** A desk as plain JSON, and back. What ends with the process is not saved. */
import { Table } from '../../resources/index.js';
import {
  damaged,
  flag,
  integer,
  list,
  name,
  nullable,
  oneOf,
  row,
  text,
  whole,
  type Reader,
} from '../../resources/reading.js';
import { taskStates } from '../../tasks/index.js';
import { emptyDesk, type Attempt, type Desk } from './desk.js';

/** A desk as it is saved. */
export interface SavedDesk extends Omit<Desk, 'attempts' | 'session'> {
  readonly attempts: readonly Attempt[];
}

/** What of a desk outlives the process. */
export function saveDesk({ now, seed, framework, launches, draws, abandoned, attempts }: Desk): SavedDesk {
  return { now, seed, framework, launches, draws, abandoned, attempts: attempts.values() };
}

/** Whether both would be saved alike, but for the time and used luck, which nothing depends on. */
export function isSavedAlike(one: Desk, other: Desk): boolean {
  return (
    one.attempts === other.attempts &&
    one.framework === other.framework &&
    one.launches === other.launches &&
    one.abandoned === other.abandoned
  );
}

const place: Reader<readonly [string, string]> = (value) => {
  const [attribute, at, ...more] = list(text)(value);
  return attribute === undefined || at === undefined || more.length > 0 ? damaged('is no pair') : [attribute, at];
};

const attempt: Reader<Attempt> = row<Attempt>({
  id: name,
  owner: name,
  slot: whole,
  agent: name,
  hostname: text,
  role: name,
  launchedAt: integer,
  state: oneOf(taskStates),
  healthy: nullable(flag),
  lostAt: nullable(integer),
  ending: nullable(row<NonNullable<Attempt['ending']>>({ graceMs: nullable(whole) })),
  ports: list(whole),
  places: list(place),
});

const saved = row<SavedDesk>({
  now: integer,
  seed: integer,
  framework: nullable(name),
  launches: whole,
  draws: whole,
  abandoned: whole,
  attempts: list(attempt),
});

/** Reads a desk that was saved. */
export const readDesk: Reader<Desk> = (value) => {
  const { attempts, ...rest } = saved(value);
  const table = Table.from(attempts.map((each) => [each.id, each] as const));
  if (table.size !== attempts.length) damaged('has two attempts of one id');
  return { ...emptyDesk(rest.seed), ...rest, attempts: table };
};
