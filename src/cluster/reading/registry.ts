/** A registry as a master wrote it down, or an older one did. */
import {
  InputError,
  limits,
  quantities,
  validateId,
  validateRole,
  type Limits,
  type Problem,
  type Quantities,
} from '../../resources/index.js';
import {
  damaged,
  finite,
  list,
  name,
  optional,
  readSaved,
  row,
  text,
  whole,
  type Reader,
} from '../../resources/reading.js';
import { weightOf } from '../../drf/index.js';
import { machineKey } from '../maintenance.js';
import type { Registry } from '../registry.js';
import { service } from './rows.js';
import { unavailability } from './values.js';

/** A text that somebody has a say about. */
function valid(problem: (value: string) => Problem | undefined): Reader<string> {
  return (value) => {
    const found = problem(text(value));
    return found === undefined ? text(value) : damaged(found.message);
  };
}

const id = valid((value) => validateId(value));
const role = valid(validateRole);

/** Rows of which none may say the same as another. */
function distinct<T>(read: Reader<T>, keyOf: (row: T) => string): Reader<readonly T[]> {
  const readAll = list(read);
  return (value) => {
    const found = readAll(value);
    return new Set(found.map(keyOf)).size === found.length ? found : damaged('names something twice');
  };
}

const agent = row<Registry['agents'][number]>({ id, hostname: text, ip: optional(text) });
const away = row<Registry['unreachable'][number]>({ id, since: whole });

const weight: Reader<number> = (value) => {
  weightOf(finite(value));
  return finite(value);
};

/** Amounts as their `toJSON` says them. */
function amounts<T extends Quantities | Limits>(read: (like: never) => T): Reader<ReturnType<T['toJSON']>> {
  return (value) =>
    read((typeof value === 'string' ? value : list((pair) => pair)(value)) as never).toJSON() as ReturnType<
      T['toJSON']
    >;
}

type Maintenance = NonNullable<Registry['maintenance']>;
const machine = row<Maintenance['down'][number]>({ hostname: optional(name), ip: optional(name) });

const registry = row<Registry>({
  version: (value) => (value === 1 ? value : damaged('is none that can be read')),
  masterId: text,
  incarnation: whole,
  agents: distinct(agent, (found) => found.id),
  unreachable: distinct(away, (found) => found.id),
  gone: optional(distinct(away, (found) => found.id)),
  service: optional(distinct(service, (found) => found.id)),
  maintenance: optional(
    row<Maintenance>({
      windows: list(row<Maintenance['windows'][number]>({ machines: list(machine), unavailability })),
      down: distinct(machine, ({ hostname = null, ip = null }) => machineKey({ hostname, ip })),
    }),
  ),
  weights: distinct(row<Registry['weights'][number]>({ role, weight }), (found) => found.role),
  quotas: optional(
    distinct(
      row<NonNullable<Registry['quotas']>[number]>({
        role,
        guarantees: amounts(quantities),
        limits: amounts(limits),
      }),
      (found) => found.role,
    ),
  ),
});

/**
 * Reads a registry.
 *
 * @throws InputError `bad-registry` with the path of what is wrong
 */
export function readRegistry(saved: unknown): Registry {
  const read = readSaved(registry, saved, 'The registry', 'bad-registry');
  const here = new Set(read.agents.map((found) => found.id));
  for (const field of ['unreachable', 'gone'] as const) {
    const twice = read[field]?.findIndex((found) => here.has(found.id)) ?? -1;
    if (twice === -1) continue;
    throw new InputError('bad-registry', `${field}[${twice}].id`, `${field} names an agent that is admitted`);
  }
  return read;
}
