/**
 * A state as text and back. The text is one JSON document in chunks, versioned and byte-stable: objects by sorted keys,
 * tables by id, so that equal states give equal bytes and nothing depends on how a state came about.
 */
import {
  Attributes,
  InputError,
  Limits,
  Quantities,
  Resources,
  Table,
  attributes as readAttributes,
  resources as readResources,
} from '../resources/index.js';
import { deadlinesOf, heapOf, type Deadline, type DeadlineHeap } from './deadlines.js';
import { emptyCluster, type ClusterState } from './state.js';

const FORMAT = 'proffer-state';
const VERSION = 1;

/** Writes a state in chunks; joined they are one JSON document. */
export function* serialize(state: ClusterState): Generator<string, void, undefined> {
  yield `{"format":${JSON.stringify(FORMAT)},"version":${VERSION}`;
  const { awakeDeadlines, deadlines, ...plain } = state;
  const fields = { ...plain, awakeDeadlines: deadlinesOf(awakeDeadlines), deadlines: deadlinesOf(deadlines) };
  for (const [key, value] of sortedEntries(fields)) {
    yield `,${JSON.stringify(key)}:`;
    yield* chunks(value);
  }
  yield '}';
}

/**
 * Reads a state back.
 *
 * @throws InputError `bad-state`: not a state at all; `unknown-version`: of a version that this one can't read
 */
export function deserialize(text: Iterable<string>): ClusterState {
  const document = parse([...text].join(''));
  if (document['format'] !== FORMAT) throw new InputError('bad-state', '', 'This is not a saved cluster state');
  if (document['version'] !== VERSION) {
    throw new InputError(
      'unknown-version',
      'version',
      `States of version ${String(document['version'])} can't be read`,
    );
  }
  const missing = Object.keys(emptyCluster()).find((key) => !Object.hasOwn(document, key));
  if (missing !== undefined) throw new InputError('bad-state', missing, `The saved state has no ${missing}`);
  try {
    return readState(document);
  } catch (error) {
    // A value that was changed by hand or cut short: whatever reads it says no, but not that it is a saved state.
    const why = error instanceof Error ? error.message : String(error);
    throw new InputError('bad-state', '', `The saved state can't be read: ${why}`);
  }
}

function readState(document: Readonly<Record<string, unknown>>): ClusterState {
  const { format: _format, version: _version, awakeDeadlines, deadlines, ...rest } = document;
  const fields = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, decode(value)]));
  return {
    ...fields,
    awakeDeadlines: readHeap(awakeDeadlines),
    deadlines: readHeap(deadlines),
  } as unknown as ClusterState;
}

/** The big tables come row by row, everything else in one piece. */
function* chunks(value: unknown): Generator<string, void, undefined> {
  if (value instanceof Table) {
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

function decode(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(decode);
  const [[key, field] = ['', undefined], ...others] = Object.entries(value);
  if (others.length === 0 && key.startsWith('$')) return decodeTagged(key, field);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, decode(inner)]));
}

function decodeTagged(tag: string, field: unknown): unknown {
  switch (tag) {
    case '$table':
      return Table.from(decode(field) as [string, unknown][]);
    case '$resources':
      return readResources(field as Parameters<typeof readResources>[0]);
    case '$quantities':
      return new Quantities(...columns(field));
    case '$limits':
      return new Limits(...columns(field));
    case '$attributes':
      return readAttributes(field as Parameters<typeof readAttributes>[0]);
    default:
      throw new InputError('bad-state', tag, `A saved state has no ${tag}`);
  }
}

/** Thousandths, exactly. */
function pairs({ names, millis }: Quantities | Limits): readonly (readonly [string, number])[] {
  return names.map((name, index) => [name, millis[index] ?? 0] as const);
}

function columns(field: unknown): readonly [names: readonly string[], millis: readonly number[]] {
  const rows = field as readonly (readonly [string, number])[];
  return [rows.map(([name]) => name), rows.map(([, milli]) => milli)];
}

function readHeap(value: unknown): DeadlineHeap {
  return heapOf(decode(value) as readonly Deadline[]);
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
