/**
 * A state as text and back. The text is one JSON document in chunks, versioned and byte-stable: objects by sorted keys,
 * tables by id, so that equal states give equal bytes and nothing depends on how a state came about. Both ways are done
 * in steps of bounded work, so that a host with a big cluster can do other things in between.
 */
import { savedAgent, savedFramework, type AllocatorState } from '../offers/index.js';
import { Table } from '../resources/index.js';
import { finish, inTurns } from '../resources/steps.js';
import { deadlinesOf } from './deadlines.js';
import { runKey } from './offer-runs.js';
import { FORMAT, Restoration, VERSION } from './restoration.js';
import type { ClusterState } from './state.js';
import { chunksOf, Listed, type Piece } from './writing.js';

const HEAD = `{"format":${JSON.stringify(FORMAT)},"version":${VERSION},`;

/**
 * Writes a state in chunks of some ten thousand characters; joined they are one JSON document. What comes between two
 * chunks is bounded, but for one thing: before the first row of a table, all its ids are looked through. Of a cluster
 * with hundreds of thousands of agents use {@link writeState}.
 */
export function* serialize(state: ClusterState): Generator<string, void, undefined> {
  for (const piece of writing(state)) if (piece !== undefined) yield piece;
}

/**
 * Reads a state back. What was damaged on the way is refused: a field of another kind, a row under another key, sums that
 * do not add up, names of what is not there.
 *
 * @throws InputError `bad-state` with the path of what is wrong; `unknown-version`: of a version that this one can't read
 */
export function deserialize(text: Iterable<string>): ClusterState {
  const restoration = new Restoration();
  for (const part of text) finish(restoration.take(part));
  return finish(restoration.end());
}

/**
 * Writes the chunks of {@link serialize} with pauses, in which others have their turn: no turn of its own takes longer
 * than a few milliseconds, whatever the size of the cluster. The state is a value, so the cluster may go on meanwhile.
 *
 * @param pause - resolves when it is this work's turn again; what it throws ends the work
 * @example
 * ```ts
 * import { setImmediate } from 'node:timers/promises';
 * await pipeline(writeState(master.state, setImmediate), createWriteStream('state.json'));
 * ```
 * @remarks Since 0.1.0
 */
export async function* writeState(
  state: ClusterState,
  pause: () => Promise<void>,
): AsyncGenerator<string, void, undefined> {
  for (const piece of writing(state)) {
    if (piece !== undefined) yield piece;
    await pause();
  }
}

/**
 * Reads a state back as {@link deserialize} does, with pauses as in {@link writeState}: as the text comes, and then while it
 * is checked whether its parts agree. The text may be cut anywhere, and is never held as a whole.
 *
 * @param text - in parts of any size, such as a file stream with an encoding gives
 * @param pause - resolves when it is this work's turn again; what it throws ends the work
 * @throws InputError `bad-state` with the path of what is wrong; `unknown-version`: of a version that this one can't read
 * @example
 * ```ts
 * import { setImmediate } from 'node:timers/promises';
 * const state = await readState(createReadStream('state.json', 'utf8'), setImmediate);
 * ```
 * @remarks Since 0.1.0
 */
export async function readState(
  text: AsyncIterable<string> | Iterable<string>,
  pause: () => Promise<void>,
): Promise<ClusterState> {
  const restoration = new Restoration();
  for await (const part of text) await inTurns(restoration.take(part), pause);
  return await inTurns(restoration.end(), pause);
}

/**
 * The chunks of {@link serialize}, in steps of bounded work; `undefined` ends one without text.
 *
 * @param mostParts - values of no more parts, at whatever depth, are written in one piece
 */
export function writing(state: ClusterState, mostParts?: number): Generator<Piece, void, undefined> {
  const { deadlines, removals, offers, offerRuns, allocator, executorHosts: _derived, ...plain } = state;
  const others = {
    deadlines: new Listed(deadlinesOf(deadlines)),
    removals: new Listed(deadlinesOf(removals)),
    offers: new Listed(rowsOf(offers.walk())),
    offerRuns: Table.from(offerRuns.entries().map(([run, row]) => [runKey(run), row] as const)),
    allocator: savedAllocator(allocator),
  };
  return chunksOf({ ...plain, ...others }, HEAD, mostParts);
}

/** The allocator by names: see `offers/saved.ts`. */
function savedAllocator(allocator: AllocatorState): object {
  const { slots: _slots, slotEpochs: _epochs, freeSlots: _free, agents, frameworks, ...named } = allocator;
  return {
    ...named,
    agents: savedTable(agents, (agent) => savedAgent(allocator, agent)),
    frameworks: savedTable(frameworks, savedFramework),
  };
}

/** A table whose rows are written in another form than they have. */
function savedTable<T>(table: Table<T>, save: (row: T) => object): object {
  return { $table: new Listed(savedEntries(table, save)) };
}

function* savedEntries<T>(table: Table<T>, save: (row: T) => object): Generator<[string, object] | undefined> {
  for (const entry of table.inOrder()) yield entry && [entry[0], save(entry[1])];
}

function* rowsOf<T>(entries: Iterable<readonly [string, T]>): Generator<T> {
  for (const [, row] of entries) yield row;
}
