import type { Chunk } from './chunks.js';
import { indexLines, mergeIndexes, noLines, type LineIndex } from './lines.js';
import { countWords } from './words.js';

/** What a task is to do: the payload of a task, and what a worker thread is sent. */
export interface Work {
  readonly kind: 'count-words' | 'index-lines';
  readonly chunk: Chunk;
}

/** What a task found, as it travels in the data of its last status. */
export type WordsFound = readonly (readonly [word: string, count: number])[];
export type LinesFound = LineIndex;

/** How many of the longest lines are looked for. */
export const keptLines = 8;

/** Does the work, on whatever thread this is called. */
export function doWork({ kind, chunk }: Work): WordsFound | LinesFound {
  switch (kind) {
    case 'count-words':
      return [...wordsIn(chunk)];
    case 'index-lines':
      return linesIn(chunk);
    default:
      return kind satisfies never;
  }
}

function wordsIn(chunk: Chunk): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { content } of chunk) countWords(content, counts);
  return counts;
}

function linesIn(chunk: Chunk): LineIndex {
  return chunk.map((piece) => indexLines(piece, keptLines)).reduce((a, b) => mergeIndexes(a, b, keptLines), noLines);
}

/**
 * A payload is opaque to the library, so an agent that gets one looks at it.
 *
 * @throws TypeError when it is no work.
 */
export function readWork(payload: unknown): Work {
  if (isRecord(payload)) {
    const { kind, chunk } = payload;
    if ((kind === 'count-words' || kind === 'index-lines') && Array.isArray(chunk) && chunk.every(isPiece)) {
      return { kind, chunk };
    }
  }
  throw new TypeError('the payload is not work for this executor');
}

/** @throws TypeError or SyntaxError when the data of a status is not what counting words gives. */
export function readWords(data: string): WordsFound {
  const found: unknown = JSON.parse(data);
  if (Array.isArray(found) && found.every(isWordCount)) return found;
  throw new TypeError('the task answered something else than counts of words');
}

/** @throws TypeError or SyntaxError when the data of a status is not what indexing lines gives. */
export function readLines(data: string): LinesFound {
  const found: unknown = JSON.parse(data);
  if (isRecord(found)) {
    const { lines, longest } = found;
    if (typeof lines === 'number' && Array.isArray(longest) && longest.every(isLongLine)) return { lines, longest };
  }
  throw new TypeError('the task answered something else than an index of lines');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isPiece(value: unknown): value is Chunk[number] {
  if (!isRecord(value)) return false;
  const { text, firstLine, content } = value;
  return typeof text === 'number' && typeof firstLine === 'number' && typeof content === 'string';
}

function isWordCount(value: unknown): value is WordsFound[number] {
  return Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'number';
}

function isLongLine(value: unknown): value is LineIndex['longest'][number] {
  if (!isRecord(value)) return false;
  const { text, line, length, sample } = value;
  return [text, line, length].every((each) => typeof each === 'number') && typeof sample === 'string';
}
