import type { Outcome } from './job.js';
import type { Text } from './texts.js';
import { keptLines } from './work.js';

/** What a plain program finds in the texts, one after the other, without chunks, tasks or threads. */
export interface SinglePass {
  readonly counts: ReadonlyMap<string, number>;
  readonly lines: number;
  /** Lengths of the longest lines, longest first, and where they are. */
  readonly longest: readonly Where[];
}

interface Where {
  readonly text: number;
  readonly line: number;
  readonly length: number;
}

/** Counts everything once more, in the plainest way: other code than the tasks run, so that it can contradict them. */
export function singlePass(texts: readonly Text[]): SinglePass {
  const counts = new Map<string, number>();
  let lines = 0;
  let longest: Where[] = [];
  for (const [text, { content }] of texts.entries()) {
    for (const word of wordsOf(content)) counts.set(word, (counts.get(word) ?? 0) + 1);
    let line = 0;
    for (const length of lineLengthsOf(content)) {
      line += 1;
      longest.push({ text, line, length });
    }
    lines += line;
    longest.sort((a, b) => b.length - a.length || a.text - b.text || a.line - b.line);
    longest = longest.slice(0, keptLines);
  }
  return { counts, lines, longest };
}

/** What a job and a single pass disagree on, in words; nothing if they agree. */
export function disagreements(job: Pick<Outcome, 'counts' | 'index'>, plain: SinglePass): readonly string[] {
  const found: string[] = [];
  const differs = (what: string, one: number, other: number): void => {
    if (one !== other) found.push(`${what}: ${one} by the tasks, ${other} in a single pass`);
  };
  const words = new Set([...job.counts.keys(), ...plain.counts.keys()]);
  for (const word of words) differs(`'${word}'`, job.counts.get(word) ?? 0, plain.counts.get(word) ?? 0);
  differs('lines', job.index.lines, plain.lines);
  for (let rank = 0; rank < keptLines; rank += 1) {
    const [one, other] = [placeOf(job.index.longest[rank]), placeOf(plain.longest[rank])];
    if (one !== other) found.push(`long line ${rank + 1}: ${one} by the tasks, ${other} in a single pass`);
  }
  return found;
}

function placeOf(line: Where | undefined): string {
  return line === undefined ? 'none' : `${line.length} characters in line ${line.line} of text ${line.text + 1}`;
}

/** Everything that stands between what is no letter and no digit. */
function* wordsOf(content: string): Generator<string> {
  let begin = 0;
  for (const { index, 0: gap } of content.matchAll(/[^\p{L}\p{N}]+|$/gu)) {
    if (index > begin) yield content.slice(begin, index).toLowerCase();
    begin = index + gap.length;
  }
}

function* lineLengthsOf(content: string): Generator<number> {
  let length = 0;
  let previous = '';
  for (const character of content) {
    // The second half of an end that was seen already.
    const ended = character === '\n' && previous === '\r';
    if (character === '\n' || character === '\r') {
      if (!ended) yield length;
      length = 0;
    } else length += 1;
    previous = character;
  }
  if (length > 0) yield length;
}
