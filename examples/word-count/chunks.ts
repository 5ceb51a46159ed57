import type { Text } from './texts.js';
import { countLineEnds } from './lines.js';

/** Some whole lines of one text. */
export interface Piece {
  /** Which of the texts, by index. */
  readonly text: number;
  /** Number of its first line, from 1. */
  readonly firstLine: number;
  readonly content: string;
}

/** What one task works on: lines of a long text, or several short texts together. */
export type Chunk = readonly Piece[];

/** Few enough tasks that the work outweighs the way to it, however much text there is. */
const defaultChunks = 200;
const leastChunkSize = 8_192;

/** A chunk size for so many characters. */
export function defaultChunkSize(characters: number): number {
  return Math.max(leastChunkSize, Math.ceil(characters / defaultChunks));
}

/**
 * Splits texts into chunks of about `size` characters. A chunk ends where it has that many and a line ends, so no line,
 * and therefore no word, is ever cut; a line that is longer than a chunk is a chunk.
 */
export function splitTexts(texts: readonly Text[], size: number): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let open: Piece[] = [];
  let room = size;
  for (const [text, { content }] of texts.entries()) {
    let firstLine = 1;
    for (let begin = 0; begin < content.length;) {
      const end = lineEndAfter(content, begin + room - 1);
      const piece = { text, firstLine, content: content.slice(begin, end) };
      open.push(piece);
      firstLine += countLineEnds(piece.content);
      room -= end - begin;
      begin = end;
      if (room > 0) continue;
      chunks.push(open);
      open = [];
      room = size;
    }
  }
  if (open.length > 0) chunks.push(open);
  return chunks;
}

/** Where the line ends that has the character at this position. `\r\n` is not cut either: its end is the `\n`. */
function lineEndAfter(content: string, position: number): number {
  const at = content.indexOf('\n', position);
  return at === -1 ? content.length : at + 1;
}
