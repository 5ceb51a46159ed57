/**
 * What frameworks refused of one agent, and until when, in a few bytes each: mostly everybody refused the same, so it is
 * kept once; of each refusal there is a bit, and the instant at which it ends. Whose a bit is, is said by its slot (see
 * `slots.ts`). Everything here is immutable.
 */
import { equals, type Numbered, type Resources } from '../resources/index.js';
import { countBits } from '../resources/bits.js';
import type { ClientSlot } from './slots.js';

/**
 * When a refusal ends, ms; below 0 = at that instant all the same, but only after the batch of it (FILT-3). Instants of
 * refusals are above 0: they last at least as long as the interval between batches.
 */
export type End = number;

/** The refusals of up to 32 clients whose slots follow each other. */
interface Chunk {
  /** A bit for each client that refused. */
  readonly bits: number;
  /** One for each bit, the lowest first. */
  readonly ends: readonly End[];
  /** None was void when the allocator's epoch was this: only later clearings can void one here. */
  readonly asOf: number;
  /** No refusal here ends before. */
  readonly least: End;
}

/** All who refused the same of an agent. */
export interface RefusalGroup {
  readonly refused: Resources;
  /** They did not refuse it, they did not answer. */
  readonly silence: boolean;
  /** By slot / 32. */
  readonly chunks: readonly (Chunk | null)[];
  /** How many refusals there are, void ones too. */
  readonly count: number;
  /** As for a chunk, of all of them; a chunk may know of a later epoch. */
  readonly asOf: number;
  /** No refusal here ends before. */
  readonly least: End;
}

/** What frameworks refused of one agent. */
export interface Refusals {
  readonly groups: readonly RefusalGroup[];
  /** Number of the input that installed the newest. */
  readonly seq: number;
}

/** Nobody refused anything. */
export const noRefusals: Refusals = Object.freeze({ groups: Object.freeze([]), seq: 0 });

const bitsPerChunk = 5;
const places = (1 << bitsPerChunk) - 1;

/** An end as one number. */
export function endOf(expiresAt: number, once: boolean): End {
  return once ? -expiresAt : expiresAt;
}

/** Whether what ends then still hides something at `now`; `batch` = in the batch of this instant. */
export function isRunning(end: End, now: number, batch: boolean): boolean {
  return end > 0 ? now < end : now < -end || (batch && now === -end);
}

/** Whether one ends before another. */
export function endsBefore(a: End, b: End): boolean {
  const at = Math.abs(a);
  const other = Math.abs(b);
  return at < other || (at === other && a > b);
}

/** Which clients there are, for telling what is void. */
export interface SlotBook {
  readonly slots: Numbered<ClientSlot>;
  /** By slot / 32: the epoch of the newest change of one of these slots. */
  readonly slotEpochs: Numbered<number>;
  readonly epoch: number;
}

/** The instant that matters for what is over. */
export interface Moment {
  readonly now: number;
  readonly batch: boolean;
}

/** Who refused, and until when. */
export interface Refused {
  readonly slot: number;
  readonly end: End;
}

/** With one refusal more. What is void or over among its neighbours is let go. */
export function withRefusal(
  refusals: Refusals,
  added: Refused & { readonly refused: Resources; readonly silence: boolean; readonly seq: number },
  book: SlotBook,
  moment: Moment,
): Refusals {
  const { slot, end, refused, silence, seq } = added;
  const at = slot >>> bitsPerChunk;
  for (const [index, group] of refusals.groups.entries()) {
    if (group.silence !== silence || !equals(group.refused, refused)) continue;
    const chunk = liveChunk(group, at, book, moment);
    // Whoever refused the same twice has two refusals: the second is of a group of its own.
    if (chunk !== null && (chunk.bits & (1 << (slot & places))) !== 0) continue;
    const groups = [...refusals.groups];
    groups[index] = withChunk(group, at, withBit(chunk, slot & places, end, book.epoch));
    return { groups, seq };
  }
  const chunks = Array<Chunk | null>(at + 1).fill(null);
  chunks[at] = withBit(null, slot & places, end, book.epoch);
  const group: RefusalGroup = { refused, silence, chunks, count: 1, asOf: book.epoch, least: end };
  return { groups: [...refusals.groups, group], seq };
}

