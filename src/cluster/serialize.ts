/**
 * A state as text and back. The text is one JSON document in chunks, versioned and byte-stable: objects by sorted keys,
 * tables by id, so that equal states give equal bytes and nothing depends on how a state came about.
 */
import { Attributes, InputError, Limits, Quantities, Resources, Table } from '../resources/index.js';
import { quote } from '../resources/quote.js';
import { readSaved } from '../resources/reading.js';
import { deadlinesOf } from './deadlines.js';
import { savedAgent, savedFramework, type AllocatorState } from '../offers/index.js';
import { runKey } from './offer-runs.js';
import { clusterState } from './reading/state.js';
import { demandWhole } from './reading/whole.js';
import type { ClusterState } from './state.js';

const FORMAT = 'proffer-state';
const VERSION = 1;

/** Writes a state in chunks; joined they are one JSON document. */
export function* serialize(state: ClusterState): Generator<string, void, undefined> {
  yield `{"format":${JSON.stringify(FORMAT)},"version":${VERSION}`;
  const { deadlines, removals, offers, offerRuns, allocator, executorHosts: _derived, ...plain } = state;
  const heaps = { deadlines, removals };
  const fields = {
    ...plain,
    offers: Table.from(offers.values().map((row) => [row.offer.id, row])),
    offerRuns: Table.from(offerRuns.entries().map(([run, row]) => [runKey(run), row] as const)),
    allocator: savedAllocator(allocator),
    ...Object.fromEntries(Object.entries(heaps).map(([name, heap]) => [name, deadlinesOf(heap)])),
  };
  for (const [key, value] of sortedEntries(fields)) {
    yield `,${JSON.stringify(key)}:`;
    yield* chunks(value);
  }
  yield '}';
}

/**
 * Reads a state back. What was damaged on the way is refused: a field of another kind, a row under another key, sums that
 * do not add up, names of what is not there.
 *
 * @throws InputError `bad-state` with the path of what is wrong; `unknown-version`: of a version that this one can't read
 */
export function deserialize(text: Iterable<string>): ClusterState {
  const { format, version, ...saved } = parse([...text].join(''));
  if (format !== FORMAT) throw new InputError('bad-state', '', 'This is not a saved cluster state');
  if (version !== VERSION) {
    throw new InputError('unknown-version', 'version', `States of version ${quote(version)} can't be read`);
  }
  const read = (document: unknown): ClusterState => {
    const state = clusterState(document);
    demandWhole(state);
    return state;
  };
  return readSaved(read, saved, 'The saved state');
}

/** The allocator by names: see `offers/saved.ts`. */
function savedAllocator(allocator: AllocatorState): object {
  const { slots: _slots, slotEpochs: _epochs, freeSlots: _free, ...named } = allocator;
  const agents = new Rows(allocator.agents, (agent) => savedAgent(allocator, agent));
  return { ...named, agents, frameworks: new Rows(allocator.frameworks, savedFramework) };
}

/** A table whose rows are written down in another form than they have. */
class Rows<T> {
  readonly table: Table<T>;
  readonly saved: (row: T) => object;

  constructor(table: Table<T>, saved: (row: T) => object) {
    this.table = table;
    this.saved = saved;
  }

  entries(): (readonly [string, object])[] {
    return this.table.entries().map(([id, row]) => [id, this.saved(row)]);
  }
}

/** The big tables come row by row, everything else in one piece. */
function* chunks(value: unknown): Generator<string, void, undefined> {
  if (value instanceof Table || value instanceof Rows) {
    yield '{"$table":[';
    let first = true;
    for (const entry of value.entries()) {
      yield `${first ? '' : ','}${JSON.stringify(encode(entry))}`;
      first = false;
    }
    yield ']}';
  } else if (isPlainObject(value)) {
    yield '{';
    let first = true;
    for (const [key, field] of sortedEntries(value)) {
      yield `${first ? '' : ','}${JSON.stringify(key)}:`;
      yield* chunks(field);
      first = false;
    }
    yield '}';
  } else yield JSON.stringify(encode(value));
}

/** A value as JSON; what JSON has no form for is an object with one `$` key, which no row has. */
function encode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Table) return { $table: value.entries().map(encode) };
  if (value instanceof Resources) return { $resources: value.toJSON() };
  if (value instanceof Quantities) return { $quantities: pairs(value) };
  if (value instanceof Limits) return { $limits: pairs(value) };
  if (value instanceof Attributes) return { $attributes: value.items };
  if (Array.isArray(value)) return value.map(encode);
  return Object.fromEntries(sortedEntries(value).map(([key, field]) => [key, encode(field)]));
}

/** Thousandths, exactly. */
function pairs({ names, millis }: Quantities | Limits): readonly (readonly [string, number])[] {
  return names.map((name, index) => [name, millis[index] ?? 0] as const);
}

function sortedEntries(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function parse(text: string): Record<string, unknown> {
  try {
    const document: unknown = JSON.parse(text);
    if (isPlainObject(document)) return document as Record<string, unknown>;
  } catch {
    // Falls through: text that is no JSON is no state.
  }
  throw new InputError('bad-state', '', 'This is not a saved cluster state');
}
