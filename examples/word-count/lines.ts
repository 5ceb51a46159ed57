/** One line that is longer than most. */
export interface LongLine {
  /** Which of the texts, by index. */
  readonly text: number;
  /** From 1. */
  readonly line: number;
  /** In characters, which are code points here, without the line end. */
  readonly length: number;
  /** How it begins. */
  readonly sample: string;
}

/** The lines of some texts: how many there are, and the longest of them, longest first. */
export interface LineIndex {
  readonly lines: number;
  readonly longest: readonly LongLine[];
}

const lineEnd = /\r\n|\n|\r/g;
const sampleLength = 80;

export const noLines: LineIndex = { lines: 0, longest: [] };

/** Finds the `keep` longest lines of a piece of a text. */
export function indexLines(
  piece: { readonly text: number; readonly firstLine: number; readonly content: string },
  keep: number,
): LineIndex {
  const lines = piece.content.split(lineEnd);
  // What follows the last line end is a line only if there is something.
  if (lines.at(-1) === '') lines.pop();
  const all = lines.map((content, at): LongLine => ({
    text: piece.text,
    line: piece.firstLine + at,
    length: lengthOf(content),
    sample: content.slice(0, sampleLength),
  }));
  return { lines: lines.length, longest: longestOf(all, keep) };
}

/** The index of two parts together. */
export function mergeIndexes(one: LineIndex, other: LineIndex, keep: number): LineIndex {
  return { lines: one.lines + other.lines, longest: longestOf([...one.longest, ...other.longest], keep) };
}

/** How many line ends a text has. */
export function countLineEnds(content: string): number {
  let ends = 0;
  for (const _ of content.matchAll(lineEnd)) ends += 1;
  return ends;
}

/** Equally long ones in the order of the texts, so that the parts may come in any order. */
function longestOf(lines: readonly LongLine[], keep: number): readonly LongLine[] {
  return [...lines].sort((a, b) => b.length - a.length || a.text - b.text || a.line - b.line).slice(0, keep);
}

function lengthOf(line: string): number {
  let length = 0;
  for (const _ of line) length += 1;
  return length;
}