function withBit(chunk: Chunk | null, place: number, end: End, epoch: number): Chunk {
  const bit = 1 << place;
  if (chunk === null) return { bits: bit, ends: [end], asOf: epoch, least: end };
  const rank = countBits(chunk.bits & (bit - 1));
  const ends = Array<End>(chunk.ends.length + 1);
  for (let i = 0; i < rank; i += 1) ends[i] = chunk.ends[i] as End;
  ends[rank] = end;
  for (let i = rank; i < chunk.ends.length; i += 1) ends[i + 1] = chunk.ends[i] as End;
  return { bits: chunk.bits | bit, ends, asOf: chunk.asOf, least: endsBefore(end, chunk.least) ? end : chunk.least };
}

function withChunk(group: RefusalGroup, at: number, chunk: Chunk): RefusalGroup {
  const before = group.chunks[at] ?? null;
  const chunks = group.chunks.slice();
  while (chunks.length <= at) chunks.push(null);
  chunks[at] = chunk;
  const count = group.count - (before?.ends.length ?? 0) + chunk.ends.length;
  const least = endsBefore(chunk.least, group.least) ? chunk.least : group.least;
  return { refused: group.refused, silence: group.silence, chunks, count, asOf: group.asOf, least };
}

/** A chunk without what is void or over; null = nothing is left. The same chunk if nothing is. */
function liveChunk(group: RefusalGroup, at: number, book: SlotBook, { now, batch }: Moment): Chunk | null {
  const chunk = group.chunks[at];
  if (chunk == null) return null;
  const asOf = Math.max(chunk.asOf, group.asOf);
  if (isAllValid(book, at, asOf) && isRunning(chunk.least, now, batch)) return chunk;
  return keepIn(chunk, at, book.epoch, (slot, end) => isValid(book, slot, asOf) && isRunning(end, now, batch));
}

/** Whether no client of 32 has cleared what it refused since. */
function isAllValid({ slotEpochs, epoch }: SlotBook, at: number, asOf: number): boolean {
  return asOf === epoch || (slotEpochs.get(at) ?? 0) <= asOf;
}

/** A refusal counts unless its client has cleared what it refused since, or is not there any more (FILT-5). */
function isValid({ slots, epoch }: SlotBook, slot: number, asOf: number): boolean {
  if (asOf === epoch) return true;
  const client = slots.get(slot);
  return client !== undefined && client.epoch <= asOf;
}

function keepIn(chunk: Chunk, at: number, asOf: number, keep: (slot: number, end: End) => boolean): Chunk | null {
  let bits = 0;
  let least: End | undefined;
  const ends: End[] = [];
  eachIn(chunk, at, (slot, end) => {
    if (!keep(slot, end)) return;
    bits |= 1 << (slot & places);
    ends.push(end);
    if (least === undefined || endsBefore(end, least)) least = end;
  });
  return least === undefined ? null : { bits, ends: ends.slice(), asOf, least };
}

function eachIn(chunk: Chunk, at: number, visit: (slot: number, end: End) => void): void {
  let rank = 0;
  for (let rest = chunk.bits; rest !== 0; rest &= rest - 1) {
    visit((at << bitsPerChunk) + placeOf(rest), chunk.ends[rank++] as End);
  }
}

/** The place of the lowest bit that is set. */
function placeOf(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** Without what is void or over; the same if there is nothing to let go. */
export function liveRefusals(refusals: Refusals, book: SlotBook, moment: Moment): Refusals {
  let groups: RefusalGroup[] | undefined;
  for (const [index, group] of refusals.groups.entries()) {
    const live = liveGroup(group, book, moment);
    if (live === group) {
      groups?.push(group);
      continue;
    }
    groups ??= refusals.groups.slice(0, index);
    if (live !== null) groups.push(live);
  }
  if (groups === undefined) return refusals;
  return groups.length === 0 ? noRefusals : { groups, seq: refusals.seq };
}

function liveGroup(group: RefusalGroup, book: SlotBook, moment: Moment): RefusalGroup | null {
  if (group.asOf === book.epoch && isRunning(group.least, moment.now, moment.batch)) return group;
  const chunks = group.chunks.map((_, at) => liveChunk(group, at, book, moment));
  return chunks.every((chunk, at) => chunk === group.chunks[at]) ? group : rebuilt(group, chunks, book.epoch);
}

/** Without those refusals of a client that were silence. */
export function withoutSilence(refusals: Refusals, slot: number): Refusals {
  const at = slot >>> bitsPerChunk;
  const bit = 1 << (slot & places);
  let changed = false;
  const groups: RefusalGroup[] = [];
  for (const group of refusals.groups) {
    const chunk = group.chunks[at] ?? null;
    if (!group.silence || chunk === null || (chunk.bits & bit) === 0) {
      groups.push(group);
      continue;
    }
    changed = true;
    const chunks = group.chunks.slice();
    chunks[at] = keepIn(chunk, at, chunk.asOf, (other) => other !== slot);
    const left = rebuilt(group, chunks, group.asOf);
    if (left !== null) groups.push(left);
  }
  if (!changed) return refusals;
  return groups.length === 0 ? noRefusals : { groups, seq: refusals.seq };
}

/** The group with other chunks, in which all was valid as of then; null if nothing is in them. */
function rebuilt(group: RefusalGroup, chunks: readonly (Chunk | null)[], asOf: number): RefusalGroup | null {
  let count = 0;
  let least: End | undefined;
  for (const chunk of chunks) {
    if (chunk === null) continue;
    count += chunk.ends.length;
    if (least === undefined || endsBefore(chunk.least, least)) least = chunk.least;
  }
  if (least === undefined) return null;
  return { refused: group.refused, silence: group.silence, chunks, count, asOf, least };
}

/** When a client's refusal in a group ends; undefined = there is none that counts. */
export function refusalIn(group: RefusalGroup, slot: number, book: SlotBook): End | undefined {
  const chunk = group.chunks[slot >>> bitsPerChunk];
  if (chunk == null) return undefined;
  const bit = 1 << (slot & places);
  if ((chunk.bits & bit) === 0 || !isValid(book, slot, Math.max(chunk.asOf, group.asOf))) return undefined;
  return chunk.ends[countBits(chunk.bits & (bit - 1))];
}

/** Visits every refusal that counts and is not over, in the order of slots. */
export function eachRefusal(
  group: RefusalGroup,
  book: SlotBook,
  { now, batch }: Moment,
  visit: (slot: number, end: End) => void,
): void {
  for (const [at, chunk] of group.chunks.entries()) {
    if (chunk === null) continue;
    const asOf = Math.max(chunk.asOf, group.asOf);
    eachIn(chunk, at, (slot, end) => {
      if (isValid(book, slot, asOf) && isRunning(end, now, batch)) visit(slot, end);
    });
  }
}

/** Whether every one of so many clients is in a group, none of them void and none over: without looking at one of them. */
export function isWhole(group: RefusalGroup, clients: number, { epoch }: SlotBook, { now, batch }: Moment): boolean {
  return group.count === clients && group.asOf === epoch && isRunning(group.least, now, batch);
}

/** The clients of a word, 32 slots, that a group hides something from, as bits. */
export function hiddenBits(group: RefusalGroup, word: number, book: SlotBook, { now, batch }: Moment): number {
  const chunk = group.chunks[word];
  if (chunk == null) return 0;
  const asOf = Math.max(chunk.asOf, group.asOf);
  if (isAllValid(book, word, asOf) && isRunning(chunk.least, now, batch)) return chunk.bits;
  let bits = 0;
  eachIn(chunk, word, (slot, end) => {
    if (isValid(book, slot, asOf) && isRunning(end, now, batch)) bits |= 1 << (slot & places);
  });
  return bits;
}

/**
 * When the first refusal of a group that counts and is not over ends; undefined = there is none. It follows from what
 * counts alone, not from what was let go before or how refusals came into groups: a state that was saved and read parks as
 * the one that went on.
 */
export function leastEnd(group: RefusalGroup, book: SlotBook, { now, batch }: Moment): End | undefined {
  if (group.asOf === book.epoch && isRunning(group.least, now, batch)) return group.least;
  let least: End | undefined;
  for (const [at, chunk] of group.chunks.entries()) {
    if (chunk === null) continue;
    const asOf = Math.max(chunk.asOf, group.asOf);
    if (isAllValid(book, at, asOf) && isRunning(chunk.least, now, batch)) least = sooner(least, chunk.least);
    else {
      eachIn(chunk, at, (slot, end) => {
        if (isValid(book, slot, asOf) && isRunning(end, now, batch)) least = sooner(least, end);
      });
    }
  }
  return least;
}

function sooner(least: End | undefined, end: End): End {
  return least === undefined || endsBefore(end, least) ? end : least;
}
